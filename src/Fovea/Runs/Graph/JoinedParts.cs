using Fovea.IO;

namespace Fovea.Runs.Graph;

/// <summary>The parts of a stage, all done, for who joins them.</summary>
/// <param name="Parts">All of them.</param>
/// <param name="HashesOf">What a part's maker said of its files (<see cref="PartRecord.Hashes"/>).</param>
/// <param name="MakeAgain">Takes back that a part is done.</param>
internal sealed record JoinedParts(
    IReadOnlyList<StagePart> Parts, Func<StagePart, IReadOnlyDictionary<string, string>?> HashesOf, Action<StagePart> MakeAgain)
{
    /// <summary>Compares the bytes of every file with what its maker said; parts of which one is not so are taken back.</summary>
    /// <param name="folder">The stage's.</param>
    /// <exception cref="FoveaException">Data: a file is missing or another.</exception>
    public void RequireFiles(string folder)
    {
        List<string> wrong = [];
        foreach (StagePart part in Parts)
        {
            if (HashesOf(part)?.Select(one => (Path: Path.Combine(folder, one.Key), Hash: one.Value))
                .Where(one => !File.Exists(one.Path) || WrittenFiles.HashOf(one.Path) != one.Hash).Select(one => one.Path)
                .FirstOrDefault() is not { } path) continue;
            wrong.Add(path);
            MakeAgain(part);
        }
        if (wrong.Count == 0) return;
        throw FoveaException.BadData(
            $"{wrong[0]} is missing, or is not what was written there{(wrong.Count > 1 ? $", and {wrong.Count - 1} more" : "")}. The same "
                + "command, given again, makes it again.");
    }
}
