using Fovea.Runs;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Fovea.Cli.Terminal;

/// <summary>Progress on a terminal: one bar a stage, with its rate, the time left and the loss.</summary>
internal sealed class ProgressBars : ProgressDisplay
{
    private readonly IAnsiConsole _console;
    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ProgressContext _context;
    private readonly Task _drawing;
    private readonly Dictionary<int, string> _tails = [];
    private ProgressTask? _bar;
    private RateMeter _meter;
    private WorkflowProgress? _last;

    public ProgressBars(IAnsiConsole console, TimeProvider clock)
    {
        (_console, _clock, _meter) = (console, clock, new RateMeter(clock));
        var ready = new TaskCompletionSource<ProgressContext>(TaskCreationOptions.RunContinuationsAsynchronously);
        _drawing = console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new TailColumn(this))
            .StartAsync(async context =>
            {
                ready.SetResult(context);
                await _end.Task.ConfigureAwait(false);
            });
        _context = ready.Task.GetAwaiter().GetResult();
    }

    public override void Report(WorkflowProgress value)
    {
        lock (_lock)
        {
            bool begins = _bar is null || _last?.Stage != value.Stage;
            if (begins || _last!.Unit != value.Unit || _last.Part != value.Part || value.Done < _last.Done) _meter = new RateMeter(_clock);
            _last = value;
            if (begins)
            {
                EndStage();
                _bar = _context.AddTask(Markup.Escape(value.Stage), maxValue: Math.Max(1, value.Total));
            }
            _meter.Add(value.Done);
            _bar!.IsIndeterminate = value.Total == 0;
            _bar.MaxValue = Math.Max(1, value.Total);
            _bar.Value = value.Done;
            _tails[_bar.Id] = Tail(value, _meter);
        }
    }

    public override void WriteLine(string line) => _console.WriteLine(line);

    public override void Dispose()
    {
        lock (_lock) EndStage(completed: false);
        _end.TrySetResult();
        _drawing.GetAwaiter().GetResult();
    }

    private void EndStage(bool completed = true)
    {
        if (_bar is null) return;
        if (completed) _bar.Value = _bar.MaxValue;
        _bar.StopTask();
        _bar = null;
    }

    private string TailOf(ProgressTask task)
    {
        lock (_lock) return _tails.GetValueOrDefault(task.Id, "");
    }

    private sealed class TailColumn(ProgressBars bars) : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(bars.TailOf(task));
    }
}
