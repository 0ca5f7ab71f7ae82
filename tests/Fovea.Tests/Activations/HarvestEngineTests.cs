using Fovea.Activations;
using Fovea.Checkpoints;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Numerics;
using Fovea.Tests.Interpretation;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Activations;

/// <summary>The engines that a harvest reads with.</summary>
[Collection(TensorCounts.Name)]
public sealed class HarvestEngineTests : IDisposable
{
    private const int Images = 11;
    private static readonly string[] Layers = ["layer2.0", "layer4"];
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-engine-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Both_give_the_same_vectors_and_scores()
    {
        using ImageModel network = Make();
        long before = FastPaths.Count(FastPath.PositionRows);
        ActivationManifest fast = Harvest(network, "fast"), plain = Harvest(network, "plain", EngineChoice.Torch);
        // Three batches of two layers, by either engine.
        Assert.Equal(before + 12, FastPaths.Count(FastPath.PositionRows));
        Assert.Matches("^onnxruntime [0-9]", fast.Engine);
        Assert.Null(fast.EngineReason);
        Assert.Equal(($"torch {__version__}", "as was asked for"), (plain.Engine, plain.EngineReason));
        foreach (string layer in Layers)
        {
            foreach (string file in (string[])["vectors-00000.safetensors", "draws/magnitude/draws-00001.safetensors"])
            {
                string name = file.StartsWith('v') ? HarvestShard.Vectors : HarvestShard.Scores;
                float[] one = Numbers(Path.Combine(_root, "fast", layer, file), name);
                float[] other = Numbers(Path.Combine(_root, "plain", layer, file), name);
                Assert.Equal(one.Length, other.Length);
                float largest = other.Max(Math.Abs);
                Assert.True(largest > 0);
                for (int i = 0; i < one.Length; i++) Assert.Equal(other[i], one[i], 3e-5f * largest);
            }
        }
    }

    [Fact]
    public void Weights_that_ONNX_Runtime_reads_with_are_not_put_into_other_forms_for_libtorch_too()
    {
        using ImageModel network = Make();
        Harvest(network, "fast");
        Assert.Equal(0, network.Prepared.Count);
        Harvest(network, "plain", EngineChoice.Torch);
        Assert.InRange(network.Prepared.Count, 10, 100);
    }

    [Fact]
    public void Where_a_filter_needs_gradients_libtorch_gives_all_values()
    {
        using ImageModel network = Make();
        ActivationManifest manifest = Harvest(network, "gradients", filters: ["magnitude", "gradcam"]);
        Assert.Equal(($"torch {__version__}", "gradients are asked for"), (manifest.Engine, manifest.EngineReason));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void A_harvest_has_the_same_bytes_again_after_interruption_and_with_other_threads(int stopAt)
    {
        using ImageModel network = Make();
        Harvest(network, "whole");
        using var cancel = new CancellationTokenSource();
        int calls = 0;
        var stopper = new Reporter(() =>
        {
            if (++calls == stopAt) cancel.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(() => Harvest(network, "cut", progress: stopper, cancellation: cancel.Token));
        int threads = get_num_threads();
        try
        {
            set_num_threads(threads == 1 ? 2 : 1);
            Harvest(network, "cut");
        }
        finally
        {
            set_num_threads(threads);
        }
        string whole = Path.Combine(_root, "whole");
        foreach (string file in Directory.EnumerateFiles(whole, "*", SearchOption.AllDirectories))
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(_root, "cut", Path.GetRelativePath(whole, file))));
    }

    [Fact]
    public void Shards_of_one_engine_are_not_continued_by_the_other()
    {
        using ImageModel network = Make();
        using var cancel = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(
            () => Harvest(network, "mixed", progress: new Reporter(cancel.Cancel), cancellation: cancel.Token));
        Harvest(network, "mixed");
        File.Delete(Path.Combine(_root, "mixed", "layer4", "vectors-00002.safetensors"));
        var error = Assert.Throws<FoveaException>(() => Harvest(network, "mixed", EngineChoice.Torch));
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Contains("engine", error.Message, StringComparison.Ordinal);
    }

    private static ImageModel Make() => ImageModel.Create("resnet18", 5, preprocessing: Preprocessing.ImageNet(null, 32), seed: 4);

    private ActivationManifest Harvest(
        ImageModel network, string folder, EngineChoice engine = EngineChoice.Auto, string[]? filters = null,
            IProgress<HarvestProgress>? progress = null, CancellationToken cancellation = default)
    {
        network.Engine = engine;
        var options = new HarvestOptions { Layers = Layers, Filters = filters ?? ["none", "magnitude"], BatchSize = 4, ShardBytes = 1 };
        return new Harvester(network, new NoisePictures(Images), options).Run(
            [.. Enumerable.Range(0, Images)], Path.Combine(_root, folder), progress, cancellation)[0];
    }

    private static float[] Numbers(string path, string name)
    {
        using var file = SafetensorsFile.Open(path);
        return file.Span<float>(name).ToArray();
    }

    private sealed class Reporter(Action report) : IProgress<HarvestProgress>
    {
        public void Report(HarvestProgress value) => report();
    }
}
