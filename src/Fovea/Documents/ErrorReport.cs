using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>Figure 6, the document <c>errors.json</c>.</summary>
/// <param name="Images">Images evaluated.</param>
/// <param name="Least">The classes with least error, best first.</param>
/// <param name="Most">The classes with most error, worst first.</param>
/// <param name="Confused">The most confused pairs, most frequent first.</param>
public sealed record ErrorReport(
    int Images, IReadOnlyList<ClassErrors> Least, IReadOnlyList<ClassErrors> Most, IReadOnlyList<Confusion> Confused) : ICheckedDocument
{
    /// <summary>File name.</summary>
    public const string FileName = "errors.json";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>Images that a class must have to stand before the small ones, and to be in a confusion.</summary>
    public required int FewestImages { get; init; }

    /// <summary>Classes that had some images, but not so many.</summary>
    public required int SmallClasses { get; init; }

    /// <inheritdoc/>
    public string? Inconsistency() => StoredPicture.Inconsistency(
        Least.Concat(Most).SelectMany(one => one.Examples).Concat(Confused.SelectMany(pair => pair.Examples))
            .Select(example => example.Picture));
}

/// <summary>A class and how often it is recognised.</summary>
/// <param name="Class">Its index.</param>
/// <param name="ClassId">Its id in the data.</param>
/// <param name="ClassName">Its name for people.</param>
/// <param name="Images">Images of the class.</param>
/// <param name="Accuracy">Share of them with a top-1 hit.</param>
/// <param name="Loss">Their mean cross-entropy in nats.</param>
/// <param name="Examples">Images: the surest hits of a class with little error, the worst misses of one with much.</param>
public sealed record ClassErrors(
    int Class, string ClassId, string ClassName, int Images, double Accuracy, double Loss, IReadOnlyList<ErrorExample> Examples);

/// <summary>A class taken for another.</summary>
/// <param name="TrueName">The class it is.</param>
/// <param name="PredictedName">The class it is taken for.</param>
/// <param name="Count">How many images.</param>
/// <param name="Share">That of the true class's images.</param>
/// <param name="Examples">The surest of these mistakes.</param>
public sealed record Confusion(string TrueName, string PredictedName, int Count, double Share, IReadOnlyList<ErrorExample> Examples);

/// <summary>An image that stands for a class or a confusion.</summary>
/// <param name="Index">Its index in the source.</param>
/// <param name="Image">Its id in the source.</param>
/// <param name="ClassName">Its true class.</param>
/// <param name="PredictedName">The class the network gives it.</param>
/// <param name="Confidence">Softmax of that class.</param>
/// <param name="Picture">The picture as the network sees it.</param>
public sealed record ErrorExample(
    int Index, string Image, string ClassName, string PredictedName, double Confidence, StoredPicture Picture);
