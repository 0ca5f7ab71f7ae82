namespace Fovea.Explorer.Contents;

/// <summary>A training of figure 4: its name in the legend and its epochs.</summary>
/// <param name="Name">The name.</param>
/// <param name="Epochs">Its history.</param>
public sealed record NamedHistory(string Name, IReadOnlyList<TrainingEpoch> Epochs);

/// <summary>What stage 1 left.</summary>
public sealed record ModelContents
{
    /// <summary>The network; null where it is not there.</summary>
    public ModelDocument? Document { get; init; }

    /// <summary>Its training.</summary>
    public IReadOnlyList<TrainingEpoch> History { get; init; } = [];

    /// <summary>Other trainings beside it.</summary>
    public IReadOnlyList<NamedHistory> Comparisons { get; init; } = [];

    /// <summary>The rows of table 2.</summary>
    public IReadOnlyList<EvaluationRow> Evaluations { get; init; } = [];

    /// <summary>Where it errs; null where that is not known or it does nowhere.</summary>
    public ErrorReport? Errors { get; init; }

    /// <summary>Where the pictures of <see cref="Errors"/> are, as the run names them.</summary>
    internal IEnumerable<StoredPicture> Pictures => Errors is null ? []
        : Errors.Least.Concat(Errors.Most).SelectMany(one => one.Examples).Concat(Errors.Confused.SelectMany(pair => pair.Examples))
            .Select(example => example.Picture.Below("model"));

    /// <summary>Its classes.</summary>
    public IReadOnlyList<ClassEntry> Classes => Document?.Classes ?? [];

    /// <summary>What the run left out because of it, and why.</summary>
    public IReadOnlyList<string> LeftOut => Document?.LeftOut ?? [];

    /// <summary>The classes of the images.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Whether there is anything.</summary>
    public bool Exists => Document is not null || History.Count + Comparisons.Count + Evaluations.Count > 0 || Errors is not null;

    /// <summary>What was changed for better gradients, in words; null: nothing.</summary>
    public string? Flow => Document?.Flow switch
    {
        { AveragePooling: true, LeakySlope: not 0 and var slope } => $"average pooling, LeakyReLU({slope})",
        { AveragePooling: true } => "average pooling",
        { LeakySlope: not 0 and var slope } => $"LeakyReLU({slope})",
        _ => null,
    };

    /// <summary>The name of an image's class by its index, or the index where the run does not say.</summary>
    public string ClassName(int? label) => label is null or < 0 ? ""
        : label < Labels.Count ? Labels[label.Value]
        : Labels.Count == 0 && label < Classes.Count ? Classes[label.Value].Name : $"class {label}";

    /// <summary>The name of one of the network's outputs: its classes need not be the images'.</summary>
    public string OutputName(int output) => output < Classes.Count ? Classes[output].Name : ClassName(output);

    internal static ModelContents Read(CarefulReader reader) => new()
    {
        Document = reader.Find<ModelDocument>(RunLayout.Model),
        History = reader.Lines<TrainingEpoch>(RunLayout.History),
        Comparisons =
            [.. reader.Run.OtherTrainings.Select(name => new NamedHistory(name, reader.Lines<TrainingEpoch>(RunLayout.OtherHistory(name))))
            .Where(other => other.Epochs.Count > 0)],
        Evaluations = reader.Find<EvaluationTable>(RunLayout.Evaluation)?.Rows ?? [],
        Labels = [.. (reader.Find<RunData>(RunData.FileName)?.Data?.Classes ?? []).Select(one => one.Name)],
        Errors = reader.Find<ErrorReport>(RunLayout.Errors) is { } errors
            && errors.Least.Count + errors.Most.Count + errors.Confused.Count > 0 ? errors : null,
    };
}
