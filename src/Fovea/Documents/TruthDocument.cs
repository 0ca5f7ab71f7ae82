using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>Units against the factors that made the images, where the program drew these itself: <c>truth.json</c>.</summary>
/// <param name="Images">Images measured on.</param>
/// <param name="Groups">Neurons, dictionaries, random directions.</param>
public sealed record TruthDocument(int Images, IReadOnlyList<TruthGroup> Groups) : IDocument
{
    /// <summary>File name.</summary>
    public const string FileName = "truth.json";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;
}

/// <summary>A set of directions against the truth.</summary>
public sealed record TruthGroup
{
    /// <summary><c>neurons</c>, a dictionary's name, <c>random</c> or <c>random-N</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Directions.</summary>
    public required int Units { get; init; }

    /// <summary>Those that are never active.</summary>
    public required int Silent { get; init; }

    /// <summary>Mean over factors of the best F1 that a unit reaches.</summary>
    public required double MeanBestF1 { get; init; }

    /// <summary>Its standard error.</summary>
    public required double StandardError { get; init; }

    /// <summary>The same for shuffled labels.</summary>
    public required double ShuffledBestF1 { get; init; }

    /// <summary>What calling every image positive reaches.</summary>
    public required double FloorF1 { get; init; }

    /// <summary>Units that are ever active.</summary>
    public required int Live { get; init; }

    /// <summary>Mean over these units of their best F1; null where there are none.</summary>
    public double? LiveBestF1 { get; init; }

    /// <summary>Mean over factors of the best AUROC; null where none could be had.</summary>
    public double? MeanBestAuroc { get; init; }

    /// <summary>The factors.</summary>
    public required IReadOnlyList<TruthFactor> Factors { get; init; }
}

/// <summary>A true factor, such as <c>shape=circle</c>, and the unit that tells it best.</summary>
/// <param name="Name">The factor.</param>
/// <param name="Unit">The unit.</param>
/// <param name="F1">Its F1.</param>
/// <param name="Auroc">Its AUROC.</param>
/// <param name="Prevalence">Share of the positions or images that have the factor.</param>
public sealed record TruthFactor(string Name, int Unit, double? F1, double? Auroc, double Prevalence);
