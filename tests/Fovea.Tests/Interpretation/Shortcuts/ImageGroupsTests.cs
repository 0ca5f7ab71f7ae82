using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Interpretation.Shortcuts;
using Fovea.Tests.Training;
using Xunit;

namespace Fovea.Tests.Interpretation.Shortcuts;

/// <summary>Groups of images from a table, and what is background.</summary>
public sealed class ImageGroupsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;
    private readonly MemorySource _source = new(6, size: 16);

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public void Images_are_found_by_id_and_others_are_passed_over()
    {
        ImageGroups groups = Read("place,image,group\nx,image0001,1\nx,image0003,0\nx,elsewhere,1\n\"a,b\",\"image0004\",1\n");
        Assert.Equal([null, true, null, false, true, null], Enumerable.Range(0, 6).Select(i => groups[i]));
        Assert.Equal(("groups", 3), (groups.Name, groups.Known));
    }

    [Fact]
    public void The_end_of_an_id_will_do_where_it_is_one_image_s()
    {
        using var drawn = ShapesWorld.Open("shapesworld:val:24");
        File.WriteAllText(Path_("g.csv"), "image,group\n000003-disc-dots,water\nval/000004-square-plain,land\n");
        ImageGroups groups = ImageGroups.Read(Path_("g.csv"), drawn, "water");
        Assert.Equal((true, false, null, "water"), (groups[3], groups[4], groups[5], groups.Name));
    }

    [Theory]
    [InlineData("", null, FailureKind.Data, "image and group")]
    [InlineData("image,place\nimage0001,1\n", null, FailureKind.Data, "image and group")]
    [InlineData("image,group\nimage0001\n", null, FailureKind.Data, "line 2")]
    [InlineData("image,group\nimage0001,1\nimage0001,0\n", null, FailureKind.Data, "line 3")]
    [InlineData("image,group\nother,1\n", null, FailureKind.Data, "image0000")]
    [InlineData("image,group\nimage0001,\"1\n", null, FailureKind.Data, "quote")]
    [InlineData("image,group\nimage0001,land\nimage0002,water\n", null, FailureKind.Configuration, "land, water")]
    [InlineData("image,group\nimage0001,land\nimage0002,water\n", "watr", FailureKind.Configuration, "Did you mean 'water'?")]
    public void What_is_no_table_of_groups_is_refused(string text, string? value, FailureKind kind, string says)
    {
        var error = Assert.Throws<FoveaException>(() => Read(text, value));
        Assert.Equal(kind, error.Kind);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_missing_data() =>
        Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => ImageGroups.Read(Path_("absent"), _source, null)).Kind);

    [Fact]
    public void What_was_planted_is_known_and_else_nothing()
    {
        using var drawn = ShapesWorld.Open("shapesworld:val:48?shortcut=mark:star-dots:0.9");
        ImageGroups groups = ImageGroups.Planted(drawn)!;
        Assert.Equal("mark:star-dots:0.9", groups.Name);
        Assert.All(Enumerable.Range(0, 48), i => Assert.Equal(drawn.IsPlanted(i), groups[i]));
        Assert.Null(ImageGroups.Planted(_source));
        using var plain = ShapesWorld.Open("shapesworld:val:48");
        Assert.Null(ImageGroups.Planted(plain));
    }

    [Fact]
    public void The_background_of_drawn_images_is_what_is_no_object()
    {
        using var drawn = ShapesWorld.Open("shapesworld:val:24");
        ImageBackground background = ImageBackground.Of(drawn);
        Assert.Equal("masks", background.Kind);
        for (int i = 0; i < 24; i++)
        {
            float[] expected = ShapesWorldConcept.ToGrid(drawn.Truth(i).Maps.Object, 8, 8);
            float[] found = background.Cells(i, Preprocessing.ImageNet(null, 64), 8, 8)!;
            for (int at = 0; at < 64; at++) Assert.Equal(1 - expected[at], found[at], 1e-5f);
        }
    }

    [Fact]
    public void Masks_come_from_a_folder_and_without_any_the_frame_stands_for_the_background()
    {
        var pixels = new byte[16 * 16 * 3];
        for (int at = 0; at < 16 * 8; at++) pixels.AsSpan(3 * at, 3).Fill(255);
        File.WriteAllBytes(Path_("image0002.png"), ImageCodec.EncodePng(new RgbImage(16, 16, pixels)));
        ImageBackground masks = ImageBackground.Masks(_folder, _source);
        var input = new Preprocessing(null, 16, [0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]);
        Assert.Equal([0f, 0, 1, 1], masks.Cells(2, input, 2, 2)!);
        Assert.Null(masks.Cells(3, input, 2, 2));
        File.WriteAllBytes(Path_("image0001.png"), ImageCodec.EncodePng(new RgbImage(8, 8, new byte[192])));
        Assert.Contains("8 × 8", Assert.Throws<FoveaException>(() => masks.Cells(1, input, 2, 2)).Message, StringComparison.Ordinal);
        Assert.Throws<FoveaException>(() => ImageBackground.Masks(Path_("absent"), _source));
        // Half of the area, the corners and not the middle.
        float[] frame = ImageBackground.Frame.Cells(0, input, 64, 64)!;
        Assert.Equal(0.5, frame.Average(), 0.01);
        Assert.Equal((1f, 0f), (frame[0], frame[32 * 64 + 32]));
    }

    private string Path_(string name) => Path.Combine(_folder, name);

    private ImageGroups Read(string text, string? value = null)
    {
        File.WriteAllText(Path_("groups.csv"), text);
        return ImageGroups.Read(Path_("groups.csv"), _source, value);
    }
}
