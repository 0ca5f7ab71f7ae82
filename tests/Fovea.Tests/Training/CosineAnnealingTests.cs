using Fovea.Training;
using Xunit;

namespace Fovea.Tests.Training;

public sealed class CosineAnnealingTests
{
    [Fact]
    public void It_starts_at_the_maximum_passes_the_middle_and_ends_at_the_minimum()
    {
        var schedule = new CosineAnnealing(4e-5, 1e-6, 100);
        Assert.Equal(4e-5, schedule.At(0), 1e-18);
        Assert.Equal((4e-5 + 1e-6) / 2, schedule.At(50), 1e-18);
        Assert.Equal(1e-6, schedule.At(100), 1e-18);
        Assert.Equal(1e-6, schedule.At(1000), 1e-18);
        for (int i = 0; i < 99; i++) Assert.True(schedule.At(i + 1) < schedule.At(i));
    }
}
