using Fovea.Runs;
using Xunit;

namespace Fovea.Tests.Runs;

public sealed class FastestTimeTests
{
    [Fact]
    public void Is_the_shortest_after_a_warm_up() => Assert.Equal(0.2, Measure(0.1, 0.5, 0.2, 0.4, 0.9, 0.3, 0.3, 0.3, 0.3).Seconds);

    [Fact]
    public void Ends_when_enough_time_has_passed() => Assert.Equal((2, 3), Measure(4, 2, 2, 0.1));

    /// <summary>The seconds that the work takes, call by call.</summary>
    private static (double Seconds, int Calls) Measure(params double[] seconds)
    {
        var clock = new Clock();
        int calls = 0;
        double found = FastestTime.Of(() => clock.Seconds += seconds[calls++], clock).TotalSeconds;
        return (Math.Round(found, 3), calls);
    }

    private sealed class Clock : TimeProvider
    {
        public double Seconds { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => (long)Math.Round(Seconds * 1000);
    }
}
