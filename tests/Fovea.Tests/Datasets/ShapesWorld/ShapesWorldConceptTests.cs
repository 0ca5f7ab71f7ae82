using System.Globalization;
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
    [InlineData("tone")]
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
    public void Every_factor_of_the_generator_is_a_concept()
    {
        HashSet<string> factors = [.. ShapesWorldConcept.All.Select(c => c.Factor)];
        Dictionary<string, string> others = new() { ["x"] = "place", ["y"] = "place", ["rotation"] = "rotation-of" };
        foreach (string factor in Truths[0].Names.Keys.Concat(Truths[0].Numbers.Keys))
            Assert.Contains(others.GetValueOrDefault(factor, factor), factors);
    }

    [Fact]
    public void Size_and_place_are_those_of_the_object_where_it_is_seen()
    {
        static string Size(double size) => size < 16 + 2 / 3.0 ? "small" : size < 18 + 1 / 3.0 ? "medium" : "large";
        foreach (var truth in Truths)
        {
            SceneObject item = truth.Scene.Object;
            string place = (item.Y < 32 ? "top" : "bottom") + (item.X < 32 ? "-left" : "-right");
            foreach (var concept in ShapesWorldConcept.All.Where(c => c.Factor is "size" or "place"))
            {
                bool own = concept.Value == Size(item.Size) || concept.Value == place;
                Assert.Equal(own, concept.Holds(truth));
                Assert.Equal(own ? truth.Maps.Object : new byte[64 * 64], concept.Mask(truth));
            }
        }
        // Bins are filled alike: of 96 images 32 and 24, give or take four standard deviations.
        foreach (var concept in ShapesWorldConcept.All.Where(c => c.Factor == "size")) Assert.InRange(Truths.Count(concept.Holds), 14, 50);
        foreach (var concept in ShapesWorldConcept.All.Where(c => c.Factor == "place")) Assert.InRange(Truths.Count(concept.Holds), 7, 41);
    }

    [Fact]
    public void Rotation_is_told_up_to_what_a_shape_looks_the_same_after()
    {
        foreach (var truth in Truths)
        {
            SceneObject item = truth.Scene.Object;
            var held = ShapesWorldConcept.All.Where(c => c.Factor == "rotation-of" && c.Holds(truth)).ToArray();
            if (item.Shape == ShapeKind.Disc)
            {
                Assert.Empty(held);
                continue;
            }
            double third = ShapesWorldConcept.All.Where(
                c => c.Factor == "rotation-of" && c.Value.StartsWith(ShapesWorld.Word(item.Shape), StringComparison.Ordinal))
                .Max(c => double.Parse(c.Value.Split('-')[1], CultureInfo.InvariantCulture)) / 2;
            double from = double.Parse(Assert.Single(held).Value.Split('-')[1], CultureInfo.InvariantCulture);
            Assert.InRange(item.Rotation % (3 * third), from, from + third);
            // Turned by three thirds it covers the same points, by one third it does not.
            double Difference(double turn)
            {
                var (here, there) = (Placed(item.Rotation), Placed(item.Rotation + turn));
                return Enumerable.Range(0, 64 * 64).Max(at => Math.Abs(here.Distance(at % 64, at / 64) - there.Distance(at % 64, at / 64)));
            }
            Assert.True(Difference(3 * third) < 1e-2, $"{item.Shape}: {Difference(3 * third)}");
            Assert.True(Difference(third) > 0.5);

            PlacedOutline Placed(double rotation) => new(Outline.Of(item.Shape), 32, 32, 16, rotation);
        }
    }

    [Fact]
    public void Numbers_are_cut_into_bins_that_every_image_has_one_of()
    {
        foreach (string factor in (string[])["rim-width", "shading", "light-angle", "light-strength", "exposure", "noise"])
        {
            var bins = ShapesWorldConcept.All.Where(c => c.Factor == factor).ToArray();
            Assert.All(Truths, truth => Assert.Single(bins, bin => bin.Holds(truth)));
            foreach (var bin in bins) Assert.InRange(Truths.Count(bin.Holds), 96 / bins.Length - 18, 96 / bins.Length + 18);
        }
        foreach (var truth in Truths)
        {
            Assert.Equal(
                truth.Scene.Background.Pattern.Texture is SurfaceTexture.Stripes or SurfaceTexture.Gradient,
                    ShapesWorldConcept.All.Any(c => c.Factor == "background-angle" && c.Holds(truth)));
            foreach (var concept in ShapesWorldConcept.All.Where(c => c.Factor == "background-angle" && c.Holds(truth)))
                Assert.True(Math.Abs(
                    Math.Cos((truth.Scene.Background.Pattern.Angle
                        - int.Parse(concept.Value, CultureInfo.InvariantCulture)) * Math.PI / 180)) >= Math.Cos(22.6 * Math.PI / 180));
            double degrees = truth.Scene.LightAngle * Math.PI / 180;
            var (x, y) = (Math.Cos(degrees), Math.Sin(degrees)); // light grows along this in the picture
            string side = Math.Abs(x) > Math.Abs(y) ? x > 0 ? "right" : "left" : y > 0 ? "bottom" : "top";
            Assert.True(ShapesWorldConcept.All.Single(c => c.Name == $"light-angle={side}").Holds(truth));
        }
    }

    [Fact]
    public void Tips_and_notches_stand_on_the_outline()
    {
        var tips = ShapesWorldConcept.All.Single(c => c.Name == "part=tip");
        foreach (var truth in Truths)
        {
            Assert.Equal(
                truth.Scene.Object.Shape switch
                {
                    ShapeKind.Disc => 0,
                    ShapeKind.Square => 4,
                    ShapeKind.Triangle => 3,
                    ShapeKind.Star => 10,
                    ShapeKind.Cross => 12,
                    _ => 2
                }, truth.Corners.Count);
            Assert.Equal(
                truth.Scene.Object.Shape switch { ShapeKind.Star => 5, ShapeKind.Cross => 4, _ => 0 }, truth.Corners.Count(c => !c.Tip));
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
