using Fovea.Datasets;
using Xunit;

namespace Fovea.Tests.Datasets;

/// <summary>What the truth says against what the pixels and the geometry show.</summary>
public sealed class ShapesWorldTruthTests
{
    private const int Size = ShapesWorld.ImageSize;

    private static readonly ShapesWorldTruth[] Truths = [.. Enumerable.Range(0, 480).AsParallel().AsOrdered()
        .Select(i => new ShapesWorldSource("train", 480, 3).Truth(i))];

    [Fact]
    public void The_picture_of_the_truth_is_the_picture_of_the_source()
    {
        using var source = new ShapesWorldSource("train", 480, 3);
        for (int i = 0; i < 48; i++) Assert.Equal(source.Read(i).Pixels, Truths[i].Image.Pixels);
    }

    [Fact]
    public void The_class_is_the_shape_with_the_texture()
    {
        using var source = new ShapesWorldSource("train", 480, 3);
        for (int i = 0; i < Truths.Length; i++)
        {
            var names = Truths[i].Names;
            Assert.Equal(source.Label(i), Truths[i].Scene.Label);
            Assert.Equal($"{names["shape"]}-{names["texture"]}", names["class"]);
            Assert.Equal(source.Classes[source.Label(i)].Id, names["class"]);
            Assert.Equal(source.Label(i), ShapesWorld.Label(Truths[i].Scene.Object.Shape, Truths[i].Scene.Object.Surface.Pattern.Texture));
        }
    }

    [Fact]
    public void The_object_lies_at_its_place_with_its_size()
    {
        foreach (var truth in Truths)
        {
            double mass = 0, x = 0, y = 0;
            for (int at = 0; at < Size * Size; at++)
            {
                double share = truth.Maps.WholeObject[at] / 255.0;
                (mass, x, y) = (mass + share, x + share * (at % Size + 0.5), y + share * (at / Size + 0.5));
            }
            var item = truth.Scene.Object;
            Assert.InRange(x / mass, item.X - 0.15, item.X + 0.15);
            Assert.InRange(y / mass, item.Y - 0.15, item.Y + 0.15);
            Assert.InRange(mass / (Math.PI * item.Size * item.Size), 0.98, 1.02);
        }
    }

    [Fact]
    public void Rotation_turns_a_triangles_tips_clockwise()
    {
        foreach (var truth in Truths.Where(t => t.Scene.Object.Shape == ShapeKind.Triangle))
        {
            var (item, tip) = (truth.Scene.Object, truth.Corners[0]);   // the tip that stands up at 0°
            double clockwise = Math.Atan2(tip.X - item.X, item.Y - tip.Y) * 180 / Math.PI;
            Assert.Equal(0, Math.IEEERemainder(clockwise - item.Rotation, 360), 3);
        }
    }

    [Fact]
    public void Colour_inside_the_object_is_the_stated_colour()
    {
        foreach (var truth in Truths)
        {
            var surface = truth.Scene.Object.Surface;
            foreach (bool inked in (bool[])[false, true])
            {
                Paint paint = inked ? surface.Ink : surface.Body;
                double[] stated = [paint.R, paint.G, paint.B], seen = new double[3], expected = new double[3];
                int pixels = 0;
                for (int at = 0; at < Size * Size; at++)
                {
                    if (truth.Maps.Object[at] != 255 || truth.Maps.Rim[at] != 0 || truth.Maps.Ink[at] != (inked ? 255 : 0)) continue;
                    pixels++;
                    double light = LightAt(truth.Scene, at % Size + 0.5, at / Size + 0.5);
                    for (int c = 0; c < 3; c++)
                    {
                        seen[c] += truth.Image.Pixels[3 * at + c] / 255.0;
                        expected[c] += Math.Min(1, stated[c] * light);
                    }
                }
                if (pixels < 30) continue;
                // Noise averages out but for clipping at black and white, which moves a mean by at most 0.4 standard deviations.
                double tolerance = 0.01 + 0.4 * truth.Scene.Noise + 5 * truth.Scene.Noise / Math.Sqrt(pixels);
                for (int c = 0; c < 3; c++) Assert.Equal(expected[c] / pixels, seen[c] / pixels, tolerance);
            }
        }
    }

    [Fact]
    public void Every_pixel_is_object_distractor_or_background()
    {
        foreach (var truth in Truths)
        {
            var maps = truth.Maps;
            for (int at = 0; at < Size * Size; at++)
            {
                Assert.InRange(maps.Object[at] + maps.Distractors[at] + maps.Background[at], 253, 257);
                Assert.True(maps.Object[at] <= maps.WholeObject[at]);
                int owner = maps.Owners[at] switch { 0 => maps.Background[at], 1 => maps.Object[at], _ => maps.Distractors[at] };
                Assert.True(owner >= 255 / 3 - 1 || truth.Scene.Distractors.Count > 1);
            }
        }
    }

    [Fact]
    public void The_outline_is_where_the_mask_of_the_object_changes()
    {
        foreach (var truth in Truths.Where(t => t.Scene.Distractors.Count == 0))
        {
            for (int at = 0; at < Size * Size; at++)
            {
                bool partly = truth.Maps.WholeObject[at] is > 8 and < 247;
                if (partly) Assert.Equal(255, truth.Maps.Outline[at]);
                Assert.Equal(truth.Maps.Outline[at] > 0, truth.Maps.OutlineAngles[at] != ShapesWorldMaps.NoAngle);
            }
        }
    }

    [Fact]
    public void A_squares_outline_has_its_two_directions()
    {
        foreach (var truth in Truths.Where(t => t.Scene.Object.Shape == ShapeKind.Square))
        {
            int[] off = [.. truth.Maps.OutlineAngles.Where(a => a != ShapesWorldMaps.NoAngle)
                .Select(a => (int)Math.Abs(Math.IEEERemainder(a - truth.Scene.Object.Rotation - 45, 90)))];
            // Only round the four corners does the nearest point of the edge lie in another direction.
            Assert.True(off.Count(d => d <= 2) > 0.75 * off.Length);
        }
    }

    [Fact]
    public void Nuisance_factors_take_all_their_values_in_every_texture()
    {
        foreach (var group in Truths.GroupBy(t => t.Names["texture"]))
        {
            Assert.Equal(8, group.Select(t => t.Names["colour"]).Distinct().Count());
            Assert.Equal(6, group.Select(t => t.Names["background"]).Distinct().Count());
            Assert.True(group.Max(t => t.Numbers["rotation"]) - group.Min(t => t.Numbers["rotation"]) > 330);
            Assert.True(group.Max(t => t.Numbers["size"]) / group.Min(t => t.Numbers["size"]) > 1.35);
            Assert.Contains(group, t => t.Scene.Distractors.Count == 0);
            Assert.Contains(group, t => t.Scene.Distractors.Count == 3);
        }
    }

    /// <summary>Light of the whole image times the object's own shading.</summary>
    private static double LightAt(Scene scene, double x, double y)
    {
        double angle = scene.LightAngle * Math.PI / 180, cos = Math.Cos(angle), sin = Math.Sin(angle);
        double across = ((x - Size / 2.0) * cos + (y - Size / 2.0) * sin) / (Size / 2.0);
        double own = ((x - scene.Object.X) * cos + (y - scene.Object.Y) * sin) / scene.Object.Size;
        return scene.Exposure * (1 + scene.LightStrength * across) * (1 + scene.Object.Shading * own);
    }
}
