namespace Fovea.Explorer.RunFiles;

/// <summary>Loss and accuracies of one pass over a split, as fractions.</summary>
public sealed record Scores(double? Loss, double? Top1, double? Top5)
{
    internal static Scores Read(JsonView json) => new(json["loss"].Number, json["top1"].Number, json["top5"].Number);
}

/// <summary>One line of a training's history.</summary>
public sealed record EpochRow(double Epoch, double? LearningRate, Scores Train, Scores Validation);

/// <summary>A training of figure 4: its name in the legend and its epochs.</summary>
public sealed record NamedHistory(string Name, IReadOnlyList<EpochRow> Epochs);

/// <summary>A row of table 2.</summary>
public sealed record EvaluationRow(string Name, Scores Scores, long? Images);

/// <summary>What stage 1 left in <c>model/</c>.</summary>
public sealed record ModelContents
{
    public string? Architecture { get; init; }
    public IReadOnlyList<string> Classes { get; init; } = [];
    public string? Flow { get; init; }
    public IReadOnlyList<EpochRow> History { get; init; } = [];
    public IReadOnlyList<NamedHistory> Comparisons { get; init; } = [];
    public IReadOnlyList<EvaluationRow> Evaluations { get; init; } = [];
    public ErrorAnalysisContents Errors { get; init; } = new([], [], []);

    /// <summary>The name of a class by its index, or the index where the model's file does not say.</summary>
    public string ClassName(int? label) => label is null ? "" : label >= 0 && label < Classes.Count ? Classes[label.Value] : $"class {label}";

    internal static ModelContents Read(string folder, ICollection<string> problems)
    {
        string model = Path.Combine(folder, "model"), compared = Path.Combine(model, "comparisons");
        JsonView json = JsonView.Open(Path.Combine(model, "model.json"), problems);
        JsonView evaluation = JsonView.Open(Path.Combine(model, "evaluation.json"), problems);
        return new ModelContents
        {
            Architecture = json["architecture"].Text,
            Classes = [.. (json["classes", "classNames"] is { Items.Count: > 0 } list ? list : json["classes"]["classes", "items"]).Items
                .Select(item => item.Text ?? item["name"].Text ?? item["id"].Text ?? "")],
            Flow = DescribeFlow(json["flow"]),
            History = ReadHistory(Path.Combine(model, "history.jsonl"), problems),
            Comparisons = [.. Folders.Of(compared).Select(name => new NamedHistory(name, ReadHistory(Path.Combine(compared, name, "history.jsonl"), problems)))
                .Where(history => history.Epochs.Count > 0)],
            Evaluations = [.. (evaluation["rows"] is { Exists: true } rows ? rows : evaluation).Items
                .Select(row => new EvaluationRow(row["name"].Text ?? "model", Scores.Read(row), row["images"].Integer))],
            Errors = ErrorAnalysisContents.Read(JsonView.Open(Path.Combine(model, "errors.json"), problems)),
        };
    }

    private static IReadOnlyList<EpochRow> ReadHistory(string path, ICollection<string> problems) =>
        [.. JsonView.OpenLines(path, problems).Select((line, i) => new EpochRow(
            line["epoch"].Number ?? i + 1, line["learningRate"].Number, Scores.Read(line["train"]), Scores.Read(line["validation"])))];

    private static string? DescribeFlow(JsonView flow)
    {
        if (!flow.Exists) return null;
        double slope = flow["leakySlope"].Number ?? 0;
        bool average = flow["averagePooling"].Text == "true";
        return (average, slope != 0) switch
        {
            (false, false) => flow.Text,
            (true, false) => "average pooling",
            (false, true) => $"LeakyReLU({slope})",
            (true, true) => $"average pooling, LeakyReLU({slope})",
        };
    }
}
