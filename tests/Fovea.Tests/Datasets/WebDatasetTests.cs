using System.Globalization;
using System.Text;
using Fovea.Datasets;
using Xunit;

namespace Fovea.Tests.Datasets;

/// <summary>WebDataset: samples of one key in tars, one or many.</summary>
public sealed class WebDatasetTests
{
    [Fact]
    public void A_tar_of_samples_is_labelled_by_its_numbers()
    {
        using var files = new ImageNetFiles();
        string tar = files.Tar("some.tar", Samples(0, 6));
        using IImageSource source = ImageSources.Open(tar);
        Assert.Equal("webdataset", source.Data!.Layout);
        Assert.Equal(["0", "1", "2"], source.Classes.Select(info => info.Id));
        Assert.Equal(["000000.png", "000001.png", "000002.png", "000003.png", "000004.png", "000005.png"], Ids(source));
        Assert.Equal([0, 1, 2, 0, 1, 2], Enumerable.Range(0, 6).Select(source.Label));
        Assert.Equal(TestImages.Png(4), source.Stored(4));
        Assert.Contains(source.Notes, note => note.Contains("class list"));
        string list = files.Write("list.json", "{\"cat\": 0, \"dog\": 1, \"fox\": 2}");
        using IImageSource named = ImageSources.Open(tar, new ImageSourceOptions { Classes = list });
        Assert.Equal("fox", named.LabelName(2));
    }

    [Theory]
    [InlineData("imagenet1k-train-0000", "imagenet1k-train-0001", "imagenet1k-validation-00", 8, 4)]
    [InlineData("train/000", "train/001", "val/000", 8, 4)]
    [InlineData("000", "001", "002", 12, 12)]
    public void Shards_are_splits_by_their_names(string first, string second, string third, int train, int validation)
    {
        using var files = new ImageNetFiles();
        for (int i = 0; i < 3; i++) files.Tar($"in/{new[] { first, second, third }[i]}.tar", Samples(4 * i, 4));
        DataDescription described = ImageSources.Describe(files.Path("in"));
        Assert.Equal(("folder of tars", "webdataset", 12), (described.Kind, described.Layout, described.Images));
        using IImageSource trained = ImageSources.Open(files.Path("in"), new ImageSourceOptions { Split = "train" });
        using IImageSource validated = ImageSources.Open(files.Path("in"), new ImageSourceOptions { Split = "val" });
        Assert.Equal((train, validation), (trained.Count, validated.Count));
        Assert.Equal($"{third}/000008.png", validated.Id(train == 8 ? 0 : 8));
        Assert.Equal(TestImages.Png(8), validated.Stored(train == 8 ? 0 : 8));
        trained.Classes.RequireSame(validated.Classes, "val");
    }

    [Fact]
    public void More_shards_than_files_may_be_open_are_read_one_by_one()
    {
        using var files = new ImageNetFiles();
        for (int i = 0; i < 230; i++) files.Tar($"in/{i:D4}.tar", Samples(i, 1));
        using IImageSource source = ImageSources.Open(files.Path("in"));
        Assert.Equal(230, source.Count);
        foreach (int i in new[] { 229, 0, 117 }) Assert.Equal(TestImages.Png(i), source.Stored(i));
    }

    [Fact]
    public void Labels_may_lie_in_json_and_keys_in_folders_and_names_may_have_dots()
    {
        using var files = new ImageNetFiles();
        string tar = files.Tar("some.tar",
        [
            ("n01/a.b.png", TestImages.Png(9)), ("n01/a.png", TestImages.Png(1)), ("n01/a.json", Text("{\"label\": 1, \"width\": 8}")),
            ("n02/a.PNG", TestImages.Png(2)), ("n02/a.cls", Text("0\n")), ("n02/a.json", Text("{\"label\": 5}")), ("n02/a.seg.png", TestImages.Png(3)),
        ]);
        using IImageSource source = ImageSources.Open(tar);
        Assert.Equal(["n01/a.png", "n02/a.PNG"], Ids(source));
        Assert.Equal([1, 0], Enumerable.Range(0, 2).Select(source.Label));
    }

