using System.Text.Json.Serialization;

namespace Fovea.Training;

/// <summary>
/// Where a training stands, apart from tensors: the document <c>resume/resume.json</c>. The next batch is number <see cref="Batch"/> of
/// epoch <see cref="Epoch"/> (both from 0); everything random follows from these, so nothing else is needed to go on exactly.
/// </summary>
internal sealed record TrainingState : IDocument
{
    public static int CurrentSchema => 1;

    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>File with the weights and moments, in the same folder.</summary>
    public string Tensors { get; init; } = "";

    /// <summary>What decides the result, in words: a training is only continued by the same.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    public int Epoch { get; init; }

    public int Batch { get; init; }

    public RunningScores Scores { get; init; } = RunningScores.Empty;

    public IReadOnlyList<TrainingEpoch> History { get; init; } = [];

    public int BestEpoch { get; init; }

    public IReadOnlyList<DamagedImage> Damaged { get; init; } = [];
}
