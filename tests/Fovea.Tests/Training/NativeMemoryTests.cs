using Fovea.Imaging;
using Fovea.Models;
using Fovea.Training;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Training;

/// <summary>Native memory is freed by plan, not by the garbage collector: as many tensors live after the work as before.</summary>
[Collection(TensorCounts.Name)]
public sealed class NativeMemoryTests
{
    private static readonly Preprocessing Preprocessing = Preprocessing.ImageNet(null, 64);

    private static void LeavesNothing(Action work)
    {
        // The collector would hide what was forgotten, and the remains of earlier tests would be collected in between.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        work();
        Assert.True(GC.TryStartNoGCRegion(64 << 20));
        try
        {
            long before = Tensor.TotalCount;
            work();
            work();
            Assert.Equal(before, Tensor.TotalCount);
        }
        finally
        {
            if (System.Runtime.GCSettings.LatencyMode == System.Runtime.GCLatencyMode.NoGCRegion) GC.EndNoGCRegion();
        }
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Of_a_tapped_pass(bool gradients, bool stop)
    {
        using var network = ImageModel.Create("resnet18", 3, GradientFlow.Standard);
        network.Eval();
        var taps = new Probe("layer2", "layer4", "layer4.1", "layer4.1.conv2") { Output = !stop };
        taps = taps.With("layer3", x => x * 2);
        LeavesNothing(() =>
        {
            using var guard = set_grad_enabled(gradients);
            using var input = zeros(1, 3, 64, 64);
            using var result = network.Forward(input, taps);
        });
    }

    [Fact]
    public void Of_a_tapped_pass_that_fails()
    {
        using var network = ImageModel.Create("small_cnn", 3, GradientFlow.Standard);
        var taps = new Probe("block1", "block4");
        taps = taps.With("block2", _ => throw new NotSupportedException());
        LeavesNothing(() =>
        {
            using var input = zeros(1, 3, 64, 64);
            Assert.Throws<NotSupportedException>(() => network.Forward(input, taps));
        });
    }

    [Fact]
    public void Of_Adam()
    {
        using var parameter = new TorchSharp.Modules.Parameter(zeros(100));
        using var adam = new Adam([("p", parameter)]);
        LeavesNothing(() =>
        {
            using var scope = NewDisposeScope();
            adam.ZeroGrad();
            (parameter * 3).sum().backward();
            adam.Step(0.1);
        });
    }

    [Fact]
    public void Of_an_evaluation()
    {
        using var network = ImageModel.Create("small_cnn", 3, GradientFlow.Standard);
        using var source = new MemorySource(6);
        LeavesNothing(() => Evaluator.Evaluate(network.With(Preprocessing), source, batchSize: 4));
    }

    [Fact]
    public void Of_a_training()
    {
        using var network = ImageModel.Create("small_cnn", 3, GradientFlow.Standard);
        using var source = new MemorySource(6);
        string folder = Directory.CreateTempSubdirectory("fovea-memory").FullName;
        ulong seed = 0;
        LeavesNothing(() =>
        {
            string place = Path.Combine(folder, $"{++seed}");
            new FineTuner(network.With(Preprocessing), new TrainingOptions { Epochs = 1, BatchSize = 4, Seed = seed }).Run(
                source, source, place);
        });
        Directory.Delete(folder, recursive: true);
    }
}
