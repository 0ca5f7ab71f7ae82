using Fovea.Imaging;
using Fovea.Models;
using Fovea.Numerics;
using Fovea.Training;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Training;

public sealed class BatchStatisticsTests
{
    private static readonly Preprocessing Preprocessing = Preprocessing.ImageNet(null, 64);

    private static ImageModel Fresh()
    {
        var network = ImageModel.Create("small_cnn", 3, GradientFlow.Modified);
        network.Initialise(1);
        return network;
    }

    [Fact]
    public void The_first_layer_gets_the_mean_and_variance_of_its_inputs()
    {
        using var network = Fresh();
        using var source = new MemorySource(12);
        BatchStatistics.Estimate(
            network.With(Preprocessing), source, images: 12, seed: 4, batchSize: 6,
                cancellationToken: TestContext.Current.CancellationToken);

        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        int[] order = new CounterRandom(4, "train/statistics", 0).Permutation(12);
        string first = network.Buffers.First(buffer => buffer.Key.EndsWith("running_mean", StringComparison.Ordinal)).Key;
        string convolution = first.Replace("bn.running_mean", "conv.weight", StringComparison.Ordinal);
        var weight = network.State[convolution];
        List<Tensor> means = [], variances = [];
        foreach (int[] part in order.Chunk(6))
        {
            var inputs = stack(part.Select(index =>
            {
                var values = new float[3 * 64 * 64];
                Preprocessing.Apply(source.Read(index), index, values);
                return tensor(values, [3, 64, 64]);
            }));
            var outputs = nn.functional.conv2d(inputs, weight, strides: [2, 2], padding: [weight.shape[2] / 2, weight.shape[2] / 2]);
            means.Add(outputs.mean([0, 2, 3]));
            variances.Add(outputs.var([0, 2, 3], unbiased: true));
        }
        var buffers = network.Buffers;
        Assert.True(buffers[first].allclose(stack(means).mean([0]), 1e-4, 1e-5));
        Assert.True(buffers[first.Replace("mean", "var", StringComparison.Ordinal)].allclose(stack(variances).mean([0]), 1e-4, 1e-5));
        Assert.False(network.Training);
    }

    [Fact]
    public void Values_from_before_leave_no_trace()
    {
        using ImageModel a = Fresh(), b = Fresh();
        using var source = new MemorySource(10, damaged: 7);
        using (no_grad())
        {
            foreach (var (name, buffer) in b.Buffers)
                if (name.Contains("running", StringComparison.Ordinal)) buffer.fill_(7);
        }
        foreach (var network in (ImageModel[])[a, b])
            BatchStatistics.Estimate(
                network.With(Preprocessing), source, 8, seed: 2, batchSize: 4, cancellationToken: TestContext.Current.CancellationToken);
        foreach (var ((name, left), (_, right)) in a.Buffers.Zip(b.Buffers))
            Assert.True(left.equal(right).all().item<bool>(), name);
    }

    [Fact]
    public void Training_afterwards_uses_the_usual_momentum()
    {
        using var network = Fresh();
        using var source = new MemorySource(8);
        BatchStatistics.Estimate(
            network.With(Preprocessing), source, 8, seed: 2, batchSize: 4, cancellationToken: TestContext.Current.CancellationToken);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var mean = network.Buffers.First(buffer => buffer.Key.EndsWith("running_mean", StringComparison.Ordinal)).Value;
        var before = mean.clone();
        network.Train();
        network.Forward(zeros(4, 3, 64, 64));
        // The first layer sees zeros only: its mean moves a tenth of the way to zero.
        Assert.True(mean.allclose(before * 0.9, 1e-5, 1e-7));
    }
}
