using System.Text;
using System.Text.Json;
using Fovea.Checkpoints;
using Fovea.Training;

namespace Fovea.Runs.Stages;

/// <summary>What a network says to some images, kept for who joins it with what it says to the others.</summary>
internal static class KeptEvaluation
{
    private const string FileName = "evaluation.safetensors", Answers = "answers", Figures = "figures", Damaged = "damaged";
    private const int Schema = 1, WholeNumbers = 4;

    /// <summary>Writes it.</summary>
    /// <param name="folder">The part's scratch.</param>
    /// <param name="result">The evaluation.</param>
    public static void Write(string folder, EvaluationResult result) => KeptTensors.Write(Path.Combine(folder, FileName), Schema,
    [
        SafetensorsEntry.Of<int>(
            Answers, [.. result.Predictions.SelectMany(one => new[] { one.Index, one.Label, one.Predicted, one.Rank })],
            result.Predictions.Count, WholeNumbers),
        SafetensorsEntry.Of<double>(
            Figures, [.. result.Predictions.SelectMany(one => new[] { one.Loss, one.Confidence })], result.Predictions.Count, 2),
        SafetensorsEntry.Of(Damaged, Encoding.UTF8.GetBytes(string.Join(
            '\n', result.Damaged.Select(image => JsonSerializer.Serialize(image, DocumentJson.LineOptions))))),
    ]);

    /// <summary>What is kept in a folder; null where that is nothing, or nothing that can be read.</summary>
    public static EvaluationResult? Find(string folder) => KeptTensors.Find(Path.Combine(folder, FileName), Schema, Read);

    private static EvaluationResult Read(SafetensorsFile file)
    {
        int[] answers = file.Span<int>(Answers).ToArray();
        double[] figures = file.Span<double>(Figures).ToArray();
        ImagePrediction[] predictions = [.. answers.Chunk(WholeNumbers).Select(
            (one, i) => new ImagePrediction(one[0], one[1], one[2], one[3], figures[2 * i], figures[2 * i + 1]))];
        DamagedImage[] damaged = [.. Encoding.UTF8.GetString(file.Span<byte>(Damaged)).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<DamagedImage>(line, DocumentJson.Options)!)];
        // Sums are made where all parts are joined.
        return new EvaluationResult(predictions.Length, 0, 0, 0, 0, predictions, damaged);
    }
}
