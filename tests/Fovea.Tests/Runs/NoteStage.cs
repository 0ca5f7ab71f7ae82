using Fovea.IO;
using Fovea.Runs;
using Fovea.Runs.Graph;
using Fovea.Runs.Speed;

namespace Fovea.Tests.Runs;

/// <summary>
/// A stage in one file: writes a note for each part and one that joins them. What a contributor writes to add a stage, and nothing else.
/// </summary>
/// <param name="name">Its name.</param>
/// <param name="after">The stages it is made after.</param>
internal sealed class NoteStage(string name, params string[] after) : IStage
{
    /// <summary>What the notes say: an input.</summary>
    public string Text { get; init; } = "text";

    /// <summary>Parts it has.</summary>
    public int Count { get; init; } = 2;

    /// <summary>Of a part's number: the numbers of those that it is made after.</summary>
    public Func<int, IEnumerable<int>> Needs { get; init; } = _ => [];

    /// <summary>Called in the middle of a part, when its scratch holds something and its result is not there.</summary>
    public Action<string>? OnPart { get; init; }

    public Action? OnJoin { get; init; }

    public string? Refusal { get; init; }

    /// <summary>Parts that were begun from nothing, and parts that went on.</summary>
    public List<string> Made { get; } = [];

    public string Name => name;

    public IReadOnlyList<string> After => after;

    public string Folder(RunFolder run) => Path.Combine(run.Root, "notes", name.Replace(' ', '-'));

    public StageInputs Inputs(RunContext context) => new NoteInputs(Text, Count);

    public void Check(RunContext context)
    {
        if (Refusal is not null) throw FoveaException.BadConfiguration(Refusal);
    }

    public IReadOnlyList<StagePart> Parts(RunContext context) =>
        [.. Enumerable.Range(0, Count).Select(i => new StagePart($"note-{i}", scratch => Make(context, i, scratch))
        {
            After = [.. Needs(i).Select(needed => $"note-{needed}")],
        })];

    public void Join(RunContext context)
    {
        OnJoin?.Invoke();
        AtomicFile.WriteText(
            Path.Combine(Folder(context.Run), "all.txt"),
                string.Concat(Enumerable.Range(0, Count).Select(i => File.ReadAllText(Note(context, i)))));
    }

    public StageCost Cost(RunContext context, MachineSpeed speed) => new(Seconds: 60, Images: 10, Vectors: 20, Bytes: 30);

    public string Summary(RunFolder run) => File.ReadAllText(Path.Combine(Folder(run), "all.txt")).TrimEnd();

    private void Make(RunContext context, int i, string scratch)
    {
        string half = Path.Combine(scratch, "half.txt");
        Made.Add(File.Exists(half) ? $"{i} goes on" : $"{i}");
        if (!File.Exists(half)) AtomicFile.WriteText(half, $"{Text} {i}\n");
        context.Report(name, i, Count, "notes");
        OnPart?.Invoke(scratch);
        AtomicFile.WriteText(Note(context, i), File.ReadAllText(half));
    }

    private string Note(RunContext context, int i) => Path.Combine(Folder(context.Run), $"{i}.txt");

    private sealed record NoteInputs(string Text, int Count) : StageInputs(1, 0);
}
