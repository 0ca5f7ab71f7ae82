using Fovea.IO;

namespace Fovea.Runs.TensorBoard;

/// <summary>
/// The histories of a run as TensorBoard's event files: <c>tensorboard --logdir OUT</c> shows each folder as a run, named as in the run
/// folder, with a run for each split, so that a measure's curves for training and validation lie over one another. Events carry no time:
/// TensorBoard's axes "relative" and "wall" say nothing, its axis "step" is ours. Rewriting the same history gives the same bytes.
/// </summary>
public static class TensorBoardEvents
{
    /// <summary>The name of each event file; TensorBoard looks for <c>tfevents</c> in it.</summary>
    public const string FileName = "events.out.tfevents.0.fovea";

    private const string HistoryName = TrainingEpoch.FileName, NetworkFolder = "model";

    /// <summary>Converts every <c>history.jsonl</c> under a folder, members of sweeps included.</summary>
    /// <param name="run">The run folder.</param>
    /// <param name="output">Made if absent: <c>OUT/&lt;folder of the history&gt;/&lt;split&gt;/events…</c>; files of that name are
    /// replaced.</param>
    /// <returns>The files written, in order.</returns>
    /// <exception cref="FoveaException">Data: there is no history, or one is damaged. Resource: a file cannot be written.</exception>
    public static IReadOnlyList<string> WriteRun(string run, string output)
    {
        ArgumentException.ThrowIfNullOrEmpty(run);
        ArgumentException.ThrowIfNullOrEmpty(output);
        if (!Directory.Exists(run)) throw FoveaException.BadData($"There is no run folder {run}.");
        string[] histories = [.. Directory.EnumerateFiles(run, HistoryName, SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        if (histories.Length == 0) throw FoveaException.BadData($"{run} holds no {HistoryName}: nothing was trained there.");
        return [.. histories.SelectMany(
            history => Write(Points(run, history), Path.Combine(output, Path.GetRelativePath(run, Path.GetDirectoryName(history)!))))];
    }

    /// <summary>The lines of a network's training and of autoencoders' trainings are of two kinds.</summary>
    private static IEnumerable<HistoryScalars.Point> Points(string run, string history) =>
        Path.GetRelativePath(run, history).Split(Path.DirectorySeparatorChar)[0] == NetworkFolder
            ? HistoryScalars.Of(DocumentFile.ReadLines<TrainingEpoch>(history))
                : HistoryScalars.Of(DocumentFile.ReadLines<AutoencoderHistoryLine>(history));

    private static List<string> Write(IEnumerable<HistoryScalars.Point> points, string folder)
    {
        List<string> written = [];
        foreach (var split in points.GroupBy(point => point.Split).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            string path = Path.Combine(folder, split.Key, FileName);
            AtomicFile.Write(path, stream =>
            {
                stream.Write(EventRecord.Version());
                foreach (var point in split) stream.Write(EventRecord.Scalars(point.Step, point.Values));
            });
            written.Add(path);
        }
        return written;
    }
}
