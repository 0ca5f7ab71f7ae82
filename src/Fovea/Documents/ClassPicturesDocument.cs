using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>What raises the logits of some classes: <c>classes.json</c>.</summary>
/// <param name="Preset">The recipe of the pictures.</param>
/// <param name="Classes">The classes.</param>
public sealed record ClassPicturesDocument(string Preset, IReadOnlyList<ClassPicture> Classes) : ICheckedDocument
{
    /// <summary>File name.</summary>
    public const string FileName = "classes.json";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;
    /// <inheritdoc/>
    public string? Inconsistency() => StoredPicture.Inconsistency(Classes.Select(one => one.Picture));
}

/// <summary>What raises the logit of a class.</summary>
/// <param name="Index">The class.</param>
/// <param name="Name">Its name.</param>
/// <param name="Picture">The picture.</param>
/// <param name="Logit">The logit on it.</param>
public sealed record ClassPicture(int Index, string Name, StoredPicture Picture, double Logit);
