using Fovea.Activations;
using Fovea.Dictionaries;
using Fovea.Dictionaries.Comparison;
using Fovea.Dictionaries.Sparse;
using Fovea.Interpretation;
using Fovea.Interventions;
using Fovea.Models;
using Fovea.Runs;
using Fovea.Runs.Graph;
using Fovea.Runs.Settings;
using Fovea.Runs.Stages;
using Fovea.Runs.Stages.Sweeps;
using Xunit;

namespace Fovea.Tests.Runs;

/// <summary>Whole sweeps over a small harvest: what becomes a point, what does not, and what is measured beside.</summary>
public sealed class SweepStageTests : IDisposable
{
    private const int Images = 24;
    private const string Layer = "block4";

    private static readonly SweepDictionarySettings TopK = new() { Options = Sae.TopK(4) };

    /// <summary>A learning rate that no loss survives.</summary>
    private static readonly SweepDictionarySettings Wild = new() { Options = Sae.Of("l1"), Label = "wild", LearningRate = 1e30 };

    private static readonly WorkflowSettings Settings = new()
    {
        Name = "test",
        Seed = 3,
        Data = new DataSettings { Source = "shapesworld", ValidationImages = Images, Crop = 64 },
        Model = new ModelSettings { Architecture = "small_cnn" },
        Harvest = new HarvestSettings { Layers = [Layer], Filters = ["none", "magnitude"] },
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-sweep-").FullName;
    private readonly List<string> _log = [];
    private readonly ImageModel _network;

    public SweepStageTests()
    {
        using var context = Context();
        _network = ImageModel.Create("small_cnn", context.Harvested.Classes.Count, GradientFlow.Modified);
        _network.Initialise(1);
        _network.Eval();
        ModelFile.Save(context.Run.Model, _network.With(context.Preprocessing), context.Harvested.Classes);
        new Harvester(
            _network.With(context.Preprocessing), context.Harvested,
                new HarvestOptions { Layers = [Layer], Filters = Settings.Harvest!.Filters, ValidationFraction = 0.25, Seed = 3 })
            .Run([.. Enumerable.Range(0, Images)], context.Run.Activations, null, TestContext.Current.CancellationToken);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private RunFolder Run => new(Path.Combine(_folder, "run"));

    public void Dispose()
    {
        _network.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Filters_are_no_seeds()
    {
        var document = Sweep("filters", TopK with { Filters = ["none", "magnitude"] }, TopK with { Label = "plain", Filter = "none" });
        Assert.Equal(["topk-none", "topk-magnitude", "plain"], document.Points.Select(point => point.Id));
        Assert.Empty(document.Stability);
    }

    [Fact]
    public void Seeds_of_each_setting_are_compared_pair_by_pair()
    {
        var document = Sweep("seeds", TopK with { Label = "plain", Filters = ["none", "magnitude"], Seeds = 3 });
        Assert.Equal(["plain-none", "plain-magnitude"], document.Stability.Select(one => one.Id));
        foreach (var one in document.Stability)
        {
            SparseAutoencoder[] seeds =
                [.. Enumerable.Range(0, 3).Select(seed => AutoencoderFile.Load(Member("seeds", $"{one.Id}-seed{seed}")))];
            List<double> matched = [], nearest = [];
            foreach (var a in seeds)
            {
                foreach (var b in seeds)
                {
                    if (a == b) continue;
                    matched.Add(DictionarySimilarity.MatchedCosine(a.DecoderWeight, b.DecoderWeight, signed: true));
                    nearest.Add(DictionarySimilarity.MeanMaximumCosine(a.DecoderWeight, b.DecoderWeight, signed: true));
                }
            }
            Assert.Equal(3, one.Seeds);
            Assert.Equal(matched.Average(), one.MatchedCosine, 1e-12);
            Assert.Equal(nearest.Average(), one.MaximumCosine, 1e-12);
            foreach (var seed in seeds) seed.Dispose();
        }
    }

    [Fact]
    public void A_member_whose_numbers_go_wrong_is_left_out_and_changes_no_other()
    {
        var batch = new SweepDictionarySettings { Options = Sae.BatchTopK(4) };
        var document = Sweep("wild", TopK, Wild, batch);
        Assert.Equal(["topk", "batchtopk"], document.Points.Select(point => point.Id));
        var failure = Assert.Single(document.Failed!);
        Assert.Equal(("wild", false), (failure.Id, failure.Baseline));
        Assert.Contains("learning rate", failure.Reason, StringComparison.Ordinal);
        Assert.Contains(_log, line => line.Contains("wild is left out: " + failure.Reason, StringComparison.Ordinal));
        Assert.Equal(["failed.json"], Directory.EnumerateFileSystemEntries(Member("wild", "wild")).Select(one => Path.GetFileName(one)));

        Assert.Null(Sweep("tame", TopK, batch).Failed);
        foreach (string id in (string[])["topk", "batchtopk"])
        {
            foreach (string file in Directory.EnumerateFiles(Member("tame", id)).Select(file => Path.GetFileName(file)!))
                Assert.Equal(
                    File.ReadAllBytes(Path.Combine(Member("tame", id), file)), File.ReadAllBytes(Path.Combine(Member("wild", id), file)));
        }
    }

    [Fact]
    public void A_failure_is_remembered_by_a_sweep_that_is_continued()
    {
        var (remembered, whole) = StoppedWhileMeasured();
        // Another time than any at which it could be written now.
        var then = new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(remembered, then);
        Assert.Equal(DocumentFile.Read<FailedMember>(remembered).Failure.Reason, Assert.Single(Sweep("wild", TopK, Wild).Failed!).Reason);
        Assert.Equal(then, File.GetLastWriteTimeUtc(remembered));
        Assert.Equal(whole, File.ReadAllBytes(Path.Combine(Run.Sweep(Layer, "wild"), SweepDocument.FileName)));
    }

    [Fact]
    public void A_failure_that_somebody_wrote_over_is_found_out_anew()
    {
        var (remembered, whole) = StoppedWhileMeasured();
        SweepFailure first = DocumentFile.Read<FailedMember>(remembered).Failure;
        DocumentFile.Write(remembered, new FailedMember(first with { Reason = "as before" }));
        // The files of a part are compared with what its maker wrote down, and the part is made again.
        Assert.Contains("is not what was written there", Assert.Throws<FoveaException>(() => Sweep("wild", TopK, Wild)).Message,
            StringComparison.Ordinal);
        Assert.Equal(first.Reason, Assert.Single(Sweep("wild", TopK, Wild).Failed!).Reason);
        Assert.Equal(whole, File.ReadAllBytes(Path.Combine(Run.Sweep(Layer, "wild"), SweepDocument.FileName)));
    }

    [Fact]
    public void A_member_that_fails_in_one_fold_is_in_none()
    {
        var document = Sweep(new SweepSettings { Name = "folds", Layer = Layer, Folds = 2, Images = 6, Splice = false }, TopK, Wild);
        Assert.Equal(2, Assert.Single(document.Points).Measures["magnitude"].Count);
        Assert.Equal("wild", Assert.Single(document.Failed!).Id);
        Assert.Equal(
            ["fold-0", "fold-1"], Directory.EnumerateDirectories(Member("folds", "wild")).Select(one => Path.GetFileName(one)).Order());
    }

    [Fact]
    public void A_plain_dictionary_that_cannot_be_fitted_is_left_out()
    {
        // LeakyReLU's vectors have negative values, and there are fewer of them than centroids.
        var document = Sweep(
            new SweepSettings
            {
                Name = "plain",
                Layer = Layer,
                Folds = 2,
                Splice = false,
                Baselines = ["nmf", "pca", "kmeans"],
                BaselineK = [2, 3],
                BaselineExpansion = 64
            }, TopK);
        Assert.Equal([("topk", false), ("pca", true), ("pca", true)], document.Points.Select(point => (point.Id, point.Baseline)));
        Assert.All(document.Points, point => Assert.Equal(2, point.Measures["magnitude"].Count));
        Assert.Equal([("nmf", true), ("kmeans", true)], document.Failed!.Select(one => (one.Id, one.Baseline)));
        Assert.Contains("negative", document.Failed![0].Reason, StringComparison.Ordinal);
        Assert.Contains("centroids", document.Failed[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sweep_of_which_nothing_came_fails_for_the_first_reason()
    {
        var settings =
            new SweepSettings { Name = "nothing", Layer = Layer, Splice = false, Baselines = ["kmeans"], BaselineExpansion = 64 };
        var error = Assert.Throws<FoveaException>(() => Sweep(settings, Wild));
        Assert.Equal(FailureKind.Numerical, error.Kind);
        Assert.Contains("wild", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Run.Sweep(Layer, "nothing"), SweepDocument.FileName)));
    }

    [Fact]
    public void Mean_ablation_of_a_fold_does_not_know_the_images_it_is_judged_on()
    {
        var settings = new SweepSettings { Name = "splice", Layer = Layer, Folds = 3, Images = 6, Splice = true };
        var found = Assert.Single(Sweep(settings, TopK).Points).Splice!;
        using var context = Context();
        using var store = ActivationStore.Open(Run.ActivationsOf(Layer));
        var folds = SweepFold.Of(store, settings, Settings.Seed);
        int[] used = [.. folds.SelectMany(fold => fold.TestImages)];
        var expected = SpliceResult.Pool(folds.Select(fold =>
        {
            float[] mean = Mean(store, [.. used.Except(fold.TestImages).Select(image => store.Images.ToList().IndexOf(image)).Order()]);
            using var autoencoder = AutoencoderFile.Load(Path.Combine(Member("splice", "topk"), $"fold-{fold.Number}"));
            return SplicedEvaluation.Evaluate(
                _network.With(context.Preprocessing), Layer, autoencoder, context.Harvested,
                    new SpliceOptions { Images = fold.TestImages, Mean = mean }, cancellationToken: Stop);
        }));
        Assert.Equal(6, found.Images);
        Assert.Equal(expected.MeanAblated!.Loss, found.MeanAblated!.Loss, 1e-9);
    }

    [Fact]
    public void A_corrected_description_is_taken_over_without_another_sweep()
    {
        _ = Sweep("words", TopK);
        DateTime before = File.GetLastWriteTimeUtc(Path.Combine(Member("words", "topk"), AutoencoderFile.WeightsName));
        var document = Sweep(new SweepSettings { Name = "words", Layer = Layer, Splice = false, Description = "Corrected." }, TopK);
        Assert.Equal("Corrected.", document.Description);
        Assert.Equal(before, File.GetLastWriteTimeUtc(Path.Combine(Member("words", "topk"), AutoencoderFile.WeightsName)));
    }

    /// <summary>
    /// A sweep with a member that fails, stopped while it is measured, when all are trained: what failed is known from what it left.
    /// </summary>
    /// <returns>The file that says so, and the document of the same sweep without a break.</returns>
    private (string Remembered, byte[] Whole) StoppedWhileMeasured()
    {
        _ = Sweep("wild", TopK, Wild);
        string folder = Run.Sweep(Layer, "wild");
        byte[] whole = File.ReadAllBytes(Path.Combine(folder, SweepDocument.FileName));
        Directory.Delete(folder, recursive: true);
        var settings = new SweepSettings { Name = "wild", Layer = Layer, Splice = false };
        var stop = new Stopping(value => value.Detail.StartsWith("measuring", StringComparison.Ordinal));
        Assert.Throws<OperationCanceledException>(() => Sweep(settings, stop, [TopK, Wild]));
        return (Path.Combine(Member("wild", "wild"), FailedMember.FileName), whole);
    }

    private static float[] Mean(ActivationStore store, int[] places)
    {
        var sums = new double[store.Dimension];
        foreach (int place in places)
        {
            for (int position = 0; position < store.Manifest.Positions; position++)
            {
                for (int i = 0; i < sums.Length; i++) sums[i] += store.Row((long)place * store.Manifest.Positions + position)[i];
            }
        }
        return [.. sums.Select(sum => (float)(sum / (places.Length * store.Manifest.Positions)))];
    }

    private sealed class Stopping(Func<WorkflowProgress, bool> at) : IProgress<WorkflowProgress>
    {
        public void Report(WorkflowProgress value)
        {
            if (at(value)) throw new OperationCanceledException();
        }
    }

    private string Member(string sweep, string id) => Path.Combine(Run.Sweep(Layer, sweep), "members", id);

    private RunContext Context(WorkflowSettings? settings = null, WorkflowOptions? options = null) =>
        new(settings ?? Settings, _folder, Run, (options ?? new WorkflowOptions()) with { Log = _log.Add }, Stop);

    private SweepDocument Sweep(string name, params SweepDictionarySettings[] dictionaries) =>
        Sweep(new SweepSettings { Name = name, Layer = Layer, Splice = false }, dictionaries);

    private SweepDocument Sweep(SweepSettings settings, params SweepDictionarySettings[] dictionaries) =>
        Sweep(settings, null, dictionaries);

    private SweepDocument Sweep(SweepSettings settings, IProgress<WorkflowProgress>? progress, SweepDictionarySettings[] dictionaries)
    {
        settings = settings with { Dictionary = dictionaries, Expansion = 0.25, BatchSize = 32, Epochs = 1, LearningRate = 1e-3 };
        Directory.CreateDirectory(Run.Root);
        using var context = Context(Settings with { Sweep = [settings] }, new WorkflowOptions { Progress = progress });
        // The harvest is there already: what stands for it makes nothing.
        StageKind[] kinds =
            [new("harvest", "", _ => [new NoteStage("harvest")]), .. StageCatalogue.All.Where(kind => kind.Word == "sweep")];
        var runner = new StageRunner(new StageGraph(kinds, context.Settings), context);
        runner.Run(runner.Decide(), new RunJournal(Run, context.Settings, context.Options, context.Device));
        return DocumentFile.Read<SweepDocument>(Path.Combine(Run.Sweep(Layer, settings.Name), SweepDocument.FileName));
    }
}
