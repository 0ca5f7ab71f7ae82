using Fovea.Datasets;
using Xunit;

namespace Fovea.Tests.Datasets;

public sealed class ShapesWorldConceptTests
{
    private static readonly ShapesWorldTruth[] Truths = [.. Enumerable.Range(0, 96).AsParallel().AsOrdered()
        .Select(i => new ShapesWorldSource("test", 96, 5).Truth(i))];

    [Fact]
    public void Every_concept_has_its_own_name_and_is_seen_somewhere()
    {
        Assert.Equal(ShapesWorldConcept.All.Count, ShapesWorldConcept.All.Select(c => c.Name).Distinct().Count());
        foreach (var concept in ShapesWorldConcept.All)
            Assert.True(Truths.Any(truth => concept.Mask(truth).Any(share => share > 127)), concept.Name);
    }

    [Theory]
    [InlineData("shape")]
    [InlineData("texture")]
    [InlineData("class")]
    [InlineData("colour")]
    public void The_values_of_an_object_factor_share_out_the_object(string factor)
    {
        ShapesWorldConcept[] values = [.. ShapesWorldConcept.All.Where(c => c.Factor == factor)];
        foreach (var truth in Truths)
        {
            byte[][] masks = [.. values.Select(c => c.Mask(truth))];
            for (int at = 0; at < masks[0].Length; at++) Assert.Equal(truth.Maps.Object[at], masks.Sum(m => m[at]));
            Assert.True(values.Single(c => c.Value == truth.Names[factor]).Mask(truth).SequenceEqual(truth.Maps.Object));
        }
    }

    [Fact]
    public void Tips_and_notches_stand_on_the_outline()
    {
        var tips = ShapesWorldConcept.All.Single(c => c.Name == "part=tip");
        foreach (var truth in Truths)
        {
            Assert.Equal(truth.Scene.Object.Shape switch { ShapeKind.Disc => 0, ShapeKind.Square => 4, ShapeKind.Triangle => 3, ShapeKind.Star => 10, ShapeKind.Cross => 12, _ => 2 }, truth.Corners.Count);
            Assert.Equal(truth.Scene.Object.Shape switch { ShapeKind.Star => 5, ShapeKind.Cross => 4, _ => 0 }, truth.Corners.Count(c => !c.Tip));
            Assert.Equal(truth.Corners.Any(c => c.Tip && c.Visible), tips.Mask(truth).Any(share => share > 0));
        }
    }

    [Fact]
    public void A_grid_keeps_the_mean_of_a_mask()
    {
        byte[] mask = Truths[0].Maps.Object;
        double mean = mask.Average(share => share / 255.0);
        Assert.Equal(mean, ShapesWorldConcept.ToGrid(mask, 8, 8).Average(), 5);
        Assert.Equal(mean, ShapesWorldConcept.ToGrid(mask, 1, 1)[0], 5);
        Assert.Equal(mask[65] / 255f, ShapesWorldConcept.ToGrid(mask, 64, 64)[65]);
        Assert.Equal(28, ShapesWorldConcept.ToGrid(mask, 7, 4).Length);
        Assert.Throws<ArgumentException>(() => ShapesWorldConcept.ToGrid(mask, 65, 8));
    }
}
