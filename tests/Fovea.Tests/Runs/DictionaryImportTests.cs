using Fovea.Activations;
using Fovea.Datasets;
using Fovea.Dictionaries;
using Fovea.Dictionaries.SaeLens;
using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Training;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Interventions;
using Fovea.IO;
using Fovea.Models;
using Fovea.Runs;
using Fovea.Runs.Settings;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Runs;

/// <summary>A dictionary from elsewhere in a run, without any command; and that a dictionary is used on its own network alone.</summary>
public sealed class DictionaryImportTests : IDisposable
{
    private static readonly WorkflowSettings Settings = new()
    {
        Name = "test",
        Seed = 5,
        Data = new DataSettings { Source = "shapesworld", Crop = 32 },
        Model = new ModelSettings { Architecture = "small_cnn" },
        Harvest = new HarvestSettings { Layers = ["block4"] },
        Dictionary = [new DictionarySettings { Name = "planned", Layer = "block4", Options = Sae.TopK(4) }],
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-import-").FullName;
    private readonly IImageSource _images = ImageSources.Open("shapesworld:val:16?seed=1");
    private readonly ImageModel _network;

    public DictionaryImportTests()
    {
        _network = Network(1);
        Harvest(_network, Run);
    }

    private RunFolder Run => new(Path.Combine(_folder, "run"));

    public void Dispose()
    {
        _network.Dispose();
        _images.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void It_is_measured_written_and_of_this_run_from_then_on()
    {
        using SparseAutoencoder foreign = Foreign();
        ImportedDictionary imported = DictionaryImport.IntoRun(
            foreign, Run, Settings, new() { Name = "theirs", Layer = "block4", Filter = "none" }, TestContext.Current.CancellationToken);
        using ActivationStore store = ActivationStore.Open(Run.ActivationsOf("block4"));
        var (training, validation) = store.Draws("none");
        Assert.Equal(DictionaryEvaluation.Scores(foreign, store, validation).Fvu, imported.Scores.Fvu, 1e-12);
        Assert.Equal(validation.Count, imported.Report.Validation!.Vectors);
        Assert.Contains(
            $"taken for one of this run's, {ModelFingerprint.Short(ModelFingerprint.Of(_network))}", Assert.Single(imported.Notes),
                StringComparison.Ordinal);
        using SparseAutoencoder written = AutoencoderFile.Load(imported.Folder);
        Assert.Equal(("block4", ModelFingerprint.Of(_network)), (written.Layer, written.Network));
        Assert.Equal(["planned", "theirs"], RunUnits.Dictionaries(Run, Settings, "block4"));
        using var opened = RunUnits.Open(Run, Settings, "block4", "theirs", CPU).Autoencoder;
        Assert.NotNull(opened);

        // Sent on through SAELens' layout it knows where it is from, and nothing has to be taken for granted.
        string sent = Path.Combine(_folder, "sent");
        SaeLensFile.Export(sent, written);
        using SparseAutoencoder back = SaeLensFile.Import(sent);
        Assert.Empty(DictionaryImport.IntoRun(back, Run, Settings, new() { Name = "back" }, TestContext.Current.CancellationToken).Notes);
    }

    [Theory]
    [InlineData("planned", "block4", 32, FailureKind.Configuration, "has a dictionary 'planned' already")]
    [InlineData("Planned", "block4", 32, FailureKind.Configuration, "has a dictionary 'planned' already")]
    [InlineData("neurons", "block4", 32, FailureKind.Configuration, "names the layer's own units")]
    [InlineData("../x", "block4", 32, FailureKind.Configuration, "../x")]
    [InlineData("theirs", null, 32, FailureKind.Configuration, "does not say which layer")]
    [InlineData("theirs", "block3", 32, FailureKind.Data, "holds no finished harvest")]
    [InlineData("theirs", "block4", 31, FailureKind.Data, "vectors of 31 components")]
    public void What_does_not_fit_is_refused_and_nothing_is_written(string name, string? layer, int inputs, FailureKind kind, string said)
    {
        int channels = Channels();
        using var autoencoder = new TopKAutoencoder(inputs == 32 ? channels : inputs, 40, 4);
        autoencoder.Initialize(1);
        var error = Assert.Throws<FoveaException>(
            () => DictionaryImport.IntoRun(
                autoencoder, Run, Settings, new() { Name = name, Layer = layer }, TestContext.Current.CancellationToken));
        Assert.Equal(kind, error.Kind);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Run.Dictionaries));
    }

