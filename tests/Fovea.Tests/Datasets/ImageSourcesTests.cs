using System.Formats.Tar;
using Fovea.Datasets;
using Fovea.Imaging;
using Xunit;

namespace Fovea.Tests.Datasets;

public sealed class ImageSourcesTests
{
    [Theory]
    [InlineData(false, "")]
    [InlineData(true, "")]
    [InlineData(false, "top/middle/")]
    [InlineData(true, "top/middle/")]
    public void Class_folders_open_from_a_folder_or_a_tar_under_any_top(bool tar, string top)
    {
        using var data = new TestImages();
        data.Write($"in/{top}n02/b.png", TestImages.Png(1));
        data.Write($"in/{top}n01/a.PNG", TestImages.Png(2));
        data.Write($"in/{top}n01/notes.txt", "no image");
        data.Write($"in/{top}n01/._a.png", "a Macintosh leftover");
        data.Write($"in/{top}n10/deep/c.png", TestImages.Png(3));
        data.Write($"in/{top}words.txt", "n01\ttench, Tinca tinca\nn10\tbrambling\n");
        using IImageSource source = ImageSources.Open(
            tar ? Pack(data) : Path.Combine(data.Root, "in"), new ImageSourceOptions { Split = "val" });
        Assert.Equal(["n01/a.PNG", "n02/b.png", "n10/deep/c.png"], Ids(source));
        Assert.Equal([new("n01", "tench"), new("n02", "n02"), new("n10", "brambling")], source.Classes);
        Assert.Equal([0, 1, 2], Labels(source));
        Assert.Equal(8, source.Read(2).Width);
    }

    [Fact]
    public void Folder_and_tar_of_the_same_files_have_the_same_fingerprint_and_others_another()
    {
        using var data = new TestImages();
        data.Write("in/a/1.png", TestImages.Png(1));
        data.Write("in/b/2.png", TestImages.Png(2, 9));
        using IImageSource folder = ImageSources.Open(Path.Combine(data.Root, "in")), tar = ImageSources.Open(Pack(data));
        Assert.Equal(folder.Fingerprint, tar.Fingerprint);
        data.Write("in/b/2.png", TestImages.Png(2, 10));
        using IImageSource changed = ImageSources.Open(Path.Combine(data.Root, "in"));
        Assert.NotEqual(folder.Fingerprint, changed.Fingerprint);
    }

    [Fact]
    public void Splits_are_told_apart_and_share_their_classes()
    {
        using var data = new TestImages();
        data.Write("in/imagenet/train/a/1.png", TestImages.Png(1));
        data.Write("in/imagenet/train/b/2.png", TestImages.Png(2));
        data.Write("in/imagenet/validation/b/3.png", TestImages.Png(3));
        string path = Path.Combine(data.Root, "in");
        using (IImageSource train = ImageSources.Open(path)) Assert.Equal(["train/a/1.png", "train/b/2.png"], Ids(train));
        using (IImageSource val = ImageSources.Open(path, new ImageSourceOptions { Split = "val" }))
        {
            Assert.Equal(["validation/b/3.png"], Ids(val));
            Assert.Equal(2, val.Classes.Count);
            Assert.Equal([1], Labels(val));
        }
        Fails(FailureKind.Data, "split test", path, new ImageSourceOptions { Split = "test" });
        Fails(FailureKind.Configuration, "split", path, new ImageSourceOptions { Split = "tset" });
    }

