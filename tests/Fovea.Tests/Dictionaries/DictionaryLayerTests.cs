using Fovea.Activations;
using Fovea.Datasets;
using Fovea.Dictionaries;
using Fovea.Dictionaries.Plain;
using Fovea.Dictionaries.SaeLens;
using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Training;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Interventions;
using Fovea.Models;
using Fovea.Visualization.Objectives;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

/// <summary>A dictionary knows its layer through training and files, and is refused on another one.</summary>
public sealed class DictionaryLayerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Vectors of a layer.</summary>
    private sealed class LayerVectors(float[] values, int dimension, string layer) : IVectorSource
    {
        private readonly ArrayVectors _vectors = new(values, dimension);

        public int Dimension => _vectors.Dimension;

        public long Count => _vectors.Count;

        public string? Layer => layer;

        public void Read(ReadOnlySpan<long> rows, Span<float> destination) => _vectors.Read(rows, destination);
    }

    private static LayerVectors Vectors()
    {
        using var scope = NewDisposeScope();
        return new([.. Samples.Vectors(300, 8, ScalarType.Float32).data<float>()], 8, "block2");
    }

    [Fact]
    public void Training_and_files_carry_it()
    {
        var options = AutoencoderTrainerTests.Small("topk") with { Epochs = 1, Cap = 2 };
        using var trained = AutoencoderTrainer.Train(
            options, Vectors(), RowSet.Range(0, 250), RowSet.Range(250, 50), null, null, TestContext.Current.CancellationToken);
        Assert.Equal("block2", trained.Autoencoder.Layer);
        trained.Save(_folder);
        using var loaded = AutoencoderFile.Load(_folder);
        Assert.Equal("block2", loaded.Layer);
        string exported = Path.Combine(_folder, "exported");
        SaeLensFile.Export(exported, loaded);
        using var imported = SaeLensFile.Import(exported);
        Assert.Equal("block2", imported.Layer);
        Assert.Contains(
            "\"hook_name\": \"block2\"", File.ReadAllText(Path.Combine(exported, AutoencoderFile.ConfigurationName)),
                StringComparison.Ordinal);
        using var plain = BaselineDictionaries.Fit(
            "pca", Vectors(), RowSet.Range(0, 250), cancellation: TestContext.Current.CancellationToken);
        Assert.Equal("block2", plain.Layer);
        using var unknown = Samples.Create("topk", 8, 20, ScalarType.Float32);
        Assert.Null(unknown.Layer);
        AutoencoderFile.Save(_folder, unknown);
        using var again = AutoencoderFile.Load(_folder);
        Assert.Null(again.Layer);
    }

    [Fact]
    public void Another_layer_is_refused_in_a_sentence()
    {
        using var autoencoder = Samples.Create("topk", 8, 20, ScalarType.Float32);
        autoencoder.Layer = "block2";
        Refused(() => UnitGroup.Latents("block3", "topk", autoencoder));
        Refused(() => new LatentObjective("block3", autoencoder, [3]));
        using var network = ImageModel.Create("small_cnn", 4, preprocessing: Preprocessing.ImageNet(null, 32));
        using var images = ImageSources.Open("shapesworld:val:8?seed=1");
        Refused(() => SplicedEvaluation.Evaluate(network, "block3", autoencoder, images));
        using var wrapped = new ConfiguredDictionary(autoencoder, () => { });
        Refused(() => wrapped.RequireLayer("block3"));

        Assert.Equal("block2", UnitGroup.Latents("topk", autoencoder).Layer);
        Assert.Equal("block2", UnitGroup.Latents("block2", "topk", autoencoder).Layer);
        autoencoder.Layer = null;
        Assert.Equal("block3", UnitGroup.Latents("block3", "topk", autoencoder).Layer);
        Assert.Contains(
            "does not know its layer", Assert.Throws<FoveaException>(() => UnitGroup.Latents("topk", autoencoder)).Message,
                StringComparison.Ordinal);
    }

    private static void Refused(Action action)
    {
        var error = Assert.Throws<FoveaException>(action);
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Contains("was made from layer block2 and cannot be used on layer block3", error.Message, StringComparison.Ordinal);
    }
}
