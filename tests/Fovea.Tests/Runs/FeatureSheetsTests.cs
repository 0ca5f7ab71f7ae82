using Fovea.Dictionaries;
using Fovea.Imaging;
using Fovea.IO;
using Fovea.Runs;
using Fovea.Runs.Settings;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Tests.Runs;

/// <summary>Pictures of stage 4: one by one in scratch while it works, in sheets when it is done.</summary>
public sealed class FeatureSheetsTests : IDisposable
{
    private static readonly WorkflowSettings Settings = new()
    {
        Name = "sheets",
        Seed = 3,
        Data = new DataSettings { Source = "shapesworld", TrainImages = 40, ValidationImages = 24, Crop = 64 },
        Model = new ModelSettings { Architecture = "small_cnn", LeakySlope = 0.01 },
        Train = new TrainSettings { Epochs = 1, BatchSize = 16, LearningRate = 1e-3, Augment = false },
        Harvest = new HarvestSettings
        {
            Layers = ["block4"],
            Filters = ["none", "magnitude"],
            BatchSize = 8,
            SampleImages = 3,
            ValidationFraction = 0.25
        },
        Dictionary = [new DictionarySettings { Name = "a", Layer = "block4", Options = Sae.TopK(4) with { Expansion = 0.25, Epochs = 1 },
            Splice = false }],
        Features = new FeatureSettings
        {
            Pictures = 3,
            SideBySide = 1,
            Presets = ["naive"],
            Steps = 2,
            BatchSize = 2,
            Size = 32,
            Examples = 2,
            CompareUnits = 1,
            ClassPictures = 2,
            Seeds = 2,
        },
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-feature-sheets-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_is_packed_is_to_the_pixel_what_was_made_and_little_is_left_of_the_files()
    {
        string kept = Path.Combine(_folder, "kept"), root = Path.Combine(_folder, "run");
        void Keep(string path)
        {
            // The stage is about to be recorded as complete: its scratch is still there.
            if (path == Path.Combine(root, "features", StageRecord.FileName)) Copy(Path.Combine(root, "scratch", "features"), kept);
        }

        DiskEvents.Changing += Keep;
        try
        {
            Run(root);
        }
        finally
        {
            DiskEvents.Changing -= Keep;
        }
        var run = new RunFolderReader(root);
        var sheets = new SheetReader(run);
        int compared = 0;
        foreach (string source in run.Sources("block4"))
        {
            string units = RunLayout.Units("block4", source);
            var records = run.Lines<PictureRecord>(RunLayout.Pictures("block4", source));
            FeatureRow[] rows = [.. run.Features("block4", source)!.Where(row => row.Picture is not null)];
            Assert.Equal(rows.Select(row => row.PicturePlace()).OrderBy(place => place!.Top).ThenBy(place => place!.Left),
                records.Select(record => record.Picture).OrderBy(place => place!.Top).ThenBy(place => place!.Left));
            foreach (PictureRecord record in records)
            {
                string name = record.Seed == Settings.Seed ? record.Preset : $"{record.Preset}-seed{record.Seed - Settings.Seed + 1}";
                compared += Same(
                    Path.Combine(kept, "layer-0", source, $"{name}-{record.Unit}.png"), sheets.Cut(record.Picture!.Below(units)));
            }
        }
        foreach (PictureRecord record in run.Lines<PictureRecord>(RunLayout.ClassPictures))
            compared += Same(
                Path.Combine(kept, "classes", $"paper-{record.Unit}.png"), sheets.Cut(record.Picture!.Below("features/classes")));
        // Every file of scratch, each once.
        Assert.Equal(Directory.EnumerateFiles(kept, "*.png", SearchOption.AllDirectories).Count(), compared);
        Assert.True(compared > 15, $"{compared} pictures");

        ExampleRow[] examples =
            [.. run.Sources("block4").SelectMany(source => run.Examples("block4", source)!).Where(row => row.Crop is not null)];
        Assert.True(examples.Length > 40, $"{examples.Length} examples");
        Assert.All(examples, row => Assert.NotNull(row.HeatPlace()));
        Assert.All(run.Find<SamplesDocument>(RunLayout.Samples("block4"))!.Samples,
            sample => Assert.Equal(64, sheets.Cut(sample.Picture.Below("activations/block4")).Width));
        ComparisonDocument comparison = run.Find<ComparisonDocument>(RunLayout.Comparison("block4", 0))!;
        Assert.Equal(64, sheets.Cut(comparison.Picture.Below("features/block4")).Width);
        foreach (ComparedUnit unit in comparison.Model.Top.Concat(comparison.Sae.Top))
        {
            Assert.Equal(32, sheets.Cut(unit.Picture!.Below("features/block4")).Width);
            Assert.All(unit.Examples,
                example => Assert.True(example.Picture is null || sheets.Problem(example.Picture.Below("features/block4")) is null));
        }
        // Two sources of units: four files of sheets and records each, three of tables; the rest is documents.
        Assert.InRange(Directory.EnumerateFiles(Path.Combine(root, "features"), "*", SearchOption.AllDirectories).Count(), 14, 24);
        Assert.False(Directory.Exists(Path.Combine(root, "scratch")));
    }

    [Fact]
    public void A_stage_killed_in_its_pictures_or_in_their_packing_ends_with_the_same_bytes()
    {
        string before = Path.Combine(_folder, "before");
        Run(before, new WorkflowOptions { Until = "dictionary" });
        var harness = new InterruptionHarness(Path.Combine(_folder, "harness"), (folder, progress, stop) =>
        {
            if (!Directory.Exists(folder)) Copy(before, folder);
            Run(folder, new WorkflowOptions { Progress = progress }, stop);
        });
        harness.RunReference();
        // Some of the changes of the disk, among them the first and the last; with FOVEA_INTERRUPTIONS all.
        int step = Environment.GetEnvironmentVariable("FOVEA_INTERRUPTIONS") is { Length: > 0 } ? 1 : (harness.Changes + 6) / 7, killed = 0;
        for (int change = harness.Changes - 1; change >= 0; change -= step)
        {
            var report = harness.KillAtChange(change);
            Assert.Equal(1, report.Interruptions);
            killed++;
            Assert.True(report.Different.Count == 0, $"{string.Join(", ", report.Different)}: {report.Moments[0]}");
        }
        TestContext.Current.SendDiagnosticMessage($"{killed} kills among {harness.Changes} changes of the disk, 0 bytes differ");
    }

    /// <summary>Several workers, another order, one of them stopped among its pictures: the bytes of one run.</summary>
    [Fact]
    public void Workers_that_share_the_pictures_of_a_layer_give_the_bytes_of_one()
    {
        string before = Path.Combine(_folder, "before"), root = Path.Combine(_folder, "run"), alone = Path.Combine(_folder, "alone");
        Run(before, new WorkflowOptions { Until = "dictionary" });
        Copy(before, root);
        var features = new PartWorkers(Settings, root, "features");
        // Evidence of two groups, the truth, pictures of each group in two parts, results of two groups, comparisons, classes.
        Assert.Equal(11, features.RunAlone(alone));
        for (int workers = 1; workers <= 3; workers++)
        {
            Copy(before, root);
            features.Share(workers, 11, alone, value => value.Detail.Contains("paper, step 2", StringComparison.Ordinal));
        }
    }

    private static int Same(string file, RgbImage cut)
    {
        RgbImage single = ImageCodec.Decode(File.ReadAllBytes(file), file);
        Assert.Equal((single.Width, single.Height), (cut.Width, cut.Height));
        Assert.Equal(single.Pixels, cut.Pixels);
        return 1;
    }

    private static void Run(string folder, WorkflowOptions? options = null, CancellationToken stop = default) =>
        _ = new Workflow(
            Settings, Path.GetDirectoryName(folder)!, new RunFolder(folder),
                (options ?? new WorkflowOptions()) with { Recipe = "recipe" }).Run(stop);

    private static void Copy(string from, string to)
    {
        if (!Directory.Exists(from)) return;
        if (Directory.Exists(to)) Directory.Delete(to, recursive: true);
        Directory.CreateDirectory(to);
        foreach (string folder in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
    }
}
