using Fovea.Imaging;
using Fovea.Models;
using Fovea.Visualization;
using Fovea.Visualization.Objectives;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Visualization;

[Collection(TensorCounts.Name)]
public sealed class RenderLoopTests
{
    private static readonly Preprocessing Input = Preprocessing.ImageNet(null, 32);

    [Theory]
    [InlineData(new double[] { 0, 1, 2, 3 }, 2, 0.01, false)]
    [InlineData(new double[] { 5, 5, 5, 5 }, 2, 0, true)]
    [InlineData(new double[] { 5, 5, 5, 5 }, 0, 0, false)] // never flat
    [InlineData(new double[] { 5, 5, 5 }, 2, 0, false)] // too short to tell
    [InlineData(new double[] { 0, 0, 4, 5, 5, 4 }, 2, 0.01, true)] // the start does not count
    [InlineData(new double[] { 10, 10, 10.2, 10.2 }, 2, 0.01, false)]
    [InlineData(new double[] { 10, 10, 10.05, 10.05 }, 2, 0.01, true)]
    [InlineData(new double[] { -10, -10, -9, -9 }, 2, 0.01, false)]
    [InlineData(new double[] { 3, 3, 2, 2 }, 2, 0.01, true)] // falling is not rising
    public void A_curve_is_flat_when_its_mean_no_longer_rises(double[] curve, int window, double tolerance, bool flat) =>
        Assert.Equal(flat, FlatCurve.Reached(curve, window, tolerance));

    [Fact]
    public void A_flat_picture_stops_where_it_is_and_the_others_go_on_as_they_would_alone()
    {
        using var network = ImageModel.Create("small_cnn", 5, GradientFlow.Modified);
        network.Initialise(3);
        var options =
            RenderPresets.Paper with { Steps = 60, BatchSize = 4, FlatWindow = 4, FlatTolerance = 0.02, Snapshots = [0, 10, 20, 40, 60] };
        var objective = new UnitObjective("block3", [0, 3, 7, 11]);
        var stopped = FeatureRenderer.Render(network.With(Input), objective, options);
        int[] steps = [.. stopped.Select(result => result.Curve.Count)];
        Assert.True(steps.Distinct().Count() > 1, string.Join(" ", steps));
        Assert.InRange(steps.Min(), 8, 59);
        // A picture that stopped after s steps is the one that a rendering of s steps gives in the same batch.
        foreach (int i in Enumerable.Range(0, 4))
        {
            var plain = FeatureRenderer.Render(
                network.With(Input), objective, options with { Steps = steps[i], FlatWindow = 0, Snapshots = [] })[i];
            Assert.Equal(plain.Picture.Pixels, stopped[i].Picture.Pixels);
            Assert.Equal(plain.Curve, stopped[i].Curve);
            Assert.Equal(options.Snapshots.Where(step => step <= steps[i]), stopped[i].Snapshots.Select(snapshot => snapshot.Step));
        }
        Assert.Equal(FailureKind.Configuration, Assert.Throws<FoveaException>(() => (options with { FlatWindow = -1 }).Validate()).Kind);
    }

    [Fact]
    public void Stopping_leaves_no_tensor_behind()
    {
        using var network = ImageModel.Create("small_cnn", 5, GradientFlow.Modified);
        network.Initialise(3);
        var options = RenderPresets.Paper with { Steps = 20, FlatWindow = 2, FlatTolerance = 0.5 };
        var objective = new UnitObjective("block3", [0, 3, 7]);
        FeatureRenderer.Render(network.With(Input), objective, options);
        long before = TensorCounts.Settled();
        FeatureRenderer.Render(network.With(Input), objective, options);
        Assert.Equal(before, TensorCounts.Settled());
        // Interrupted after some have ended.
        options = options with { Steps = 60, BatchSize = 4, FlatWindow = 4, FlatTolerance = 0.02 };
        objective = new UnitObjective("block3", [0, 3, 7, 11]);
        int ended = FeatureRenderer.Render(network.With(Input), objective, options).Min(result => result.Curve.Count);
        using var stop = new CancellationTokenSource();
        var progress = new Step(step => { if (step.Step > ended) stop.Cancel(); });
        Assert.Throws<OperationCanceledException>(
            () => FeatureRenderer.Render(network.With(Input), objective, options, progress, stop.Token));
        Assert.Equal(before, TensorCounts.Settled());
    }

    [Fact]
    public void Without_the_bypass_gradients_are_the_networks_own()
    {
        using var scope = NewDisposeScope();
        using var network = ImageModel.Create("small_cnn", 5, GradientFlow.Modified);
        network.Initialise(3);
        network.Eval();
        var objective = new UnitObjective("block3", [0, 3]);
        Tensor input = randn([2, 3, 32, 32]).requires_grad_(true);
        Tensor Gradient(Func<Tensor, ProbeResult> run) => autograd.grad([objective.Evaluate(run(input)).sum()], [input])[0];
        var own = new Probe("block3");
        Tensor plain = Gradient(one => network.Forward(one, own));
        Assert.True(Gradient(new ObjectiveTaps(network, ["block3"], bypass: false).Run).equal(plain).all().item<bool>());
        Assert.False(Gradient(new ObjectiveTaps(network, ["block3"]).Run).allclose(plain));
    }

    [Fact]
    public void A_batch_is_as_large_as_memory_allows()
    {
        using var network = ImageModel.Create("resnet18", 5, GradientFlow.Modified);
        int At(string layer, int side, long megabytes) => BatchBudget.Pictures(network, [layer], side, megabytes << 20);
        // At 64 px, by hand: conv1 and bn1 64×32×32 each, pooling 64×16×16, … : a few megabytes a picture.
        Assert.InRange(At("layer4", 64, 64), 4, 16);
        Assert.Equal(32, At("layer4", 64, 1 << 20));
        Assert.Equal(1, At("layer4", 64, 0));
        Assert.True(At("layer4", 128, 64) < At("layer4", 64, 64));
        Assert.True(At("layer1", 64, 24) >= At("layer4", 64, 24));
        Assert.Equal(2 * At("layer4", 64, 32), At("layer4", 64, 64));
        Assert.Throws<FoveaException>(() => At("layer9", 64, 64));
    }

    private sealed class Step(Action<RenderProgress> told) : IProgress<RenderProgress>
    {
        public void Report(RenderProgress value) => told(value);
    }
}
