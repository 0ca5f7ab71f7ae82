using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>
/// One image, the units it drives most and least in the network and in a dictionary: <c>comparison-K.json</c> (figures 21 to 24).
/// </summary>
public sealed record ComparisonDocument : ICheckedDocument
{
    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;
    /// <summary>The file name of a comparison.</summary>
    /// <param name="number">From 0.</param>
    public static string FileName(int number) => $"comparison-{number}.json";

    /// <summary>The image's id or file name.</summary>
    public required string Image { get; init; }

    /// <summary>Its class; empty where that is not known.</summary>
    public required string ClassName { get; init; }

    /// <summary>The image as the network sees it.</summary>
    public required StoredPicture Picture { get; init; }

    /// <summary>The dictionary's name.</summary>
    public required string Dictionary { get; init; }

    /// <summary>The layer's own units.</summary>
    public required ComparedGroup Model { get; init; }

    /// <summary>The dictionary's latents.</summary>
    public required ComparedGroup Sae { get; init; }

    /// <inheritdoc/>
    public string? Inconsistency() => StoredPicture.Inconsistency(new[] { Model, Sae }
        .SelectMany(group => group.Top.Concat(group.Least))
        .SelectMany(unit => unit.Examples.Select(example => example.Picture).Prepend(unit.Picture)).Prepend(Picture));
}

/// <summary>The units of a group, ranked by how strongly an image drives them.</summary>
/// <param name="Active">Units that answer to the image anywhere.</param>
/// <param name="Units">All units.</param>
/// <param name="Top20">How many of the first twenty stand for the image's class or a related one; null where classes are not known.</param>
/// <param name="Top">Those it drives most, the strongest first.</param>
/// <param name="Least">Those it drives least.</param>
public sealed record ComparedGroup(
    int Active, int Units, RelatedUnits? Top20, IReadOnlyList<ComparedUnit> Top, IReadOnlyList<ComparedUnit> Least);

/// <summary>Units that stand for some classes among the first ones of a ranking.</summary>
/// <param name="Of">How many units were looked at.</param>
/// <param name="Related">Those whose top class is one of the classes.</param>
/// <param name="Distinct">How many of these differ from each other.</param>
/// <param name="Expected">How many there would be by chance.</param>
/// <param name="Features">These units, those that are one feature together.</param>
/// <param name="Classes">The names of the classes: the image's own first, then those that the recipe calls related (<c>features.related</c>),
/// whatever the image is of.</param>
public sealed record RelatedUnits(
    int Of, int Related, int Distinct, double Expected, IReadOnlyList<IReadOnlyList<int>> Features, IReadOnlyList<string> Classes);

/// <summary>A unit and how strongly the image drives it.</summary>
/// <param name="Unit">Channel or latent.</param>
/// <param name="Magnitude">Σ|activation| over the positions.</param>
/// <param name="Picture">Its picture by optimisation; null where none was made.</param>
/// <param name="Examples">Dataset images that drive it most.</param>
public sealed record ComparedUnit(int Unit, double Magnitude, StoredPicture? Picture, IReadOnlyList<ComparedExample> Examples);

/// <summary>A dataset image beside a unit.</summary>
/// <param name="Image">Its id in the source.</param>
/// <param name="ClassName">Its class.</param>
/// <param name="Picture">The crop round the strongest position; null where none was made.</param>
/// <param name="Value">The unit's activation there.</param>
public sealed record ComparedExample(string Image, string ClassName, StoredPicture? Picture, double Value);
