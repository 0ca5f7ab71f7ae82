namespace Fovea.Cli.Terminal;

/// <summary>
/// Items a second over the last half minute, so that a start from a checkpoint or a slow first step does not stay in the figure.
/// </summary>
internal sealed class RateMeter(TimeProvider clock)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(30);
    private readonly Queue<(long Time, long Done)> _samples = new();
    private (long Time, long Done) _last;

    /// <summary>Notes that <paramref name="done"/> items are done now.</summary>
    public void Add(long done)
    {
        _last = (clock.GetTimestamp(), done);
        _samples.Enqueue(_last);
        while (_samples.Count > 2 && clock.GetElapsedTime(_samples.Peek().Time, _last.Time) > Window) _samples.Dequeue();
    }

    /// <summary>Items a second; null while there is nothing to tell it from.</summary>
    public double? Rate
    {
        get
        {
            if (_samples.Count < 2) return null;
            (long time, long done) = _samples.Peek();
            double seconds = clock.GetElapsedTime(time, _last.Time).TotalSeconds;
            return seconds > 0 && _last.Done > done ? (_last.Done - done) / seconds : null;
        }
    }

    /// <summary>Time to <paramref name="total"/> at this rate; null where unknown.</summary>
    public TimeSpan? Remaining(long total) =>
        Rate is { } rate && total > _last.Done ? TimeSpan.FromSeconds(Math.Min((total - _last.Done) / rate, 1e7)) : null;
}
