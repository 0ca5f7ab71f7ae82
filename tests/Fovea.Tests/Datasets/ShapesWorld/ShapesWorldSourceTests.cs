using System.Collections.Concurrent;
using Fovea.Datasets;
using Xunit;

namespace Fovea.Tests.Datasets;

public sealed class ShapesWorldSourceTests
{
    private const int Sample = 240;

    [Fact]
    public void The_same_bytes_come_in_any_order_from_any_thread_and_any_source()
    {
        using var source = ShapesWorld.Open("shapesworld:train:500?seed=7");
        byte[][] forwards = [.. Enumerable.Range(0, Sample).Select(i => source.Read(i).Pixels)];

        using var longer = new ShapesWorldSource("train", 100_000, 7);
        for (int i = Sample - 1; i >= 0; i--) Assert.Equal(forwards[i], longer.Read(i).Pixels);

        var parallel = new ConcurrentDictionary<int, byte[]>();
        Parallel.For(0, Sample, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => parallel[i] = source.Read(i).Pixels);
        for (int i = 0; i < Sample; i++) Assert.Equal(forwards[i], parallel[i]);
    }

    [Fact]
    public void Splits_and_seeds_share_no_image()
    {
        var seen = new HashSet<string>();
        foreach (string split in ShapesWorld.Splits)
        {
            foreach (ulong seed in (ulong[])[0, 1])
            {
                using var source = new ShapesWorldSource(split, Sample, seed);
                for (int i = 0; i < Sample; i++)
                {
                    var scene = source.Truth(i).Scene;
                    Assert.True(seen.Add(FormattableString.Invariant($"{scene.Object.X:R} {scene.Object.Y:R} {scene.Object.Rotation:R}")));
                    Assert.True(seen.Add(Convert.ToBase64String(source.Read(i).Pixels)));
                }
            }
        }
    }

    [Theory]
    [InlineData(24)]
    [InlineData(6000)]
    public void Every_class_has_the_same_number_of_images(int count)
    {
        using var source = new ShapesWorldSource("val", count);
        var counts = Enumerable.Range(0, count).CountBy(source.Label).ToDictionary();
        Assert.Equal(24, counts.Count);
        Assert.All(counts.Values, n => Assert.Equal(count / 24, n));
    }

    [Fact]
    public void Ids_are_unique_in_ordinal_order_and_name_the_class()
    {
        using var source = new ShapesWorldSource("test", 1200);
        string[] ids = [.. Enumerable.Range(0, source.Count).Select(source.Id)];
        Assert.Equal(ids.Distinct().Order(StringComparer.Ordinal), ids);
        Assert.Equal("test/000003-disc-dots", ids[3]);
        Assert.Equal("dotted disc", source.Classes[3].Name);
    }

    [Fact]
    public void The_fingerprint_tells_sources_apart_and_sameness_is_the_same()
    {
        string Of(string spec) => ShapesWorld.Open(spec).Fingerprint;
        string one = Of("shapesworld:train:600?seed=1");
        Assert.Equal(one, Of("shapesworld:train:600?seed=1"));
        Assert.Equal(
            4, new HashSet<string> { one, Of("shapesworld:val:600?seed=1"), Of("shapesworld:train:601?seed=1"),
                Of("shapesworld:train:600") }.Count);
    }

    [Theory]
    [InlineData("shapesworld")]
    [InlineData("shapesworld:train")]
    [InlineData("shapesworld:trian:600")]
    [InlineData("shapesworld:train:0")]
    [InlineData("shapesworld:train:-3")]
    [InlineData("shapesworld:train:many")]
    [InlineData("shapesworld:train:99999999")]
    [InlineData("shapesworld:train:600?sed=1")]
    [InlineData("shapesworld:train:600?seed=x")]
    [InlineData("shapesworld:train:600:1")]
    public void A_malformed_name_is_refused_with_the_form_it_should_have(string spec)
    {
        var error = Assert.Throws<FoveaException>(() => ShapesWorld.Open(spec));
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Contains("shapesworld:<split>:<count>[?seed=N]", error.Message, StringComparison.Ordinal);
        Assert.Contains(spec, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_index_outside_the_source_is_refused()
    {
        using var source = new ShapesWorldSource("train", 10);
        Assert.Throws<ArgumentOutOfRangeException>(() => source.Read(10));
        Assert.Throws<ArgumentOutOfRangeException>(() => source.Truth(-1));
    }
}
