using Fovea.Numerics;
using Xunit;

namespace Fovea.Tests.Numerics;

public sealed class ParallelLoopTests
{
    [Fact]
    public void Every_iteration_is_made_once()
    {
        var made = new int[100];
        ParallelLoop.For(made.Length, i => Interlocked.Increment(ref made[i]), TestContext.Current.CancellationToken);
        Assert.All(made, times => Assert.Equal(1, times));
    }

    [Fact]
    public void What_went_wrong_comes_out_as_it_is()
    {
        var token = TestContext.Current.CancellationToken;
        Assert.Equal("image 3", Assert.Throws<FoveaException>(() => ParallelLoop.For(4, i =>
        {
            if (i == 3)
                throw FoveaException.BadData("image 3");
        }, token)).Message);
        Assert.Throws<InvalidOperationException>(() => ParallelLoop.For(1, _ => throw new InvalidOperationException("made so"), token));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => ParallelLoop.For(4, _ => { }, cancelled.Token));
    }
}
