using Fovea.IO;
using Fovea.Runs;

namespace Fovea.Tests.Shared;

/// <summary>Counts the events of one invocation in a folder, and passes each on.</summary>
public sealed class EventWatch : IProgress<WorkflowProgress>, IDisposable
{
    private readonly string _prefix;
    private readonly Action<RunEvent> _seen;
    private readonly Lock _gate = new();
    private readonly int[] _counts = new int[Enum.GetValues<EventKind>().Length];

    /// <summary>Begins to count.</summary>
    /// <param name="folder">Changes and writes elsewhere are not this run's.</param>
    /// <param name="seen">Gets each event; one at a time. May throw: then what the event announces does not happen.</param>
    public EventWatch(string folder, Action<RunEvent> seen)
    {
        (_prefix, _seen) = (folder + Path.DirectorySeparatorChar, seen);
        DiskEvents.Changing += Change;
        DiskEvents.Writing += Write;
    }

    /// <summary>Reports and changes together.</summary>
    public int Steps => Of(EventKind.Report) + Of(EventKind.Change);

    /// <summary>Events of a kind until now.</summary>
    public int Of(EventKind kind) => _counts[(int)kind];

    public void Report(WorkflowProgress value) => See(EventKind.Report, $"{value.Stage}, {value.Done} of {value.Total} {value.Unit}");

    public void Dispose()
    {
        DiskEvents.Changing -= Change;
        DiskEvents.Writing -= Write;
    }

    private void Change(string path) => SeePath(EventKind.Change, path);

    private void Write(string path) => SeePath(EventKind.Write, path);

    private void SeePath(EventKind kind, string path)
    {
        if (path.StartsWith(_prefix, StringComparison.Ordinal)) See(kind, path[_prefix.Length..]);
    }

    private void See(EventKind kind, string what)
    {
        lock (_gate)
        {
            _counts[(int)kind]++;
            _seen(new RunEvent(kind, Of(kind), Steps, what));
        }
    }
}