    [Fact]
    public void A_class_list_gives_order_and_names_and_finds_mislabelled_folders()
    {
        using var data = new TestImages();
        data.Write("in/a/1.png", TestImages.Png(1));
        data.Write("in/b/2.png", TestImages.Png(2));
        string path = Path.Combine(data.Root, "in");
        string whole = data.Write("classes.tsv", "index\twnid\tname\n0\tb\tbee\n1\tc\tcat\n2\ta\tant\n");
        using (IImageSource source = ImageSources.Open(path, new ImageSourceOptions { Classes = whole }))
        {
            Assert.Equal([2, 0], Labels(source));
            Assert.Equal(["bee", "cat", "ant"], source.Classes.Select(info => info.Name));
        }
        Fails(FailureKind.Data, "mislabelled", path, new ImageSourceOptions { Classes = data.Write("few.tsv", "0\ta\tant\n") });
        Fails(FailureKind.Data, "line 2", path, new ImageSourceOptions { Classes = data.Write("gap.tsv", "0\ta\tant\n2\tb\tbee\n") });
        Fails(FailureKind.Data, "line 2", path, new ImageSourceOptions { Classes = data.Write("text.tsv", "0\ta\tant\nb bee\n") });
        Fails(FailureKind.Data, "empty", path, new ImageSourceOptions { Classes = data.Write("empty.tsv", "index\twnid\tname\n") });
        Fails(FailureKind.Data, "stands twice", path,
            new ImageSourceOptions { Classes = data.Write("twice.tsv", "0\ta\tant\n1\ta\tbee\n") });
        Fails(FailureKind.Data, "absent.tsv", path, new ImageSourceOptions { Classes = Path.Combine(data.Root, "absent.tsv") });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Tiny_imagenets_layout_is_found_in_a_folder_or_a_tar(bool tar)
    {
        using var data = new TestImages();
        Tiny(data);
        string path = tar ? Pack(data) : Path.Combine(data.Root, "in");
        using IImageSource train = ImageSources.Open(path), val = ImageSources.Open(path, new ImageSourceOptions { Split = "val" });
        Assert.Equal(["n9", "n1"], train.Classes.Select(info => info.Id));
        Assert.Equal("goldfish", train.Classes[1].Name);
        Assert.Equal(["train/n1/images/n1_0.png", "train/n9/images/n9_0.png"], Ids(train));
        Assert.Equal([1, 0], Labels(train));
        Assert.Equal(["val/images/val_0.png", "val/images/val_1.png"], Ids(val));
        Assert.Equal([0, 1], Labels(val));
        Fails(FailureKind.Data, "no labels", path, new ImageSourceOptions { Split = "test" });
    }

    [Fact]
    public void Tiny_imagenet_that_is_mislabelled_is_refused()
    {
        using var data = new TestImages();
        Tiny(data);
        string path = Path.Combine(data.Root, "in");
        var val = new ImageSourceOptions { Split = "val" };
        data.Write("in/tiny/val/images/val_7.png", TestImages.Png(7));
        Fails(FailureKind.Data, "val_7.png", path, val);
        data.Write("in/tiny/val/val_annotations.txt", "val_0.png\tn9\nval_1.png\tn1\nval_7.png\tn5\n");
        Fails(FailureKind.Data, "class n5", path, val);
        data.Write("in/tiny/train/n5/images/a.png", TestImages.Png(8));
        Fails(FailureKind.Data, "mislabelled", path, new ImageSourceOptions());
        Directory.Delete(Path.Combine(path, "tiny/val/images"), recursive: true);
        Fails(FailureKind.Data, "no images", path, val);
    }

    [Fact]
    public void Empty_missing_and_unlabelled_sources_are_refused()
    {
        using var data = new TestImages();
        Fails(FailureKind.Data, "no folder or file", Path.Combine(data.Root, "absent"));
        Directory.CreateDirectory(Path.Combine(data.Root, "in"));
        Fails(FailureKind.Data, "no images", Path.Combine(data.Root, "in"));
        data.Write("in/a/1.png", TestImages.Png(1));
        Fails(FailureKind.Configuration, "no layout \"x\"", Path.Combine(data.Root, "in"), new ImageSourceOptions { Layout = "x" });
        data.Write("in/2.png", TestImages.Png(1));
        data.Write("in/3.png", TestImages.Png(1));
        Fails(FailureKind.Data, "mislabelled", Path.Combine(data.Root, "in"));
    }

    [Fact]
    public void Subsets_take_classes_first_images_and_even_spaces()
    {
        using var data = new TestImages();
        foreach (string name in new[] { "a", "b", "c" })
        {
            for (int i = 0; i < 4; i++) data.Write($"in/{name}/{i}.png", TestImages.Png(i));
        }
        string path = Path.Combine(data.Root, "in");
        string[] Chosen(ImageSourceOptions options)
        {
            using IImageSource source = ImageSources.Open(path, options);
            Assert.Equal(3, source.Classes.Count);
            return Ids(source);
        }
        Assert.Equal(["a/0.png", "b/0.png", "c/0.png"], Chosen(new() { PerClass = 1 }));
        Assert.Equal(["a/0.png", "b/0.png", "c/0.png"], Chosen(new() { Limit = 3 }));
        Assert.Equal(["c/0.png", "c/2.png"], Chosen(new() { ClassSubset = "c", Limit = 2 }));
        Assert.Equal(["a/0.png", "a/1.png", "c/0.png", "c/1.png"], Chosen(new() { ClassSubset = "a, c", PerClass = 2, Limit = 100 }));
        Fails(FailureKind.Configuration, "names d", path, new ImageSourceOptions { ClassSubset = "d" });
        Fails(FailureKind.Configuration, "limit", path, new ImageSourceOptions { Limit = 0 });
    }

    [Fact]
    public void A_damaged_file_is_named_when_it_is_read()
    {
        using var data = new TestImages();
        data.Write("in/a/1.png", TestImages.Png(1)[..60]);
        using IImageSource source = ImageSources.Open(Path.Combine(data.Root, "in"));
        Assert.Equal("a/1.png", Assert.Throws<DamagedImageException>(() => source.Read(0)).Id);
    }

    [Fact]
    public void Shapesworld_is_opened_by_its_name()
    {
        using IImageSource source = ImageSources.Open("shapesworld:train:60?seed=3", new ImageSourceOptions { Limit = 20 });
        Assert.Equal(20, source.Count);
        Assert.Equal(64, source.Read(19).Width);
    }

    [Fact]
    public void The_shared_tiny_imagenet_has_its_numbers()
    {
        string path = SharedData.Path("data/tiny-imagenet-200.tar");
        using IImageSource val = ImageSources.Open(path, new ImageSourceOptions { Split = "val" });
        Assert.Equal((5000, 200), (val.Count, val.Classes.Count));
        Assert.Equal("val/images/val_0.JPEG", val.Id(0));
        Assert.All(Enumerable.Range(0, 200),
            label => Assert.Equal(25, Enumerable.Range(0, val.Count).Count(index => val.Label(index) == label)));
        using IImageSource train = ImageSources.Open(path, new ImageSourceOptions { PerClass = 3 });
        Assert.Equal(600, train.Count);
        Assert.Equal((64, 64), (train.Read(599).Width, train.Read(599).Height));
    }

    private static void Tiny(TestImages data)
    {
        data.Write("in/tiny/wnids.txt", "n9\nn1\n");
        data.Write("in/tiny/words.txt", "n1\tgoldfish, Carassius auratus\nn5\tother\nn9\tox\n");
        data.Write("in/tiny/train/n1/images/n1_0.png", TestImages.Png(1));
        data.Write("in/tiny/train/n1/n1_boxes.txt", "n1_0.png\t0\t0\t1\t1\n");
        data.Write("in/tiny/train/n9/images/n9_0.png", TestImages.Png(2));
        data.Write("in/tiny/val/images/val_0.png", TestImages.Png(3));
        data.Write("in/tiny/val/images/val_1.png", TestImages.Png(4));
        data.Write("in/tiny/val/val_annotations.txt",
            "val_0.png\tn9\t0\t0\t9\t9\r\nval_1.png\tn1\t0\t0\t9\t9\r\nval_2.png\tn1\t0\t0\t9\t9\r\n");
        data.Write("in/tiny/test/images/test_0.png", TestImages.Png(5));
    }

    private static string Pack(TestImages data)
    {
        string path = Path.Combine(data.Root, "in.tar");
        TarFile.CreateFromDirectory(Path.Combine(data.Root, "in"), path, includeBaseDirectory: false);
        return path;
    }

    private static void Fails(FailureKind kind, string part, string path, ImageSourceOptions? options = null)
    {
        var error = Assert.Throws<FoveaException>(() => ImageSources.Open(path, options));
        Assert.Equal(kind, error.Kind);
        Assert.Contains(part, error.Message);
    }

    private static string[] Ids(IImageSource source) => [.. Enumerable.Range(0, source.Count).Select(source.Id)];

    private static int[] Labels(IImageSource source) => [.. Enumerable.Range(0, source.Count).Select(source.Label)];
}
