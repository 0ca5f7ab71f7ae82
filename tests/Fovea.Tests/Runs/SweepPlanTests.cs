using Fovea.Dictionaries;
using Fovea.Runs.Settings;
using Fovea.Runs.Stages.Sweeps;
using Xunit;

namespace Fovea.Tests.Runs;

public sealed class SweepPlanTests
{
    private static readonly SweepDictionarySettings TopK = new() { Options = Sae.Of("topk"), Sparsities = [8, 16] };

    [Fact]
    public void Every_combination_is_a_member_named_by_what_varies()
    {
        var members = SweepPlan.Members(Sweep(
            TopK with { Expansions = [1, 2], Filters = ["none", "magnitude"] },
            new SweepDictionarySettings { Options = Sae.L1(5), Label = "plain", Clips = [0.1, 0.2], Seeds = 2, Epochs = 3 }), seed: 7);
        Assert.Equal(
            ["topk-8-x1-none", "topk-16-x1-none", "topk-8-x2-none", "topk-16-x2-none", "topk-8-x1-magnitude", "topk-16-x1-magnitude",
                "topk-8-x2-magnitude",
                "topk-16-x2-magnitude", "plain-seed0", "plain-seed1"],
            members.Select(member => member.Id));
        Assert.Equal(
            (16.0, 2.0, "magnitude", 7ul),
                (members[7].Options.Variant.Sparsity, members[7].Options.Expansion, members[7].Filter, members[7].Options.Seed));
        Assert.Equal(
            (5.0, 3, 8ul, 1), (members[9].Options.Variant.Sparsity, members[9].Options.Epochs, members[9].Options.Seed, members[9].Seed));
        Assert.Equal([0.1, 0.2], members[9].Clips);
        Assert.Equal(["topk-16-x2-magnitude", "plain", "plain"], members.Skip(7).Select(member => member.Setting));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(int.MaxValue)]
    public void Names_of_any_number_of_seeds_are_listed_at_once(int seeds)
    {
        // Before: an exception of the platform, or hundreds of megabytes of names.
        Assert.InRange(SweepPlan.Names(Sweep(TopK with { Seeds = seeds })).Count, 0, 2 * SweepPlan.MostSeeds);
    }

    [Fact]
    public void More_autoencoders_than_anybody_trains_are_refused_before_they_are_listed()
    {
        double[] many = [.. Enumerable.Range(1, 5000).Select(i => (double)i)];
        var error = Assert.Throws<FoveaException>(() => SweepPlan.Names(Sweep(TopK with { Sparsities = many, Expansions = many })));
        Assert.Contains("asks for 25000000 autoencoders: it must be at most 10000.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_dictionary_leaves_out_is_the_sweeps()
    {
        var sweep = Sweep(
            TopK, TopK with { Label = "own", BatchSize = 64, LearningRate = 0.5, Cap = 4 }) with
        {
            BatchSize = 256,
            LearningRate = 0.25,
            Epochs = 9,
            Cap = 2,
            Expansion = 3
        };
        var members = SweepPlan.Members(sweep, seed: 1);
        Assert.Equal(
            (256, 0.25, 9, 2.0, 3.0),
                (members[0].Options.BatchSize, members[0].Options.LearningRate, members[0].Options.Epochs, members[0].Options.Cap,
                    members[0].Options.Expansion));
        Assert.Equal(
            (64, 0.5, 9, 4.0),
                (members[2].Options.BatchSize, members[2].Options.LearningRate, members[2].Options.Epochs, members[2].Options.Cap));
        Assert.Null(SweepPlan.Members(Sweep(TopK), seed: 1)[0].Options.Cap);
    }

    [Fact]
    public void Two_of_one_name_are_refused()
    {
        var error = Assert.Throws<FoveaException>(() => SweepPlan.Members(Sweep(TopK, TopK), seed: 1));
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Contains("topk-8", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wave_sees_the_same_batches_and_fits_into_memory()
    {
        var members = SweepPlan.Members(
            Sweep(TopK with { Filters = ["none", "magnitude"] },
                new SweepDictionarySettings { Options = Sae.Of("l1"), Sparsities = [1, 2], BatchSize = 64 }), seed: 1);
        string[] Ids(SweepMember[] wave) => [.. wave.Select(member => member.Id)];
        var waves = SweepPlan.Waves(members, 16).Select(Ids).ToArray();
        Assert.Equal([["topk-8-none", "topk-16-none"], ["topk-8-magnitude", "topk-16-magnitude"], ["l1-1", "l1-2"]], waves);
        // 1024 × 8192 weights twice, four numbers each, are 268 MB: five are below 1.5 GB, six are not.
        var large = SweepPlan.Members(Sweep(TopK with { Sparsities = [1, 2, 3, 4, 5, 6, 7, 8] }), seed: 1);
        Assert.Equal([5, 3], SweepPlan.Waves(large, 1024).Select(wave => wave.Length));
    }

    private static SweepSettings Sweep(params SweepDictionarySettings[] entries) => new() { Name = "s", Layer = "l", Dictionary = entries };
}