    [Fact]
    public void What_is_no_labelled_sample_is_refused_with_the_sample_s_name()
    {
        (string, byte[]) image = ("7.png", TestImages.Png(7)), label = ("7.cls", Text("0"));
        Refused([.. Samples(0, 3), label], "the sample 7 has no image that is read");
        Refused([.. Samples(0, 3), ("7.jp2", [1]), label], "the sample 7 has no image that is read");
        Refused([.. Samples(0, 3), image, ("7.jpg", TestImages.Png(8)), label], "the sample 7 has several images");
        Refused([.. Samples(0, 3), image], "the sample 7 has an image and no .cls");
        Refused([.. Samples(0, 3), image, ("7.cls", Text("cat"))], "says the class \"cat\"");
        Refused([.. Samples(0, 3), image, ("7.cls", Text("-1"))], "says the class \"-1\"");
        Refused([.. Samples(0, 3), image, ("7.cls", new byte[5000])], "has 5000 bytes: that is no class");
        Refused([.. Samples(0, 3), image, ("7.json", Text("{\"name\": 1}"))], "in \"label\"");
        Refused([.. Samples(0, 3), image, label, image, label], "the key of 7.png stands twice (and 1 others)");
        Refused([.. Samples(0, 3), ("8.png.gz", [1]), ("8.cls", Text("0"))], "compressed members (8.png.gz)");
        Refused([("a.png", TestImages.Png(1)), ("a.txt", Text("a cat"))], "has an image and no .cls");
        using var files = new ImageNetFiles();
        string list = files.Write("two.json", "[\"a\", \"b\"]"), tar = files.Tar("s.tar", Samples(0, 3));
        Assert.Contains("000002 is of class 2", Assert.Throws<FoveaException>(
            () => ImageSources.Open(tar, new ImageSourceOptions { Classes = list })).Message);
    }

    [Fact]
    public void Shards_of_two_kinds_are_refused()
    {
        using var files = new ImageNetFiles();
        files.Tar("in/train-0.tar", Samples(0, 2));
        files.Tar("in/more.tar", Samples(2, 2));
        Assert.Contains("more.tar is of no split", Assert.Throws<FoveaException>(() => ImageSources.Open(files.Path("in"))).Message);
        File.Delete(files.Path("in/more.tar"));
        files.Tar("in/train-1.tar", [("readme.txt", Text("x"))]);
        Assert.Contains("train-1.tar has no samples", Assert.Throws<FoveaException>(() => ImageSources.Open(files.Path("in"))).Message);
        files.Write("in/train-1.tar", ImageNetFiles.TarOf([.. Samples(0, 2)])[..900]);
        Assert.Contains("cut short", Assert.Throws<FoveaException>(() => ImageSources.Open(files.Path("in"))).Message);
        files.Write("in/train-1.tar", [0x1F, 0x8B, .. new byte[600]]);
        Assert.Contains("gzip", Assert.Throws<FoveaException>(() => ImageSources.Open(files.Path("in"))).Message);
    }

    [Fact]
    public void Images_without_any_class_can_be_had_without_labels()
    {
        using var files = new ImageNetFiles();
        string tar = files.Tar("s.tar", [("a.png", TestImages.Png(1)), ("a.txt", Text("a cat"))]);
        using IImageSource source = ImageSources.Open(tar, new ImageSourceOptions { Unlabelled = true });
        Assert.Equal((1, 0), (source.Count, source.Classes.Count));
        Assert.Contains(source.Notes, note => note.Contains("All images are taken, without labels"));
    }

    private static IEnumerable<(string, byte[])> Samples(int first, int count) => Enumerable.Range(first, count).SelectMany(i =>
        new[]
        {
            ($"{i:D6}.cls", Text((i % 3).ToString(CultureInfo.InvariantCulture))), ($"{i:D6}.json", Text("{}")),
            ($"{i:D6}.png", TestImages.Png(i)),
        });

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static string[] Ids(IImageSource source) => [.. Enumerable.Range(0, source.Count).Select(source.Id)];

    private static void Refused(IReadOnlyList<(string, byte[])> samples, string message)
    {
        using var files = new ImageNetFiles();
        var error = Assert.Throws<FoveaException>(() => ImageSources.Open(files.Tar("s.tar", samples)));
        Assert.Equal(FailureKind.Data, error.Kind);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }
}