    [Fact]
    public void Another_process_on_the_run_is_waited_for_by_nobody()
    {
        using SparseAutoencoder foreign = Foreign();
        using FolderLock held = FolderLock.Take(Run.Root);
        Assert.Throws<FoveaException>(
            () => DictionaryImport.IntoRun(
                foreign, Run, Settings, new() { Name = "theirs", Layer = "block4" }, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_dictionary_of_another_network_is_refused_in_a_sentence_that_names_both()
    {
        using ActivationStore store = ActivationStore.Open(Run.ActivationsOf("block4"));
        Assert.Equal(ModelFingerprint.Of(_network), store.Manifest.Network);
        using var trained = store.Train(
            Sae.TopK(4) with { LatentSize = 40, Epochs = 1 }, "none", cancellation: TestContext.Current.CancellationToken);
        SparseAutoencoder own = trained.Autoencoder;
        Assert.Equal(ModelFingerprint.Of(_network), own.Network);
        trained.Save(Path.Combine(_folder, "saved"));
        using SparseAutoencoder saved = AutoencoderFile.Load(Path.Combine(_folder, "saved"));
        Assert.Equal(own.Network, saved.Network);

        using ImageModel other = Network(2);
        var elsewhere = new RunFolder(Path.Combine(_folder, "other"));
        Harvest(other, elsewhere);
        using ActivationStore theirs = ActivationStore.Open(elsewhere.ActivationsOf("block4"));
        GroupStatistics features = store.Explain(own, cancellation: TestContext.Current.CancellationToken);
        Refused(other, () => store.Splice(other, own, _images, TestContext.Current.CancellationToken));
        Refused(other, () => SplicedEvaluation.Evaluate(other, "block4", own, _images));
        Refused(other, () => theirs.Explain(own, cancellation: TestContext.Current.CancellationToken));
        Refused(other, () => features.Render(other, 1));
        Refused(other,
            () => DictionaryImport.IntoRun(saved, elsewhere, Settings, new() { Name = "theirs" }, TestContext.Current.CancellationToken));
        // Copied by hand into the other run's folder.
        AutoencoderFile.Save(elsewhere.Dictionary("block4", "copied"), saved);
        Refused(other, () => RunUnits.Open(elsewhere, Settings, "block4", "copied", CPU));

        Assert.Equal(
            store.Splice(_network, own, _images, TestContext.Current.CancellationToken).Images,
                store.Manifest.Split.ValidationImages.Count);
        own.Network = null; // from elsewhere: nothing to compare with
        SplicedEvaluation.Evaluate(other, "block4", own, _images);
    }

    private void Refused(ImageModel other, Action action)
    {
        var error = Assert.Throws<FoveaException>(action);
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Contains(
            $"was made from network {ModelFingerprint.Short(ModelFingerprint.Of(_network))} and cannot be used on network "
                + $"{ModelFingerprint.Short(ModelFingerprint.Of(other))}",
            error.Message, StringComparison.Ordinal);
    }

    private static ImageModel Network(ulong seed) =>
        ImageModel.Create("small_cnn", 24, GradientFlow.Modified, Preprocessing.ImageNet(null, 32), seed);

    private int Channels()
    {
        using ActivationStore store = ActivationStore.Open(Run.ActivationsOf("block4"));
        return store.Dimension;
    }

    /// <summary>One that says nothing of where it is from.</summary>
    private SparseAutoencoder Foreign()
    {
        var autoencoder = new TopKAutoencoder(Channels(), 40, 4);
        autoencoder.Initialize(1);
        return autoencoder;
    }

    private void Harvest(ImageModel network, RunFolder run) =>
        new Harvester(
            network, _images,
                new HarvestOptions { Layers = ["block4"], Filters = ["none", "magnitude"], ValidationFraction = 0.25, Seed = 5 })
            .Run([.. Enumerable.Range(0, _images.Count)], run.Activations, null, TestContext.Current.CancellationToken);
}
