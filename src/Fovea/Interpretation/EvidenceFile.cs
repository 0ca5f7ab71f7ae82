using Fovea.Checkpoints;

namespace Fovea.Interpretation;

/// <summary>
/// Writes <c>evidence.safetensors</c>, what a pass and the network's head say about every unit of a group: <c>histogram</c> I64 <c>[units, bins]</c> with
/// <c>histogram_edges</c> F32 <c>[bins + 1]</c>, <c>grid_mean</c> and <c>grid_rate</c> F32 <c>[units, H, W]</c>, where images have classes <c>class_means</c> F32
/// <c>[units, classes]</c> (NaN for a class without images), and where exact <c>logit_weights</c> F32 <c>[units, classes]</c> with <c>logit_bias</c> F32 <c>[classes]</c>.
/// </summary>
public static class EvidenceFile
{
    /// <summary>File name in the group's folder.</summary>
    public const string Name = "evidence.safetensors";

    /// <summary>Writes the file, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="statistics">Of a pass.</param>
    /// <param name="logits">The units' contributions to the logits; null where they are not exact.</param>
    /// <exception cref="FoveaException">The place cannot be written.</exception>
    /// <exception cref="ArgumentException">The statistics come from no pass.</exception>
    public static void Write(string path, GroupStatistics statistics, LogitEffects? logits)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        if (statistics is not { Histogram: { } histogram, Grid: { } grid }) throw new ArgumentException("These statistics come from no pass.", nameof(statistics));
        long units = statistics.Units.Count;
        List<SafetensorsEntry> entries =
        [
            SafetensorsEntry.Of("histogram", histogram.Counts, units, histogram.Bins),
            SafetensorsEntry.Of("histogram_edges", [.. histogram.Edges]),
            SafetensorsEntry.Of("grid_mean", grid.Means(), units, grid.Height, grid.Width),
            SafetensorsEntry.Of("grid_rate", grid.Rates(), units, grid.Height, grid.Width),
        ];
        if (statistics.Classes is { } classes) entries.Add(SafetensorsEntry.Of("class_means", classes.Means(), units, classes.Classes));
        if (logits is not null)
        {
            entries.Add(SafetensorsEntry.Of("logit_weights", logits.Weights, units, logits.Classes));
            entries.Add(SafetensorsEntry.Of("logit_bias", [.. logits.Bias]));
        }
        Safetensors.Write(path, entries);
    }
}
