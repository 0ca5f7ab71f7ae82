namespace Fovea.Explorer.RunFiles;

/// <summary>An example image of the error analysis; the picture is relative to the run folder.</summary>
public sealed record ErrorExample(string Caption, string? Picture);

/// <summary>A class and how often it is recognised.</summary>
public sealed record ClassError(string Name, double? Accuracy, long? Count, IReadOnlyList<ErrorExample> Examples);

/// <summary>Two classes of which the first is taken for the second.</summary>
public sealed record ConfusedPair(string Truth, string Predicted, long? Count, double? Share, IReadOnlyList<ErrorExample> Examples);

/// <summary>Figure 6: the classes with least and most error, the pairs that are confused most.</summary>
public sealed record ErrorAnalysisContents(IReadOnlyList<ClassError> Least, IReadOnlyList<ClassError> Most, IReadOnlyList<ConfusedPair> Confused)
{
    public bool Exists => Least.Count + Most.Count + Confused.Count > 0;

    internal static ErrorAnalysisContents Read(JsonView json) => new(
        [.. json["least", "leastError", "best"].Items.Select(Class)],
        [.. json["most", "mostError", "worst"].Items.Select(Class)],
        [.. json["confused", "mostConfused", "confusions", "confusedPairs", "pairs"].Items.Select(Pair)]);

    private static ClassError Class(JsonView item) => new(
        Name(item),
        item["accuracy", "top1"].Number ?? (item["error", "errorRate"].Number is { } error ? 1 - error : null),
        item["count", "images"].Integer,
        Examples(item));

    private static ConfusedPair Pair(JsonView item) => new(
        Name(item["truth", "actual", "true", "expected", "from", "class", "trueClass", "trueName"]),
        Name(item["predicted", "prediction", "to", "predictedClass", "predictedName"]),
        item["count", "images"].Integer,
        item["share", "fraction", "rate"].Number,
        Examples(item));

    private static IReadOnlyList<ErrorExample> Examples(JsonView item)
    {
        JsonView examples = item["examples"];
        if (examples.Exists) return [.. examples.Items.Select(Example)];
        return item["picture"]["file"].Text is not null ? [Example(item)] : [];
    }

    private static ErrorExample Example(JsonView item)
    {
        string? predicted = item["predicted", "prediction", "predictedName"] is { Exists: true } view ? Name(view) : null;
        string id = item["image", "id"].Text ?? item.Text ?? "";
        string? picture = item["picture"]["file"].Text ?? item.Text;
        return new ErrorExample(string.IsNullOrEmpty(predicted) ? id : $"taken for {predicted}", Picture(picture));
    }

    /// <summary>Pictures are named relative to <c>model/</c>, with or without the folder <c>examples</c>.</summary>
    private static string? Picture(string? name) =>
        name is null || !name.EndsWith(".png", StringComparison.OrdinalIgnoreCase) ? null
        : name.StartsWith("model/", StringComparison.Ordinal) ? name
        : name.StartsWith("examples/", StringComparison.Ordinal) ? "model/" + name
        : "model/examples/" + name;

    private static string Name(JsonView item) => item["className", "name"].Text ?? item["class", "label", "id"].Text ?? item.Text ?? "";
}
