using System.Text.Json;
using Fovea.Dictionaries;
using Fovea.IO;
using Fovea.Runs.Settings;
using Xunit;

namespace Fovea.Tests.Runs;

/// <summary>Recipes that store some positions of each image.</summary>
public sealed class KeepSettingsTests
{
    private static readonly HarvestSettings Harvest =
        new() { Layers = ["block4"], Filters = ["none", "magnitude", "median"], Keep = 10 };

    [Fact]
    public void Dictionaries_are_trained_on_what_is_kept()
    {
        Assert.Empty(Problems(Harvest));
        Assert.Empty(Problems(Harvest with { KeepBy = "median" }, "median"));
        Assert.Empty(Problems(Harvest with { Filters = ["none"] }, "none"));
        Assert.Empty(Problems(Harvest with { Keep = null }, "none"));
        SettingProblem problem = Assert.Single(Problems(Harvest, "none"));
        Assert.Equal("dictionary.0.filter", problem.Path);
        Assert.Contains("drawn by 'magnitude'", problem.Message, StringComparison.Ordinal);
        Assert.Equal("dictionary.0.filter", Assert.Single(Problems(Harvest with { KeepBy = "median" })).Path);
    }

    [Fact]
    public void Features_need_all_positions()
    {
        SettingProblem problem = Assert.Single(SettingReferences.Check(Settings(Harvest, "magnitude") with { Features = new FeatureSettings() }));
        Assert.Equal("features", problem.Path);
        Assert.Contains("every position", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("active", 10, "harvest.filters does not name")]
    [InlineData("magnitude", null, "does not say how many")]
    public void Who_draws_is_one_of_the_filters_and_has_something_to_draw(string by, int? keep, string why)
    {
        SettingProblem problem = Problems(Harvest with { Keep = keep, KeepBy = by }).First();
        Assert.Equal("harvest.keep_by", problem.Path);
        Assert.Contains(why, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sweep_speaks_of_what_is_kept_too()
    {
        var sweep = new SweepSettings
        {
            Name = "one",
            Layer = "block4",
            Validate = ["none", "magnitude"],
            Dictionary = [new SweepDictionarySettings { Filters = ["magnitude", "median"], Options = Sae.Of("topk", 4) }],
        };
        Assert.Equal(["sweep.0.validate", "sweep.0.dictionary.0.filters"],
            SettingReferences.Check(Settings(Harvest, "magnitude") with { Sweep = [sweep] }).Select(problem => problem.Path));
    }

    [Fact]
    public void A_harvest_as_it_was_has_the_words_it_had()
    {
        var plain = new HarvestSettings { Layers = ["block4"] };
        string before = JsonSerializer.Serialize(plain, JsonFile.Options);
        Assert.DoesNotContain("storage", before, StringComparison.Ordinal);
        Assert.DoesNotContain("keep", before, StringComparison.Ordinal);
        Assert.Equal(before, JsonSerializer.Serialize((plain with { Storage = "float32" }).Plain(), JsonFile.Options));
        // What stands for a word is written out.
        Assert.Equal("magnitude", Harvest.Plain().KeepBy);
        Assert.Equal(Harvest.Plain(), (Harvest with { KeepBy = "magnitude" }).Plain());
    }

    private static IEnumerable<SettingProblem> Problems(HarvestSettings harvest, string filter = "magnitude") =>
        SettingReferences.Check(Settings(harvest, filter));

    private static WorkflowSettings Settings(HarvestSettings harvest, string filter) => new()
    {
        Name = "keep",
        Data = new DataSettings { Source = "shapesworld" },
        Model = new ModelSettings { Architecture = "small_cnn" },
        Harvest = harvest,
        Dictionary = [new DictionarySettings { Name = "topk", Layer = "block4", Filter = filter, Options = Sae.Of("topk", 4) }],
    };
}
