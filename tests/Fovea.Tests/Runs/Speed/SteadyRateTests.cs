using Fovea.Runs.Speed;
using Xunit;

namespace Fovea.Tests.Runs.Speed;

public sealed class SteadyRateTests
{
    private readonly StepClock _clock = new();

    [Fact]
    public void The_beginning_and_disturbances_are_left_out()
    {
        double rate = SteadyRate.Of((done, _) =>
        {
            double[] seconds = [9, 2, 2, 7, 2, 2]; // what is loaded first, and a neighbour
            for (int i = 0; i < seconds.Length; i++)
            {
                _clock.Now += TimeSpan.FromSeconds(seconds[i]);
                done(4 * (i + 1));
            }
        }, TimeSpan.FromSeconds(100), _clock);
        Assert.Equal(0.5, rate, 9);
    }

    [Fact]
    public void It_stops_when_it_has_seen_enough_and_never_before_the_third_word()
    {
        int said = 0;
        double rate = SteadyRate.Of((done, stop) =>
        {
            for (int i = 1; i <= 100; i++)
            {
                stop.ThrowIfCancellationRequested();
                _clock.Now += TimeSpan.FromSeconds(5);
                said = i;
                done(i);
            }
        }, TimeSpan.FromSeconds(1), _clock);
        Assert.Equal((3, 5.0), (said, Math.Round(rate, 9)));
    }

    [Fact]
    public void Of_work_that_speaks_once_all_of_its_time_is_taken()
    {
        double rate = SteadyRate.Of((done, _) =>
        {
            _clock.Now += TimeSpan.FromSeconds(6);
            done(3);
        }, clock: _clock);
        Assert.Equal(2, rate, 9);
        Assert.Equal(0, SteadyRate.Of((_, _) => { }, clock: _clock));
    }

    [Fact]
    public void A_fault_after_the_first_word_does_not_hide_the_rate()
    {
        double rate = SteadyRate.Of((done, _) =>
        {
            for (int i = 1; i <= 2; i++)
            {
                _clock.Now += TimeSpan.FromSeconds(1);
                done(i);
            }
            throw FoveaException.BadData("a damaged image");
        }, clock: _clock);
        Assert.Equal(1, rate, 9);
        Assert.Throws<FoveaException>(() => SteadyRate.Of((_, _) => throw FoveaException.BadData("no image"), clock: _clock));
    }

    [Fact]
    public void What_work_takes_once_is_told_from_what_an_item_takes()
    {
        int call = 0;
        void Work(long items) =>
            _clock.Now += TimeSpan.FromSeconds(
                (call++ == 0 ? 100 : 10) + 0.25 * items + (call == 3 ? 5 : 0)); // the first call, and a neighbour
        var (once, each) = SteadyRate.Of(Work, 8, 24, _clock);
        Assert.Equal((10, 0.25), (Math.Round(once, 9), Math.Round(each, 9)));
        Assert.Equal((0, 1.0), SteadyRate.Of(_ => _clock.Now += TimeSpan.FromSeconds(24), 8, 24, _clock));
    }

    private sealed class StepClock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
