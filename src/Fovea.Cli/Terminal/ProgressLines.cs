using Fovea.Runs;

namespace Fovea.Cli.Terminal;

/// <summary>Progress for logs and pipes: one plain line when a stage begins and one every five seconds.</summary>
internal sealed class ProgressLines(TextWriter error, TimeProvider clock) : ProgressDisplay
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private readonly Lock _lock = new();
    private WorkflowProgress? _current;
    private RateMeter _meter = new(clock);
    private long _printed;

    public override void Report(WorkflowProgress value)
    {
        lock (_lock)
        {
            bool begins = _current?.Stage != value.Stage || _current.Unit != value.Unit;
            if (begins || _current!.Part != value.Part || value.Done < _current.Done) _meter = new RateMeter(clock);
            _current = value;
            _meter.Add(value.Done);
            if (!begins && clock.GetElapsedTime(_printed) < Interval) return;
            _printed = clock.GetTimestamp();
            string tail = Tail(value, _meter);
            error.WriteLine(
                tail.Length == 0 ? Head(value) : value is { Done: 0, Total: 0 } ? $"{value.Stage}: {tail}" : $"{Head(value)}, {tail}");
        }
    }

    public override void WriteLine(string line)
    {
        lock (_lock) error.WriteLine(line);
    }

    private static string Head(WorkflowProgress value) => value.Total > 0
        ? $"{value.Stage}: {Humane.Count(value.Done)} of {Humane.Count(value.Total)} {value.Unit} ({Math.Clamp(100 * value.Done / value.Total, 0, 100)} %)"
        : $"{value.Stage}: {Humane.Count(value.Done)} {value.Unit}";
}
