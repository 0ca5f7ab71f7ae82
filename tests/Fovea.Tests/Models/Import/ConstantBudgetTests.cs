using Fovea.Models.Import;
using Xunit;

namespace Fovea.Tests.Models.Import;

public sealed class ConstantBudgetTests
{
    [Theory]
    // A file of a kilobyte: 8 MB of numbers of eight bytes at once, 16 MB altogether.
    [InlineData(1000, 1 << 20, 1 << 21)]
    [InlineData(100_000, 1_600_000, 1 << 21)]
    [InlineData(1_000_000, 16_000_000, 16_000_000)]
    [InlineData(long.MaxValue, 1 << 24, 1 << 27)]
    public void It_grows_with_the_file(long bytes, long ofOne, long altogether)
    {
        var budget = new ConstantBudget(bytes);
        Assert.Equal(ofOne, budget.OfOne);
        Assert.False(new ConstantBudget(bytes).Take(ofOne + 1));
        long taken = 0;
        for (; taken + ofOne <= altogether; taken += ofOne) Assert.True(budget.Take(ofOne));
        Assert.True(budget.Take(altogether - taken));
        Assert.False(budget.Take(1));
        Assert.False(budget.Take(long.MaxValue));
    }
}
