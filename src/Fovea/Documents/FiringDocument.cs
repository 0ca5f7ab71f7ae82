using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>
/// What in its strongest image makes a unit fire, for the units of a source with the largest effects: <c>firing.json</c>. Definitions in
/// docs/reference/metrics.md.
/// </summary>
public sealed record FiringDocument : ICheckedDocument
{
    /// <summary>File name.</summary>
    public const string FileName = "firing.json";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>The layer.</summary>
    public required string Layer { get; init; }

    /// <summary><c>neurons</c>, or the dictionary's name.</summary>
    public required string Source { get; init; }

    /// <summary>Patches of a side of the image.</summary>
    public required int Grid { get; init; }

    /// <summary>Points on the way from the mean colour to the image.</summary>
    public required int IntegrationSteps { get; init; }

    /// <summary>Random orders beside the attribution's.</summary>
    public required int RandomOrders { get; init; }

    /// <summary>The units, that with the largest effect first.</summary>
    public required IReadOnlyList<FiringUnit> Units { get; init; }

    /// <inheritdoc/>
    public string? Inconsistency()
    {
        if (StoredPicture.Inconsistency(Units.Select(unit => unit.Picture)) is { } picture) return picture;
        return Units.Any(unit => unit.Patches.Count != Grid || unit.Patches.Any(row => row.Count != Grid))
            ? $"patches are not {Grid} × {Grid}" : null;
    }
}

/// <summary>What makes one unit fire.</summary>
/// <param name="Unit">Neuron or latent.</param>
/// <param name="Image">Id of the image on which it is largest.</param>
/// <param name="Picture">That image as the network sees it.</param>
/// <param name="Y">Row of the layer's grid at which it is.</param>
/// <param name="X">Its column.</param>
/// <param name="Value">Its activation there; of a latent before the activation function.</param>
/// <param name="Patches">What each patch adds, <c>[grid][grid]</c>.</param>
/// <param name="Deletion">Area while patches are taken away, the largest attribution first; low is good.</param>
/// <param name="DeletionRandom">In random orders.</param>
/// <param name="Insertion">Area while patches are put in, the largest attribution first; high is good.</param>
/// <param name="InsertionRandom">In random orders.</param>
public sealed record FiringUnit(
    int Unit, string Image, StoredPicture Picture, int Y, int X, double Value, IReadOnlyList<IReadOnlyList<float>> Patches,
    double Deletion, double DeletionRandom, double Insertion, double InsertionRandom);
