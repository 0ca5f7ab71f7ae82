using Fovea.Activations;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Interventions;
using Fovea.Models;
using Fovea.Numerics;
using Fovea.Tests.Dictionaries;
using Fovea.Tests.Interpretation;
using Fovea.Training;
using Fovea.Visualization;
using Fovea.Visualization.Objectives;
using Xunit;
using static Fovea.Tests.FastPathRuns;

namespace Fovea.Tests;

/// <summary>
/// With the settings that a run has unless others are asked for, the stages go the fast ways; where those cannot be gone, they do not say
/// so.
/// </summary>
[Collection(TensorCounts.Name)]
public sealed class FastPathsOnUsualSettingsTests : IDisposable
{
    private static readonly Preprocessing Input = new(null, 32, [0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]);
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-fast-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_harvest_runs_the_network_no_deeper_than_its_layers()
    {
        using var network = Make("resnet18");
        void Plain(string folder) => Harvest(network, folder, ["layer2", "layer3.0"], new HarvestOptions { Layers = [] }.Filters);
        // Two batches.
        Assert.Equal(2, TimesRun(FastPath.OnnxRuntime, () => Plain("plain")));
        // By libtorch, and one pass that asks for the shapes.
        network.Engine = EngineChoice.Torch;
        Assert.Equal(3, TimesRun(FastPath.EarlyEnd, () => Plain("by libtorch")));
        network.Engine = EngineChoice.Auto;
        Assert.Equal(0, TimesRun(FastPath.LateRecord, () => Harvest(network, "plain2", ["layer2"], ["none"])));
        // Gradients need the answer; the record begins at the layer.
        Assert.Equal(2, TimesRun(FastPath.LateRecord, () => Harvest(network, "gradients", ["layer2"], ["gradcam"])));
        Assert.Equal(1, TimesRun(FastPath.EarlyEnd, () => Harvest(network, "gradients2", ["layer2"], ["gradcam"])));
    }

    [Fact]
    public void Ablations_before_the_pooled_head_take_no_pass_each()
    {
        using var network = Make("resnet18");
        Assert.Equal(2, TimesRun(FastPath.PooledAblation, () => Harvest(network, "last", ["layer4"], ["ablationcam"])));
        Assert.Equal(0, TimesRun(FastPath.PooledAblation, () => Harvest(network, "middle", ["layer4.0"], ["ablationcam"])));
        Assert.True(TimesRun(FastPath.SharedPass, () => Harvest(network, "middle2", ["layer4.0"], ["ablationcam"])) > 2);
    }

    [Fact]
    public void A_splice_shares_the_pass_up_to_the_layer()
    {
        using var network = Make("small_cnn");
        using var source = new NoisePictures(64);
        int channels = network.Layers.Single(layer => layer.Name == "block3").Shape[0];
        using var dictionary = Samples.Create("topk", channels, 4 * channels, TorchSharp.torch.ScalarType.Float32);
        void Splice() =>
            SplicedEvaluation.Evaluate(
                network, "block3", [dictionary], source, new SpliceOptions(), cancellationToken: TestContext.Current.CancellationToken);
        // The dictionary and the layer set to zero, batch by batch.
        int batches = (64 + new SpliceOptions().BatchSize - 1) / new SpliceOptions().BatchSize;
        // ONNX Runtime reads the layer; libtorch goes on from it, also as it is.
        Assert.Equal(3 * batches, TimesRun(FastPath.SharedPass, Splice));
        Assert.Equal(batches, TimesRun(FastPath.OnnxRuntime, Splice));
        network.Engine = EngineChoice.Torch;
        Assert.Equal(2 * batches, TimesRun(FastPath.SharedPass, Splice));
    }

    [Fact]
    public void Statistics_of_latents_go_over_entries()
    {
        using var network = Make("small_cnn");
        using var source = new NoisePictures(64);
        int channels = network.Layers.Single(layer => layer.Name == "block3").Shape[0];
        using var dictionary = Samples.Create("topk", channels, 4 * channels, TorchSharp.torch.ScalarType.Float32);
        UnitGroup[] groups = [UnitGroup.Latents("block3", "topk", dictionary)];
        Assert.True(TimesRun(
            FastPath.EncodeEntries,
                () => TopExamples.Collect(network, groups, source, cancellationToken: TestContext.Current.CancellationToken)) > 0);
    }

    [Fact]
    public void Training_updates_a_network_in_one_pass_over_its_parameters()
    {
        using var network = Make("small_cnn");
        using var source = new NoisePictures(20);
        var options = new TrainingOptions { Epochs = 1, BatchSize = 10 };
        Assert.Equal(2, TimesRun(FastPath.FusedAdam, () =>
            new FineTuner(network, options).Run(
                source, source, Path.Combine(_root, "training"), null, null, TestContext.Current.CancellationToken)));
    }

    [Fact]
    public void The_papers_pictures_are_made_by_kernels()
    {
        using var network = Make("small_cnn");
        const int Steps = 3;
        void Render(RenderOptions options) =>
            FeatureRenderer.Render(network, new UnitObjective("block3", [0, 5]), options with { Steps = Steps });
        Assert.Equal(Steps, TimesRun(FastPath.PictureViews, () => Render(new RenderOptions())));
        Assert.Equal(Steps, TimesRun(FastPath.PictureVariation, () => Render(new RenderOptions())));
        Assert.Equal(Steps, TimesRun(FastPath.PictureBlur, () => Render(new RenderOptions())));
        Assert.Equal(Steps, TimesRun(FastPath.PictureAdam, () => Render(new RenderOptions())));
        Assert.True(TimesRun(FastPath.PictureColours, () => Render(new RenderOptions())) >= Steps);
        Assert.True(TimesRun(FastPath.EarlyEnd, () => Render(new RenderOptions())) >= Steps);
        // Other recipes have other parameters and views.
        Assert.Equal(0, TimesRun(FastPath.PictureViews, () => Render(RenderPresets.Lucid)));
        Assert.Equal(0, TimesRun(FastPath.PictureColours, () => Render(RenderPresets.Lucid)));
        Assert.Equal(0, TimesRun(FastPath.PictureAdam, () => Render(RenderPresets.Lucid)));
    }

    private void Harvest(ImageModel network, string folder, IReadOnlyList<string> layers, IReadOnlyList<string> filters)
    {
        using var source = new NoisePictures(40);
        new Harvester(network, source, new HarvestOptions { Layers = layers, Filters = filters })
            .Run([.. Enumerable.Range(0, 40)], Path.Combine(_root, folder), cancellation: TestContext.Current.CancellationToken);
    }

    private static ImageModel Make(string architecture) => ImageModel.Create(architecture, 5, GradientFlow.Modified, Input, seed: 4);
}
