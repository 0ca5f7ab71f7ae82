using Fovea.Dictionaries.Comparison;
using Fovea.Dictionaries.Plain;
using Fovea.Dictionaries.Synthetic;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

public sealed class PlantedVectorsTests
{
    private static readonly PlantedDictionaryOptions Easy = new() { InputSize = 64, LatentSize = 128, Active = 4, Rows = 20_000, Seed = 3 };

    public static TheoryData<string> Kinds => ["plain", "half-normal", "noise", "groups", "hierarchy", "both", "full"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_same_row_gives_the_same_vector(string kind)
    {
        PlantedDictionary a = new(Options(kind)), b = new(Options(kind) with { Rows = 1000 });
        long[] order = [17, 3, 999, 3];
        float[] together = new float[4 * 24], alone = new float[24];
        a.Read(order, together);
        for (int i = 0; i < order.Length; i++)
        {
            b.Read([order[i]], alone);
            Assert.Equal(alone, together[(i * 24)..((i + 1) * 24)]);
        }
        Assert.NotEqual(together[..24], together[24..48]);
        new PlantedDictionary(Options(kind) with { Seed = 9 }).Read([17], alone);
        Assert.NotEqual(alone, together[..24]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Vectors_are_their_true_codes_over_the_true_directions(string kind)
    {
        var options = Options(kind);
        var planted = new PlantedDictionary(options);
        long[] rows = BaselineSamples.Rows(500);
        using var scope = NewDisposeScope();
        var values = new float[500 * 24];
        planted.Read(rows, values);
        var dense = planted.Codes(rows).ToDense();
        Assert.All(dense.ne(0).sum([1L]).data<long>().ToArray(), active => Assert.Equal(options.Active, active));
        Assert.True(dense.ge(0).all().item<bool>());
        double left = (tensor(values, [500, 24]) - dense.matmul(planted.Directions())).square().sum([1L]).mean().sqrt().item<float>();
        if (options.Noise == 0) Assert.InRange(left, 0, 1e-5);
        else Assert.InRange(left, 0.95 * options.Noise, 1.05 * options.Noise);
        Assert.All(planted.Directions().norm(1).data<float>().ToArray(), length => Assert.Equal(1, length, 5));
    }

    [Fact]
    public void Features_are_chosen_evenly_and_coefficients_as_said()
    {
        using var scope = NewDisposeScope();
        var dense = new PlantedDictionary(Easy).Codes(BaselineSamples.Rows(20_000)).ToDense();
        var share = dense.ne(0).to_type(ScalarType.Float32).mean([0L]).data<float>().ToArray();
        // 4 of 128: 0.03125 ± 4.5 standard deviations of 0.00123.
        Assert.All(share, value => Assert.InRange(value, 0.0257, 0.0368));
        var active = dense[dense.ne(0)];
        Assert.InRange(active.min().item<float>(), 0.5, 0.501);
        Assert.InRange(active.max().item<float>(), 1.499, 1.5);
        Assert.InRange(active.mean().item<float>(), 0.995, 1.005);
        var half = new PlantedDictionary(Easy with { Coefficients = PlantedCoefficients.HalfNormal }).Codes(
            BaselineSamples.Rows(20_000)).Tensors.Values;
        Assert.InRange(half.mean().item<float>(), 0.79, 0.806);
        Assert.InRange(half.square().mean().item<float>(), 0.98, 1.02);
    }

    [Fact]
    public void Groups_fire_together()
    {
        double Together(double correlation)
        {
            using var scope = NewDisposeScope();
            var options = Easy with { GroupSize = 4, GroupCorrelation = correlation };
            var active = new PlantedDictionary(options).Codes(BaselineSamples.Rows(4000)).ToDense().ne(0).to_type(ScalarType.Float32);
            // Of pairs of features active together, the share from one group.
            var pairs = active.t().matmul(active);
            var group = arange(128) / 4;
            var same = group.floor().unsqueeze(0).eq(group.floor().unsqueeze(1))
                .logical_and(eye(128, dtype: ScalarType.Bool).logical_not());
            return (pairs[same].sum() / (pairs.sum() - pairs.trace())).item<float>();
        }

        Assert.InRange(Together(0), 0.015, 0.035);
        Assert.InRange(Together(0.5), 0.2, 0.6);
        Assert.Equal(1, Together(1), 6);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public void Children_fire_only_with_their_parent(int children)
    {
        var options = Easy with { ChildrenPerParent = children, Active = 6, GroupSize = 2, GroupCorrelation = 0.3 };
        using var codes = new PlantedDictionary(options).Codes(BaselineSamples.Rows(2000));
        long[] rows = codes.Tensors.Rows().data<long>().ToArray(), features = [.. codes.Latents.ToArray().Select(latent => (long)latent)];
        var active = rows.Zip(features).ToHashSet();
        int withParent = 0;
        foreach (var (row, feature) in active)
        {
            int parent = options.Parent((int)feature);
            Assert.InRange(parent, -1, options.ParentCount - 1);
            if (parent < 0) continue;
            withParent++;
            Assert.Contains((row, (long)parent), active);
        }
        Assert.InRange(withParent, 100, 2000 * 5);
    }

    [Fact]
    public void Dictionaries_that_do_not_look_for_sparse_codes_do_not_find_them()
    {
        var planted = new PlantedDictionary(Easy);
        long[] rows = BaselineSamples.Rows(5000);
        using var truth = planted.Directions();
        var found = new Dictionary<string, double>();
        foreach (string name in (string[])["neurons", "random", "pca"])
        {
            using var dictionary = BaselineDictionaries.Fit(name, planted, rows, new BaselineOptions { LatentSize = 128 });
            found[name] = DictionarySimilarity.MatchedCosine(truth, dictionary.Directions);
        }
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", found.Select(pair => $"{pair.Key} {pair.Value:f3}")));
        Assert.All(found.Values, cosine => Assert.InRange(cosine, 0.1, 0.5));
    }

    [Theory]
    [InlineData(0, 1, 0.0)]
    [InlineData(129, 1, 0.0)]
    [InlineData(4, 5, 0.0)]
    [InlineData(4, 4, 1.5)]
    public void Impossible_settings_are_refused(int active, int group, double correlation) => Assert.Equal(
        FailureKind.Configuration,
        Assert.Throws<FoveaException>(
            () => new PlantedDictionary(Easy with { Active = active, GroupSize = group, GroupCorrelation = correlation })).Kind);

    [Fact]
    public void Rows_outside_are_refused()
    {
        var planted = new PlantedDictionary(Easy);
        Assert.Throws<ArgumentOutOfRangeException>(() => planted.Read([20_000], new float[64]));
        Assert.Throws<ArgumentOutOfRangeException>(() => planted.Codes([-1]));
    }

    private static PlantedDictionaryOptions Options(string kind)
    {
        var plain = new PlantedDictionaryOptions { InputSize = 24, LatentSize = 40, Active = 5, Rows = 5000, Seed = 1 };
        return kind switch
        {
            "half-normal" => plain with { Coefficients = PlantedCoefficients.HalfNormal },
            "noise" => plain with { Noise = 0.4 },
            "groups" => plain with { GroupSize = 5, GroupCorrelation = 0.8 },
            "hierarchy" => plain with { ChildrenPerParent = 3 },
            "both" => plain with { ChildrenPerParent = 3, GroupSize = 5, GroupCorrelation = 0.8, Noise = 0.1 },
            "full" => plain with { Active = 40, ChildrenPerParent = 4 },
            _ => plain,
        };
    }
}
