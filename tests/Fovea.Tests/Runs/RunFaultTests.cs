using System.Globalization;
using System.Reflection;
using Fovea.Dictionaries;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Runs;
using Fovea.Runs.Settings;
using Xunit;

namespace Fovea.Tests.Runs;

/// <summary>
/// What a run does with interruptions, changes of its recipe and second writers, seen from outside through the public workflow.
/// </summary>
public sealed class RunFaultTests : IDisposable
{
    private static readonly DictionarySettings TopK =
        new() { Name = "a", Layer = "block4", Options = Sae.TopK(4) with { Expansion = 0.25, Epochs = 1 }, Splice = false };

    private static readonly WorkflowSettings Trained = new()
    {
        Name = "small",
        Seed = 3,
        Data = new DataSettings { Source = "shapesworld", TrainImages = 48, ValidationImages = 24, Crop = 64 },
        Model = new ModelSettings { Architecture = "small_cnn", LeakySlope = 0.01 },
        Train = new TrainSettings { Epochs = 2, BatchSize = 16, LearningRate = 1e-3, Augment = false, CheckpointEverySteps = 2 },
    };

    private static readonly WorkflowSettings Whole = Trained with
    {
        Train = Trained.Train! with { Epochs = 1 },
        Harvest = new HarvestSettings
        {
            Layers = ["block4"],
            Filters = ["none", "magnitude"],
            BatchSize = 8,
            SampleImages = 1,
            ValidationFraction = 0.25
        },
        Dictionary = [TopK, TopK with { Name = "b" }],
        Sweep = [new SweepSettings { Name = "s", Layer = "block4", Splice = false, Expansion = 0.25, Epochs = 1,
            Dictionary = [new SweepDictionarySettings { Options = Sae.TopK(4) }] }],
        Features = new FeatureSettings
        {
            Pictures = 2,
            SideBySide = 0,
            Steps = 3,
            BatchSize = 2,
            Size = 32,
            Examples = 1,
            CompareUnits = 1,
            Presets = []
        },
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-faults-").FullName;
    private readonly List<string> _log = [];
    private readonly List<WorkflowProgress> _progress = [];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("train first")]
    [InlineData("train second")]
    public void A_run_interrupted_in_a_comparison_goes_on(string stage)
    {
        var settings = Trained with
        {
            Train = Trained.Train! with
            {
                Epochs = 1,
                Compare = [new CompareSettings { Name = "first", Model = Trained.Model, Augment = false },
                    new CompareSettings { Name = "second", Model = Trained.Model with { LeakySlope = 0 } }],
            },
        };
        Run(settings, "whole");
        Interrupt(settings, "cut", value => value.Stage == stage && value.Done == 2);
        Run(settings, "cut");
        SameBytes("whole", "cut");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_run_interrupted_while_it_validates_ends_with_the_same_bytes(int epoch)
    {
        // Several batches of validation, so that an interruption is noticed while it goes on.
        var settings =
            Trained with { Data = Trained.Data with { ValidationImages = 250 }, Train = Trained.Train! with { StatisticsImages = 24 } };
        Run(settings, "whole");
        Interrupt(settings, "cut", value => value.Detail.StartsWith($"epoch {epoch}/2, validating", StringComparison.Ordinal));
        Run(settings, "cut");
        SameBytes("whole", "cut");
    }

    /// <summary>
    /// Dictionaries learn from the images that are harvested: their truth is measured on those that were held out, or on all of another
    /// split.
    /// </summary>
    [Theory]
    [InlineData("validation", 6)]
    [InlineData("train", 24)]
    public void The_truth_is_measured_on_images_that_no_dictionary_learned_from(string split, int images)
    {
        Run(Whole with { Harvest = Whole.Harvest! with { Split = split }, Sweep = [] }, "run");
        Assert.Equal(
            images, DocumentFile.Read<TruthDocument>(Path.Combine(_folder, "run", "features", "block4", TruthDocument.FileName)).Images);
    }

    [Fact]
    public void A_redo_replaces_what_depends_on_it_and_nothing_else()
    {
        Run(Whole, "run");
        _log.Clear();
        Run(Whole, "run", redo: "dictionary block4/a");
        Assert.Equal(
            ["train: skipped", "harvest: skipped", "dictionary block4/a: done", "dictionary block4/b: skipped", "sweep block4/s: skipped",
                "features: done"], Outcomes());
        _log.Clear();
        Run(Whole, "run", redo: "dictionary");
        Assert.Equal(
            ["train: skipped", "harvest: skipped", "dictionary block4/a: done", "dictionary block4/b: done", "sweep block4/s: skipped",
                "features: done"], Outcomes());
    }

    [Fact]
    public void An_interrupted_redo_of_one_dictionary_goes_on_to_what_was_made_from_it()
    {
        Run(Whole, "run");
        Interrupt(Whole, "run", value => value.Stage == "dictionary block4/a", redo: "dictionary block4/a");
        _log.Clear();
        Run(Whole, "run");
        // Whether so small a dictionary was finished before the interruption was noticed is a matter of time.
        Assert.Equal(
            ["train: skipped", "harvest: skipped", "dictionary block4/b: skipped", "sweep block4/s: skipped", "features: done"],
            Outcomes().Where(line => !line.StartsWith("dictionary block4/a", StringComparison.Ordinal)));
    }

    [Fact]
    public void Another_picture_under_the_same_name_is_noticed()
    {
        string picture = Path.Combine(_folder, "picture.png");
        File.WriteAllBytes(picture, ImageCodec.EncodePng(Plain(200, 0, 0)));
        var settings = Whole with { Dictionary = [], Sweep = [], Features = Whole.Features! with { Compare = ["picture.png"] } };
        Run(settings, "run");
        File.WriteAllBytes(picture, ImageCodec.EncodePng(Plain(0, 0, 200)));
        var refused = Assert.Throws<FoveaException>(() => Run(settings, "run"));
        Assert.Equal(FailureKind.Configuration, refused.Kind);
        Assert.Contains("picture.png", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--redo \"features\"", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Neither its size nor its date shows it.</summary>
    [Fact]
    public void A_run_on_images_of_which_one_was_replaced_is_refused()
    {
        string data = Path.Combine(_folder, "data");
        for (int i = 0; i < 12; i++)
        {
            string place = Path.Combine(data, i % 2 == 0 ? "even" : "odd");
            Directory.CreateDirectory(place);
            File.WriteAllBytes(Path.Combine(place, $"{i}.png"), Datasets.TestImages.Png(i, 64, 64));
        }
        var settings = Whole with
        {
            Data = new DataSettings { Source = data, Crop = 64, ValidationFraction = 0.5 },
            Sweep = [],
            Features = null,
            Dictionary = [TopK with { Filter = "none" }],
        };
        Run(settings with { Dictionary = [] }, "run");
        string image = Path.Combine(data, "odd", "7.png");
        DateTime written = File.GetLastWriteTimeUtc(image);
        byte[] bytes = Datasets.TestImages.Png(99, 64, 64);
        Assert.Equal(new FileInfo(image).Length, bytes.Length);
        File.WriteAllBytes(image, bytes);
        File.SetLastWriteTimeUtc(image, written);
        Assert.Contains("was made from other settings", Refused(settings), StringComparison.Ordinal);
    }

    [Fact]
    public void How_often_a_checkpoint_is_written_changes_no_stage()
    {
        var settings = Whole with { Sweep = [], Features = null };
        Run(settings, "run");
        _log.Clear();
        Run(settings with
        {
            Train = settings.Train! with { CheckpointEverySteps = 7 },
            Dictionary = [.. settings.Dictionary.Select(one => one with { Options = one.Options with { CheckpointEverySteps = 7 } })]
        },
                "run");
        Assert.All(Outcomes(), line => Assert.EndsWith(": skipped", line, StringComparison.Ordinal));
    }

    [Fact]
    public void Progress_of_pictures_grows_with_every_step()
    {
        Run(Whole with { Dictionary = [], Sweep = [], Features = Whole.Features! with { Pictures = 4, BatchSize = 4 } }, "run");
        WorkflowProgress[] pictures =
            [.. _progress.Where(value => value.Stage == "features" && value.Detail.Contains("paper", StringComparison.Ordinal))];
        // One comparison of its own makes the units five or six; a batch holds four.
        Assert.True(pictures.Length >= 6, $"{pictures.Length} reports");
        Assert.Equal(pictures.Select(value => value.Done).Order().Distinct(), pictures.Select(value => value.Done));
        Assert.Equal(pictures[^1].Total, pictures[^1].Done);
        Assert.InRange(pictures[0].Done, 1, pictures[0].Total - 1);
    }

    [Fact]
    public void Dates_are_of_the_common_calendar_whatever_the_host_speaks()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = Buddhist();
            Run(Trained with { Train = Trained.Train! with { Epochs = 1 } }, "run");
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
        Assert.Contains(
            $"\"small-{DateTime.UtcNow.Year}", File.ReadAllText(new RunFolder(Path.Combine(_folder, "run")).RunRecord),
                StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_workflow_in_the_same_folder_is_kept_out()
    {
        FoveaException? refused = null;
        bool asked = false;
        Run(Trained, "run", onProgress: _ =>
        {
            if (asked) return;
            asked = true;
            refused = Assert.Throws<FoveaException>(() => Run(Trained, "run"));
        });
        Assert.Equal(FailureKind.Resource, refused!.Kind);
    }

    [Fact]
    public void A_plan_refuses_classes_that_do_not_exist() =>
        Assert.Contains(
            "no such thing", Refused(Whole with { Features = Whole.Features! with { Related = ["no such thing"] } }),
                StringComparison.Ordinal);

    [Fact]
    public void A_plan_refuses_weights_that_are_missing()
    {
        Assert.Contains(
            "absent.pth", Refused(Whole with { Model = Whole.Model with { Weights = "absent.pth" } }), StringComparison.Ordinal);
        Assert.Contains(
            "absent.pth",
                Refused(Whole with
                {
                    Train = Whole.Train! with
                    {
                        Compare = [new CompareSettings { Name = "x",
                    Model = Whole.Model with { Weights = "absent.pth" } }]
                    }
                }), StringComparison.Ordinal);
        Assert.Contains(
            "absent.pth",
                Refused(Whole with
                {
                    Features = Whole.Features! with
                    {
                        Judge = new JudgeSettings
                        {
                            Architecture = "small_cnn",
                            Weights = "absent.pth"
                        }
                    }
                }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_refuses_weights_of_another_number_of_classes()
    {
        using (var other = ImageModel.Create("small_cnn", 7, GradientFlow.Standard))
        {
            other.Initialise(1);
            using var weights = Fovea.Checkpoints.StateDict.Of(other.State);
            weights.Save(Path.Combine(_folder, "seven.safetensors"));
        }
        Assert.Contains(
            "seven.safetensors", Refused(Whole with { Model = Whole.Model with { Weights = "seven.safetensors" } }),
                StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_refuses_a_changed_recipe_as_the_run_does()
    {
        Run(Trained, "run");
        Assert.Contains(
            "train.epochs: 2 → 5", Refused(Trained with { Train = Trained.Train! with { Epochs = 5 } }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_refused_change_leaves_the_recipe_of_the_run_as_it_was()
    {
        Workflow(Trained, "run", recipe: "first").Run(TestContext.Current.CancellationToken);
        Assert.Throws<FoveaException>(
            () => Workflow(Trained with { Seed = 9 }, "run", recipe: "second").Run(TestContext.Current.CancellationToken));
        Assert.Equal("first", File.ReadAllText(Path.Combine(_folder, "run", "recipe.toml")));
    }

    [Fact]
    public void A_plan_refuses_pictures_and_layers_that_do_not_exist()
    {
        Assert.Contains(
            "nowhere.png", Refused(Whole with { Features = Whole.Features! with { Compare = ["nowhere.png"] } }), StringComparison.Ordinal);
        Assert.Contains(
            "block9", Refused(Whole with { Harvest = Whole.Harvest! with { Layers = ["block9"] }, Dictionary = [], Sweep = [] }),
                StringComparison.Ordinal);
    }

    /// <summary>What the plan says no to, which must be what the run says before it computes anything.</summary>
    private string Refused(WorkflowSettings settings)
    {
        string planned = Assert.Throws<FoveaException>(() => Workflow(settings, "run").Plan()).Message;
        _progress.Clear();
        Assert.Equal(planned, Assert.Throws<FoveaException>(() => Run(settings, "run")).Message);
        Assert.Empty(_progress);
        return planned;
    }

    private Workflow Workflow(
        WorkflowSettings settings, string name, string? redo = null, Action<WorkflowProgress>? onProgress = null, string? recipe = null) =>
        new(settings, _folder, new RunFolder(Path.Combine(_folder, name)), new WorkflowOptions
        {
            Redo = redo,
            Recipe = recipe,
            Log = _log.Add,
            Progress = new Relay(value =>
            {
                _progress.Add(value);
                onProgress?.Invoke(value);
            }),
        });

    private WorkflowResult Run(
        WorkflowSettings settings, string name, string? redo = null, Action<WorkflowProgress>? onProgress = null,
            CancellationToken? stop = null) =>
        Workflow(settings, name, redo, onProgress).Run(stop ?? TestContext.Current.CancellationToken);

    private void Interrupt(WorkflowSettings settings, string name, Func<WorkflowProgress, bool> at, string? redo = null)
    {
        using var source = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Run(settings, name, redo, value =>
        {
            if (at(value)) source.Cancel();
        }, source.Token));
    }

    /// <summary>The log's lines of stages, without times.</summary>
    private string[] Outcomes() =>
        [.. _log.Where(line => line.EndsWith(" s", StringComparison.Ordinal) || line.EndsWith("skipped", StringComparison.Ordinal))
            .Select(line =>
            line.EndsWith("skipped", StringComparison.Ordinal)
                ? line.Replace("finished before, ", "", StringComparison.Ordinal)
                    : line[..(line.IndexOf(": done", StringComparison.Ordinal) + 6)])];

    private void SameBytes(string expected, string actual)
    {
        Assert.Equal(Files(expected), Files(actual));
        foreach (string file in Files(expected))
            Assert.True(File.ReadAllBytes(Path.Combine(_folder, expected, file)).AsSpan()
                .SequenceEqual(File.ReadAllBytes(Path.Combine(_folder, actual, file))), $"{file} differs");
    }

    /// <summary>All but what may hold clocks.</summary>
    private string[] Files(string name) =>
        [.. Directory.EnumerateFiles(Path.Combine(_folder, name), "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Path.Combine(_folder, name), file))
            .Where(file => file is not ("run.json" or "log.txt" or ".lock")).Order(StringComparer.Ordinal)];

    /// <summary>A culture that counts years as Thailand does, also where the host knows the invariant culture alone.</summary>
    private static CultureInfo Buddhist()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        typeof(DateTimeFormatInfo).GetField("calendar", BindingFlags.Instance | BindingFlags.NonPublic)!.SetValue(
            culture.DateTimeFormat, new ThaiBuddhistCalendar());
        Assert.StartsWith("25", new DateTime(2026, 1, 1).ToString("yyyy", culture), StringComparison.Ordinal);
        return culture;
    }

    private static RgbImage Plain(byte red, byte green, byte blue) =>
        new(64, 64, [.. Enumerable.Range(0, 64 * 64).SelectMany(_ => new[] { red, green, blue })]);

    private sealed class Relay(Action<WorkflowProgress> report) : IProgress<WorkflowProgress>
    {
        public void Report(WorkflowProgress value) => report(value);
    }
}
