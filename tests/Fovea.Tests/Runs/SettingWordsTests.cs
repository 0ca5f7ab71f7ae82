using Fovea.Dictionaries;
using Fovea.Dictionaries.Sparse;
using Fovea.Runs;
using Fovea.Runs.Settings;
using Fovea.Tests.IO;
using Xunit;

namespace Fovea.Tests.Runs;

/// <summary>Hostile words in every string of the settings, found by reflection: none becomes a path outside the run.</summary>
public sealed class SettingWordsTests : IDisposable
{
    /// <summary>Settings that are sentences, or name what is only read. Every other string is a name that must be refused.</summary>
    private static readonly HashSet<string> Free =
    [
        "description", "sweep.0.description", "data.source", "data.classes", "data.labels", "data.train_split", "data.validation_split",
        "model.weights", "model.weights_key", "train.compare.0.model.weights", "train.compare.0.model.weights_key",
        "features.compare", "features.related", "features.judge.weights",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-words-").FullName;

    public static TheoryData<string> Words => [.. StringSettings(() => Whole).Select(setting => setting.Path)];

    private static WorkflowSettings Whole => new()
    {
        Name = "words",
        Description = "text",
        Seed = 3,
        Data = new DataSettings { Source = "shapesworld", Classes = "c.tsv", TrainImages = 24, ValidationImages = 24, Crop = 64 },
        Model = new ModelSettings { Architecture = "small_cnn", Weights = "w.pth" },
        Train = new TrainSettings
        {
            Epochs = 1,
            Compare = [new CompareSettings { Name = "other",
                Model = new ModelSettings { Architecture = "small_cnn", Weights = "w.pth" } }]
        },
        Harvest = new HarvestSettings { Layers = ["block4"], Filters = ["magnitude"] },
        Dictionary = [new DictionarySettings { Name = "topk", Layer = "block4", Options = Sae.TopK(4) with { Expansion = 1 } }],
        Sweep =
        [
            new SweepSettings
            {
                Name = "pareto", Layer = "block4", Description = "text", Validate = ["magnitude"], Baselines = ["pca"],
                Dictionary = [new SweepDictionarySettings { Options = Sae.Of("l1"), Label = "plain", Filters = ["magnitude"] }],
            },
        ],
        Features = new FeatureSettings
        {
            Presets = ["lucid"],
            Compare = ["image"],
            Related = ["0-1"],
            Judge = new JudgeSettings { Architecture = "small_cnn", Weights = "w.pth" },
        },
    };

    /// <summary>Without files that there are not.</summary>
    private static WorkflowSettings Runnable => Whole with
    {
        Data = Whole.Data with { Classes = null },
        Model = new ModelSettings { Architecture = "small_cnn" },
        Train = new TrainSettings { Epochs = 1 },
        Features = null,
    };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_settings_without_hostile_words_are_right()
    {
        Assert.Empty(SettingsRules.Check(Whole));
        Assert.Superset(Free, StringSettings(() => Whole).Select(setting => setting.Path).ToHashSet());
        Assert.True(Words.Count >= 29);
    }

    [Theory]
    [MemberData(nameof(Words))]
    public void A_hostile_word_is_refused_or_no_path(string path)
    {
        string place = Path.Combine(_folder, "a", "b", "run");
        var setting = StringSettings(() => Whole).Single(one => one.Path == path);
        foreach (string word in HostileWords.All.Where(word => !(word.Length == 0 && path.EndsWith(".label", StringComparison.Ordinal))))
        {
            if (Free.Contains(path)) continue;
            var error = Assert.Throws<FoveaException>(
                () => new Workflow(setting.With(word), _folder, new RunFolder(place), new WorkflowOptions()));
            Assert.Equal(FailureKind.Configuration, error.Kind);
            Assert.Contains(path, error.Message, StringComparison.Ordinal);
        }
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    /// <summary>What is accepted is written to no path: a whole run with each such setting, ending where its file is missing.</summary>
    [Theory]
    [InlineData("../../../../../OUTSIDE/here")]
    [InlineData("..\\..\\OUTSIDE")]
    [InlineData("a/../../../../b")]
    public void What_is_accepted_writes_nothing_outside(string word)
    {
        string place = Path.Combine(_folder, "a", "b", "c", "d", "run");
        foreach (var setting in StringSettings(() => Runnable).Where(setting => Free.Contains(setting.Path)))
        {
            WorkflowSettings hostile = setting.With(word);
            try
            {
                new Workflow(hostile, _folder, new RunFolder(place), new WorkflowOptions { Until = "train" }).Run(
                    TestContext.Current.CancellationToken);
            }
            catch (FoveaException e)
            {
                Assert.True(e.Kind is FailureKind.Configuration or FailureKind.Data, e.Message);
            }
        }
        string[] outside =
            [.. Directory.EnumerateFileSystemEntries(_folder, "*", SearchOption.AllDirectories)
                .Where(entry => File.Exists(entry) && !entry.StartsWith(place, StringComparison.Ordinal))];
        Assert.Empty(outside);
    }

    /// <summary>
    /// Every string of the settings and the settings with another word in its place; of a list, the word is its one element.
    /// </summary>
    private static IEnumerable<(string Path, Func<string, WorkflowSettings> With)> StringSettings(Func<WorkflowSettings> make)
    {
        foreach (var (path, table) in Own(make()))
        {
            foreach (TableKey found in SettingNames.Keys(table).Where(key => key.Property.CanWrite))
            {
                string key = SettingNames.Join(path, found.Key);
                if (found.Property.PropertyType == typeof(string)) yield return (key, word => Replace(path, found, word));
                else if (found.Property.PropertyType == typeof(IReadOnlyList<string>))
                    yield return (key, word => Replace(path, found, new[] { word }));
            }
        }

        // Settings are made anew each time, so that a table of them can be changed in place.
        WorkflowSettings Replace(string path, TableKey key, object value)
        {
            WorkflowSettings copy = make();
            key.Set(Own(copy).Single(one => one.Path == path).Table, value);
            return copy;
        }

        // Without the records whose keys stand in another's table.
        static IEnumerable<(string Path, object Table)> Own(WorkflowSettings settings) =>
            SettingNames.Tables(settings).Where(one => one.Table is not (AutoencoderOptions or VariantOptions));
    }
}
