using Fovea.Numerics;
using Fovea.Tests.Interpretation;
using Fovea.Visualization.Parameterizations;
using Fovea.Visualization.Transforms;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Visualization;

[Collection(TensorCounts.Name)]
public sealed class PictureTensorTests
{
    [Fact]
    public void Parameterisations_leave_nothing_behind()
    {
        foreach (IImageParameterization parameterization in (IImageParameterization[])[new Pixels(), new DecorrelatedPixels(),
            new FourierPixels(), new Maco()])
        {
            long before = TensorCounts.Settled();
            using (Tensor free = parameterization.Start([new CounterRandom(1, "count", 0)], 7, 6))
            using (Tensor rgb = parameterization.ToRgb(free, 7, 6))
            using (Tensor again = parameterization.FromRgb(rgb))
                Assert.Equal(before + 3, Tensor.TotalCount);
            Assert.Equal(before, Tensor.TotalCount);
        }
    }

    [Fact]
    public void Transforms_leave_nothing_behind()
    {
        using Tensor images = rand(2, 3, 9, 12);
        foreach ((string name, ITransform transform) in TransformTests.All)
        {
            long before = TensorCounts.Settled();
            using (Tensor view = transform.Apply(images, [new CounterRandom(1, name, 0), new CounterRandom(1, name, 1)])) Assert.Equal(
                before + 1, Tensor.TotalCount);
            Assert.Equal(before, Tensor.TotalCount);
        }
    }

    [Fact]
    public void Measuring_leaves_nothing_behind()
    {
        using var source = new NoisePictures(20, 12, 10);
        long before = TensorCounts.Settled();
        Maco.Measure(source, 8, cancellationToken: TestContext.Current.CancellationToken);
        _ = ColourStatistics.Measure(source, cancellationToken: TestContext.Current.CancellationToken).PrincipalAxes();
        Assert.Equal(before, Tensor.TotalCount);
    }
}
