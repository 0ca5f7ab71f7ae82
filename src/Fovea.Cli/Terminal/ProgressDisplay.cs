using Fovea.Runs;

namespace Fovea.Cli.Terminal;

/// <summary>Shows how far a stage is: bars on a terminal, a line every few seconds elsewhere, nothing where quiet is wanted.</summary>
internal abstract class ProgressDisplay : IProgress<WorkflowProgress>, IDisposable
{
    /// <summary>The display that fits the console. Dispose it before results are printed.</summary>
    public static ProgressDisplay Create(CommandConsole console, bool quiet, TimeProvider clock) =>
        quiet ? new Silence() : console.ErrorIsTerminal ? new ProgressBars(console.Ansi, clock) : new ProgressLines(console.Error, clock);

    /// <inheritdoc/>
    public abstract void Report(WorkflowProgress value);

    /// <summary>Prints a line of its own, without disturbing the bars.</summary>
    public virtual void WriteLine(string line) { }

    public virtual void Dispose() { }

    /// <summary>A reporter of another kind of progress that shows here, on the caller's thread.</summary>
    public IProgress<T> Of<T>(Func<T, WorkflowProgress> convert) => new Converter<T>(this, convert);

    /// <summary><c>105 images/s, 1 min 24 s left, part 2 of 9, loss 2.41</c>.</summary>
    protected static string Tail(WorkflowProgress progress, RateMeter meter)
    {
        var parts = new List<string>(4);
        if (meter.Rate is { } rate) parts.Add($"{Humane.Rate(rate)} {progress.Unit}/s");
        if (meter.Remaining(progress.Total) is { } left) parts.Add($"{Humane.Duration(left)} left");
        if (progress.Part is (var place, > 1 and var count)) parts.Add($"part {Humane.Count(place)} of {Humane.Count(count)}");
        if (progress.Detail.Length > 0) parts.Add(progress.Detail);
        return string.Join(", ", parts);
    }

    private sealed class Silence : ProgressDisplay
    {
        public override void Report(WorkflowProgress value) { }
    }

    private sealed class Converter<T>(ProgressDisplay display, Func<T, WorkflowProgress> convert) : IProgress<T>
    {
        public void Report(T value) => display.Report(convert(value));
    }
}
