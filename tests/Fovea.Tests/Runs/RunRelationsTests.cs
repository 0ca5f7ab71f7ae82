using Fovea.Activations;
using Fovea.Checkpoints;
using Fovea.Datasets;
using Fovea.Dictionaries.Sparse;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Interpretation.Relations;
using Fovea.Models;
using Fovea.Runs;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Runs;

public sealed class RunRelationsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-relations").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Latents_compare_by_the_rows_of_their_decoder()
    {
        var run = new RunFolder(_folder);
        using var autoencoder = new TopKAutoencoder(4, 6, 2);
        autoencoder.Initialize(1);
        using (no_grad()) autoencoder.Parameters[SparseAutoencoder.DecoderWeightName][3] = autoencoder.Parameters[SparseAutoencoder.DecoderWeightName][1] * 2;
        AutoencoderFile.Save(run.Dictionary("block4", "topk"), autoencoder);
        using var directions = RunRelations.Directions(run, "block4", "topk")!;
        Assert.Equal((6, 4), (directions.Count, directions.Dimension));
        Assert.Equal(3, directions.Nearest(1, 1)[0].Unit);
        Assert.Equal(1, directions.Nearest(1, 1)[0].Cosine, 1e-6);
        Assert.Null(RunRelations.Directions(run, "block4", "none"));
        Assert.Null(RunRelations.Directions(run, "block4", "neurons"));
        Assert.Null(RunRelations.Activity(run, "block4", "topk"));
    }

    [Fact]
    public void Profiles_leave_out_classes_without_images()
    {
        string path = Path.Combine(_folder, RunLayout.Units("block4", "topk"), EvidenceTensors.FileName);
        float nan = float.NaN;
        Safetensors.Write(path, [SafetensorsEntry.Of(EvidenceTensors.ClassMeans, [1f, nan, 2, 3, 2, nan, 4, 6, 3, nan, 2, 1], 3L, 4L)]);
        using var profiles = RunRelations.ClassProfiles(new RunFolder(_folder), "block4", "topk")!;
        Assert.Equal((3, 3), (profiles.Count, profiles.Dimension));
        Assert.Equal([(1, 1.0), (2, -1.0)], profiles.Nearest(0, 5).Select(one => (one.Unit, Math.Round(one.Cosine, 5))));
        Assert.Null(RunRelations.ClassProfiles(new RunFolder(_folder), "block4", "l1"));
        Safetensors.Write(path, [SafetensorsEntry.Of(EvidenceTensors.ClassMeans, [1f, 2, 3, 3, 2, 1], 2L, 3L)]);
        using var whole = RunRelations.ClassProfiles(new RunFolder(_folder), "block4", "topk")!;
        Assert.Equal(-1, whole.Nearest(0, 1)[0].Cosine, 1e-6);
    }

    [Theory]
    [InlineData("topk")]
    [InlineData(UnitGroup.NeuronsName)]
    public void Shared_positions_are_those_of_all_stored_vectors(string source)
    {
        var run = new RunFolder(_folder);
        using var images = ImageSources.Open("shapesworld:val:16?seed=1");
        using ImageModel network = ImageModel.Create("small_cnn", 24, GradientFlow.Modified, Preprocessing.ImageNet(null, 32), 1);
        new Harvester(network, images, new HarvestOptions { Layers = ["block4"], Filters = ["none"], Seed = 5 })
            .Run([.. Enumerable.Range(0, images.Count)], run.Activations, null, TestContext.Current.CancellationToken);
        using ActivationStore store = ActivationStore.Open(run.ActivationsOf("block4"));
        using var autoencoder = new TopKAutoencoder(store.Dimension, 40, 6);
        autoencoder.Initialize(1);
        AutoencoderFile.Save(run.Dictionary("block4", "topk"), autoencoder);
        using var scope = NewDisposeScope();
        var vectors = stack([.. Enumerable.Range(0, (int)store.Count).Select(row => tensor(store.Row(row).ToArray()))]);
        Tensor active = source == UnitGroup.NeuronsName ? vectors.abs() > UnitGroup.NeuronThreshold : autoencoder.EncodeDense(vectors) != 0;
        long[][] together = [.. active.to(int64).t().matmul(active.to(int64)).unbind().Select(row => row.data<long>().ToArray())];

        CoActivation found = RunRelations.Activity(run, "block4", source, TestContext.Current.CancellationToken)!;
        Assert.Equal(store.Count, found.Positions);
        for (int unit = 0; unit < together.Length; unit++)
        {
            Assert.Equal(together[unit][unit], found.ActiveAt(unit));
            Assert.All(found.With(unit, 1000), one => Assert.Equal(together[unit][one.Unit], one.Together));
            Assert.Equal(together[unit].Where((_, other) => other != unit).Count(n => n >= CoActivation.FewestTogether), found.With(unit, 1000).Count);
        }

        // The same counted aside, with its values: correlations are libtorch's of the dense codes.
        CoActivation aside = RunRelations.Activity(run, "block4", source, TestContext.Current.CancellationToken, aside: true)!;
        Tensor dense = (source == UnitGroup.NeuronsName ? vectors * active : autoencoder.EncodeDense(vectors)).to(float64);
        double[][] expected = [.. dense.t().corrcoef().unbind().Select(row => row.data<double>().ToArray())];
        for (int unit = 0; unit < together.Length; unit++)
        {
            float[] own = aside.Correlations(unit, found);
            Assert.All(Enumerable.Range(0, own.Length), other => Assert.Equal(double.IsNaN(expected[unit][other]) ? 0 : expected[unit][other], own[other], 1e-4));
        }
        Assert.Equal(64, RunRelations.Activity(run, "block4", source, TestContext.Current.CancellationToken, positions: 64)!.Positions);
    }
}
