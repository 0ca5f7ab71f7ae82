using System.Security.Cryptography;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Tests.Shared;
using Fovea.Training;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Training;

/// <summary>Networks from files are modified, measured anew, fine-tuned to the end, interrupted on the way, and opened again.</summary>
public sealed class ImportedTrainingTests : IDisposable
{
    private static readonly Preprocessing Input = Preprocessing.ImageNet(null, 8);
    private readonly string _root = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_root, true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Interrupted_and_continued_it_gives_the_same_bytes_and_opens_again(bool exportedInTraining)
    {
        string file = SmallPrograms.Classifier(training: exportedInTraining, classes: 3).Save(_root);
        string whole = Path.Combine(_root, "whole"), broken = Path.Combine(_root, "broken");
        Assert.NotNull(Train(file, whole, null));
        foreach (int reports in (int[])[1, 2, 3]) Assert.Null(Train(file, broken, reports));
        TrainingResult result = Train(file, broken, null)!;
        Assert.Equal(Bytes(whole), Bytes(broken));
        Assert.Equal(2, result.History.Count);

        // The best weights, in the graph that the run folder keeps.
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using ImageModel kept = ModelFile.Load(whole);
        using ImportedNetwork before = NetworkFile.Open(file);
        using ImageModel best = before.ToModel(Input, flow: GradientFlow.Modified);
        FineTuner.LoadBest(whole, best);
        Tensor images = arange(0, 4 * 3 * 64, dtype: float32).reshape(4, 3, 8, 8).sin();
        Assert.True(kept.Forward(images).equal(best.Forward(images)).all().item<bool>());
        Assert.Equal(3, kept.Classes!.Count);
        Assert.False(kept.State["conv.weight"].equal(before.Weights["conv.weight"]).all().item<bool>());
        Assert.Contains(kept.Graph.Nodes, node => node.Operator.Name == "leaky_relu");
        Assert.DoesNotContain(kept.Graph.Nodes, node => node.Operator.Name == "relu");
    }

    [Fact]
    public void Its_batch_normalisation_is_measured_anew()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using ImportedNetwork file = NetworkFile.Open(SmallPrograms.Classifier(classes: 3).Save(_root));
        using ImageModel model = file.ToModel(Input);
        using var source = new MemorySource(12, size: 8);
        Assert.True(BatchStatistics.Has(model));
        BatchStatistics.Estimate(model, source, 12, 1, batchSize: 12, cancellationToken: TestContext.Current.CancellationToken);
        var pixels = new float[12 * 3 * 64];
        for (int i = 0; i < 12; i++) Input.Apply(source.Read(i), i, pixels.AsSpan(i * 192, 192));
        Tensor maps = model.Forward(tensor(pixels, [12, 3, 8, 8]), new Probe("conv"))["conv"];
        Tensor mean = maps.mean([0, 2, 3]), variance = maps.var([0L, 2, 3], unbiased: true);
        Assert.True((model.State["bn.running_mean"] - mean).abs().max().item<float>() < 1e-5);
        Assert.True((model.State["bn.running_var"] - variance).abs().max().item<float>() < 1e-5 * variance.max().item<float>());
    }

    [Fact]
    public void One_that_takes_a_fixed_number_of_images_is_not_trained()
    {
        using ImportedNetwork file = NetworkFile.Open(SmallPrograms.Classifier(classes: 3).Save(_root));
        var graph = new NetworkGraphCopy(file.Graph, 2).Graph;
        using var model = new ImageModel(graph, Input);
        using var source = new MemorySource(6, size: 8);
        var refused = Assert.Throws<FoveaException>(() => new FineTuner(model, new TrainingOptions()).Run(
            source, source, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains("exactly 2 images", refused.Message, StringComparison.Ordinal);
        Assert.Throws<FoveaException>(() => BatchStatistics.Estimate(
            model, source, 6, 1, cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void What_a_modification_finds_nothing_for_is_said()
    {
        using ImportedNetwork file = NetworkFile.Open(SmallPrograms.Classifier(classes: 3).Save(_root));
        Assert.Equal(["average_pooling changes nothing: net.pt2 has no max-pooling."], GradientFlow.Modified.Idle(file.Graph));
        using ImportedNetwork other = NetworkFile.Open(SmallPrograms.Extractor().Save(_root, "other"));
        Assert.Empty(GradientFlow.Modified.Idle(other.Graph));
        using ImageModel extractor = other.ToModel(Input);
        Assert.False(BatchStatistics.Has(extractor));
    }

    private static TrainingResult? Train(string file, string folder, int? reports)
    {
        using ImportedNetwork imported = NetworkFile.Open(file);
        using ImageModel network = imported.ToModel(Input, flow: GradientFlow.Modified);
        using var train = new MemorySource(10, size: 8);
        using var validation = new MemorySource(5, size: 8, seed: 2);
        using var cancellation = new CancellationTokenSource();
        int seen = 0;
        try
        {
            var progress = new Told(() =>
            {
                if (++seen == reports) cancellation.Cancel();
            });
            var options = new TrainingOptions
            {
                Epochs = 2,
                BatchSize = 4,
                LearningRate = 1e-3,
                Seed = 3,
                CheckpointEverySteps = 2,
                StatisticsImages = 6,
            };
            TrainingResult result = new FineTuner(network, options).Run(train, validation, folder, null, progress, cancellation.Token);
            FineTuner.LoadBest(folder, network);
            ModelFile.Save(folder, network, train.Classes);
            return result;
        }
        catch (OperationCanceledException) when (reports is not null)
        {
            return null;
        }
    }

    private static Dictionary<string, string> Bytes(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .ToDictionary(path => Path.GetRelativePath(folder, path), path => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))));

    /// <summary>A graph that says it takes only so many images together.</summary>
    private sealed class NetworkGraphCopy(Fovea.Models.Graph.NetworkGraph graph, int images)
    {
        public Fovea.Models.Graph.NetworkGraph Graph { get; } =
            new(graph.Name, graph.Input, graph.Output, graph.Nodes, graph.Weights, graph.Layers) { FixedBatch = images };
    }

    private sealed class Told(Action report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report();
    }
}
