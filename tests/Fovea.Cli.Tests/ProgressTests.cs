using Fovea.Cli.Terminal;
using Fovea.Runs;
using Xunit;

namespace Fovea.Cli.Tests;

public sealed class ProgressTests
{
    private sealed class Clock : TimeProvider
    {
        public double Seconds { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => (long)(Seconds * 1000);
    }

    private readonly Clock _clock = new();
    private readonly StringWriter _error = new();

    private string[] Lines => _error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    [Fact]
    public void One_plain_line_every_five_seconds_with_rate_time_left_and_loss()
    {
        using (var progress = ProgressDisplay.Create(new CommandConsole(TextWriter.Null, _error, false, false), quiet: false, _clock))
        {
            for (int second = 0; second <= 12; second++)
            {
                _clock.Seconds = second;
                progress.Report(new WorkflowProgress("train", second * 100, 6000, "images", second == 0 ? "" : "loss 2.5"));
            }
            progress.Report(new WorkflowProgress("evaluate", 0, 0, "images", "examples"));
        }
        Assert.Equal(
            [
                "train: 0 of 6,000 images (0 %)",
                "train: 500 of 6,000 images (8 %), 100 images/s, 55 s left, loss 2.5",
                "train: 1,000 of 6,000 images (16 %), 100 images/s, 50 s left, loss 2.5",
                "evaluate: examples",
            ],
            Lines);
    }

    [Fact]
    public void Where_a_stage_has_parts_the_line_says_which_one_its_counts_are_of()
    {
        using (var progress = ProgressDisplay.Create(new CommandConsole(TextWriter.Null, _error, false, false), quiet: false, _clock))
        {
            foreach (var (second, done, part) in ((int, int, int)[])[(0, 0, 1), (6, 90, 1), (12, 0, 2), (18, 60, 2)])
            {
                _clock.Seconds = second;
                progress.Report(new WorkflowProgress("features", done, 90, "steps", "paper") { Part = (part, 2) });
            }
            progress.Report(new WorkflowProgress("report", 1, 1, "pages") { Part = (1, 1) });
        }
        Assert.Equal(
            [
                "features: 0 of 90 steps (0 %), part 1 of 2, paper",
                "features: 90 of 90 steps (100 %), 15 steps/s, part 1 of 2, paper",
                // The rate is the part's own: the other's ran ahead of it.
                "features: 0 of 90 steps (0 %), part 2 of 2, paper",
                "features: 60 of 90 steps (66 %), 10 steps/s, 3 s left, part 2 of 2, paper",
                "report: 1 of 1 pages (100 %)",
            ],
            Lines);
    }

    [Fact]
    public void A_start_from_a_checkpoint_is_not_taken_for_speed()
    {
        var meter = new RateMeter(_clock);
        meter.Add(50_000);
        Assert.Null(meter.Rate);
        _clock.Seconds = 2;
        meter.Add(50_100);
        Assert.Equal(50, meter.Rate);
        Assert.Equal(TimeSpan.FromSeconds(18), meter.Remaining(51_000));
        Assert.Null(meter.Remaining(0));
    }

    [Fact]
    public void Bars_are_drawn_on_a_terminal_and_end_with_the_display()
    {
        using (var progress = new ProgressBars(new CommandConsole(TextWriter.Null, _error, true, false).Ansi, _clock))
        {
            progress.Report(new WorkflowProgress("train [x]", 10, 100, "images", "loss 1"));
            progress.Report(new WorkflowProgress("harvest", 100, 100, "images"));
        }
        Assert.Contains("train [x]", _error.ToString(), StringComparison.Ordinal);
        Assert.Contains("100%", _error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(42, "42 s")]
    [InlineData(185, "3 min 05 s")]
    [InlineData(7440, "2 h 04 min")]
    public void Durations_as_people_say_them(double seconds, string expected) =>
        Assert.Equal(expected, Humane.Duration(TimeSpan.FromSeconds(seconds)));
}
