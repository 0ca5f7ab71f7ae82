using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Training;
using Xunit;

namespace Fovea.Tests.Dictionaries;

public sealed class LearningRateScheduleTests
{
    [Fact]
    public void It_rises_from_0_stays_and_falls_to_0_in_equal_steps()
    {
        var schedule = new LearningRateSchedule(
            new AutoencoderOptions { LearningRate = 6, LearningRateWarmup = 0.2, LearningRateDecay = 0.3 }, 10);
        double[] rates = [.. Enumerable.Range(0, 10).Select(step => schedule.At(step))];
        double[] expected = [2, 4, 6, 6, 6, 6, 6, 4.5, 3, 1.5];
        for (int step = 0; step < 10; step++) Assert.Equal(expected[step], rates[step], 1e-12);
    }

    [Fact]
    public void Without_warm_up_and_decay_it_is_the_rate_itself()
    {
        var schedule = new LearningRateSchedule(new AutoencoderOptions { LearningRate = 3e-4 }, 7);
        Assert.All(Enumerable.Range(0, 7), step => Assert.Equal(3e-4, schedule.At(step)));
    }

    [Fact]
    public void A_warm_up_over_everything_never_reaches_the_rate()
    {
        var schedule = new LearningRateSchedule(new AutoencoderOptions { LearningRate = 1, LearningRateWarmup = 1 }, 4);
        Assert.Equal(0.8, schedule.At(3), 1e-12);
    }

    [Theory]
    [InlineData(-0.1, 0)]
    [InlineData(0, 1.1)]
    [InlineData(0.6, 0.5)]
    [InlineData(double.NaN, 0)]
    public void Shares_that_do_not_fit_are_refused(double warmup, double decay)
    {
        var options = new AutoencoderOptions { LearningRateWarmup = warmup, LearningRateDecay = decay };
        Assert.Equal(FailureKind.Configuration, Assert.Throws<FoveaException>(options.Validate).Kind);
    }
}
