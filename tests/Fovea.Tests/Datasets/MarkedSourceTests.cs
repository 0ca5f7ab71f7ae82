using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Tests.Training;
using Xunit;

namespace Fovea.Tests.Datasets;

/// <summary>A mark painted into images of another source.</summary>
public sealed class MarkedSourceTests
{
    private static readonly PlantedShortcut Mark = new(ShortcutKind.Mark, "c1", 0.9);

    [Fact]
    public void Marked_images_differ_in_the_mark_alone_and_others_not_at_all()
    {
        using var plain = new MemorySource(300);
        using var source = new MarkedSource(new MemorySource(300), Mark, 4, training: false);
        for (int i = 0; i < 300; i++)
        {
            byte[] before = plain.Read(i).Pixels, after = source.Read(i).Pixels;
            for (int at = 0; at < 64 * 64; at++)
            {
                bool inside = at % 64 is >= 2 and < 10 && at / 64 is >= 2 and < 10;
                byte[] expected = inside && source.IsPlanted(i) ? [255, 0, 255] : before[(3 * at)..(3 * at + 3)];
                Assert.Equal(expected, after[(3 * at)..(3 * at + 3)]);
            }
        }
        Assert.InRange(Enumerable.Range(0, 300).Count(source.IsPlanted), 110, 190);
    }

    [Fact]
    public void Training_images_are_marked_by_the_rates()
    {
        using var source = new MarkedSource(new MemorySource(9000), Mark, 4, training: true);
        double Share(int label) =>
            Enumerable.Range(0, 9000).Where(i => source.Label(i) == label).Average(i => source.IsPlanted(i) ? 1.0 : 0);
        Assert.Equal(Mark.Rate(true, 3, true), Share(1), 0.02);
        Assert.Equal(Mark.Rate(false, 3, true), Share(0), 0.02);
    }

    [Fact]
    public void An_image_is_marked_whatever_stands_beside_it()
    {
        using var whole = new MarkedSource(new MemorySource(90), Mark, 4, training: true);
        using var part = new MarkedSource(new SubsetSource(new MemorySource(90), [7, 70, 12]), Mark, 4, training: true);
        Assert.Equal([whole.IsPlanted(7), whole.IsPlanted(70), whole.IsPlanted(12)], Enumerable.Range(0, 3).Select(part.IsPlanted));
        Assert.Equal(3, new HashSet<string> { whole.Fingerprint, part.Fingerprint, new MemorySource(90).Fingerprint }.Count);
        using var judged = new MarkedSource(new MemorySource(90), Mark, 4, training: false);
        Assert.NotEqual(whole.Fingerprint, judged.Fingerprint);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 200)]
    [InlineData(200, 5)]
    public void A_mark_fits_images_of_any_size(int width, int height)
    {
        RgbImage image = MarkedSource.Mark(new RgbImage(width, height, new byte[3 * width * height]));
        Assert.Equal((width, height), (image.Width, image.Height));
        Assert.Equal([255, 0, 255], image.Pixels[..3]);
    }

    [Fact]
    public void Only_a_mark_can_be_painted_and_only_beside_a_class_that_is()
    {
        using var source = new MemorySource(9);
        Assert.Contains("mark", Refused(Mark with { Kind = ShortcutKind.Colour }), StringComparison.Ordinal);
        Assert.Contains("'c1'", Refused(Mark with { ClassId = "c11" }), StringComparison.Ordinal);

        string Refused(PlantedShortcut shortcut)
        {
            var error = Assert.Throws<FoveaException>(() => new MarkedSource(source, shortcut, 1, training: true));
            Assert.Equal(FailureKind.Configuration, error.Kind);
            return error.Message;
        }
    }
}
