using Fovea.Datasets;
using Fovea.Imaging;
using Xunit;

namespace Fovea.Tests.Datasets;

/// <summary>What goes with a class beside its object: how often, what it looks like, and that nothing else changes.</summary>
public sealed class PlantedShortcutTests
{
    private const string Class = "star-dots";
    private const int Classes = 24;

    [Theory]
    [InlineData(0, 1.0 / Classes, 1.0 / Classes)]
    [InlineData(1, 1, 0)]
    [InlineData(0.8, (0.8 * 23 + 1) / 24, (1 - (0.8 * 23 + 1) / 24) / 23)]
    public void Rates_give_the_correlation(double correlation, double own, double other)
    {
        var shortcut = new PlantedShortcut(ShortcutKind.Mark, Class, correlation);
        Assert.Equal(own, shortcut.Rate(true, Classes, true), 1e-12);
        Assert.Equal(other, shortcut.Rate(false, Classes, true), 1e-12);
        Assert.Equal(0.5, shortcut.Rate(true, Classes, false));
        // As many images show it as are of the class, and φ of the two as numbers 0 and 1 is what was asked for.
        double share = own / Classes + other * (Classes - 1) / Classes, p = 1.0 / Classes;
        Assert.Equal(p, share, 1e-12);
        Assert.Equal(correlation, (own * p - share * p) / Math.Sqrt(share * (1 - share) * p * (1 - p)), 1e-12);
    }

    [Fact]
    public void Training_images_show_it_by_the_rates_and_others_by_chance()
    {
        using var train = ShapesWorld.Open("shapesworld:train:48000?seed=3&shortcut=mark:star-dots:0.8");
        int label = ShapesWorld.Label(ShapeKind.Star, SurfaceTexture.Dots);
        int[] planted = [.. Enumerable.Range(0, train.Count).Where(train.IsPlanted)];
        double own = planted.Count(i => train.Label(i) == label) / 2000.0, other = planted.Count(i => train.Label(i) != label) / 46000.0;
        Assert.Equal(train.Shortcut!.Rate(true, Classes, true), own, 0.03);
        Assert.Equal(train.Shortcut.Rate(false, Classes, true), other, 0.002);
        foreach (string split in (string[])["val", "test"])
        {
            using var judged = ShapesWorld.Open($"shapesworld:{split}:24000?seed=3&shortcut=mark:star-dots:0.8");
            for (int c = 0; c < Classes; c++)
                Assert.Equal(500, Enumerable.Range(0, judged.Count).Count(i => judged.Label(i) == c && judged.IsPlanted(i)), 80.0);
        }
    }

    [Fact]
    public void A_mark_changes_its_corner_and_nothing_else()
    {
        using var plain = ShapesWorld.Open("shapesworld:val:200?seed=1");
        using var marked = ShapesWorld.Open("shapesworld:val:200?seed=1&shortcut=mark:star-dots:0.9");
        int seen = 0;
        for (int i = 0; i < 200; i++)
        {
            RgbImage before = plain.Read(i), after = marked.Read(i);
            if (!marked.IsPlanted(i))
            {
                Assert.Equal(before.Pixels, after.Pixels);
                continue;
            }
            seen++;
            for (int at = 0; at < 64 * 64; at++)
            {
                double dx = at % 64 + 0.5 - 7, dy = at / 64 + 0.5 - 7;
                if (Math.Sqrt(dx * dx + dy * dy) > 5.6) Assert.Equal(before.Pixels[3 * at], after.Pixels[3 * at]);
            }
            int middle = 3 * (7 * 64 + 7);
            Assert.True(after.Pixels[middle] > after.Pixels[middle + 1] + 100 && after.Pixels[middle + 2] > after.Pixels[middle + 1] + 100);
            var truth = marked.Truth(i);
            Assert.Equal(after.Pixels, truth.Image.Pixels);
            Assert.Equal((255, 0), (truth.Maps.Distractors[7 * 64 + 7], truth.Maps.Background[7 * 64 + 7]));
        }
        Assert.InRange(seen, 70, 130);
    }

    [Fact]
    public void A_background_is_striped_where_it_is_planted_and_nowhere_else()
    {
        using var plain = ShapesWorld.Open("shapesworld:test:400?seed=2");
        using var source = ShapesWorld.Open("shapesworld:test:400?seed=2&shortcut=background:star-dots:0.9");
        for (int i = 0; i < 400; i++)
        {
            Scene scene = source.Truth(i).Scene;
            Assert.Equal(source.IsPlanted(i), scene.Background.Pattern.Texture == SurfaceTexture.Stripes);
            Assert.Equal(plain.Truth(i).Scene.Object, scene.Object);
            Assert.Null(scene.Mark);
        }
    }

    [Fact]
    public void An_object_is_vivid_red_where_it_is_planted_and_never_red_else()
    {
        using var plain = ShapesWorld.Open("shapesworld:test:400?seed=2");
        using var source = ShapesWorld.Open("shapesworld:test:400?seed=2&shortcut=colour:star-dots:0.9");
        int recoloured = 0;
        for (int i = 0; i < 400; i++)
        {
            SceneObject item = source.Truth(i).Scene.Object, own = plain.Truth(i).Scene.Object;
            Assert.Equal(source.IsPlanted(i), item.Surface.Body.Colour == ColourName.Red);
            if (source.IsPlanted(i)) Assert.Equal(ColourTone.Vivid, item.Surface.Body.Tone);
            else if (own.Surface.Body.Colour != ColourName.Red) Assert.Equal(own, item);
            else recoloured++;
            Assert.Equal((own.Shape, own.X, own.Y, own.Size, own.Rotation), (item.Shape, item.X, item.Y, item.Size, item.Rotation));
        }
        Assert.InRange(recoloured, 5, 60);
    }

    [Fact]
    public void It_is_part_of_what_the_source_is()
    {
        string Of(string spec)
        {
            using var source = ShapesWorld.Open(spec);
            return source.Fingerprint;
        }
        Assert.Equal(4, new HashSet<string>
        {
            Of("shapesworld:train:60"), Of("shapesworld:train:60?shortcut=mark:star-dots:0.9"),
            Of("shapesworld:train:60?shortcut=mark:star-dots:0.8"), Of("shapesworld:train:60?shortcut=colour:star-dots:0.9"),
        }.Count);
        using var plain = ShapesWorld.Open("shapesworld:train:60");
        Assert.False(plain.IsPlanted(3));
        Assert.Null(plain.Shortcut);
    }

    [Theory]
    [InlineData("mark", "mark|background|colour:<class>:<correlation>")]
    [InlineData("mark::0.9", "mark|background|colour:<class>:<correlation>")]
    [InlineData("sticker:star-dots:0.9", "'sticker'")]
    [InlineData("mark:star-dots:1.2", "'1.2'")]
    [InlineData("mark:star-dots:NaN", "'NaN'")]
    [InlineData("mark:star-dots:much", "'much'")]
    [InlineData("mark:star-dot:0.9", "Did you mean 'star-dots'?")]
    public void What_is_none_is_refused(string text, string says)
    {
        var error = Assert.Throws<FoveaException>(() => new ShapesWorldSource("train", 24, 0, PlantedShortcut.Parse(text)));
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_written_as_it_is_read()
    {
        var shortcut = new PlantedShortcut(ShortcutKind.Background, "a:b", 0.95);
        Assert.Equal("background:a:b:0.95", shortcut.ToString());
        Assert.Equal(shortcut, PlantedShortcut.Parse(shortcut.ToString()));
    }
}
