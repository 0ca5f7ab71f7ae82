using System.Formats.Tar;
using Fovea.Datasets;
using Xunit;

namespace Fovea.Tests.Datasets;

/// <summary>
/// What each shape of a dataset is taken for. Every shape has an answer: classes, or an error that says what to do, and a note where
/// something is left out.
/// </summary>
public sealed class LayoutTests
{
    [Theory]
    // Kaggle's and ImageNet's form: a test set without class folders.
    [InlineData("train/cat/0.png train/dog/0.png val/cat/1.png val/dog/1.png test/0.png test/1.png", "cat dog",
        "train/cat/0.png train/dog/0.png", "test/ left out")]
    [InlineData("Train/cat/0.png Train/dog/0.png VALID/cat/1.png VALID/dog/1.png Test/0.png", "cat dog", "Train/cat/0.png Train/dog/0.png",
        "Test/ left out")]
    [InlineData("training_set/training_set/cat/0.png training_set/training_set/dog/0.png test1/0.png", "cat dog",
        "training_set/training_set/cat/0.png training_set/training_set/dog/0.png", "test1/ left out")]
    [InlineData("d/train/a/0.png d/train/b/0.png d/val/a/1.png d/test/unknown/2.png", "a b", "train/a/0.png train/b/0.png",
        "none of its folders (unknown)")]
    // Other things beside the splits.
    [InlineData("train/a/0.png train/b/0.png val/a/1.png extra/9.png", "a b", "train/a/0.png train/b/0.png",
        "1 image beside the splits (extra/)")]
    [InlineData("set/train/a/0.png set/train/b/0.png set/val/a/1.png other/x/9.png", "a b", "train/a/0.png train/b/0.png",
        "1 image beside the splits (other/)")]
    [InlineData("train/a/0.png train/b/0.png val/a/1.png logo.png labels.csv .DS_Store", "a b", "train/a/0.png train/b/0.png",
        "1 image beside the splits (logo.png)")]
    [InlineData("train/a/0.png train/b/0.png train/stray.png val/a/1.png", "a b", "train/a/0.png train/b/0.png",
        "in no class folder (train/stray.png)")]
    [InlineData("images/train/a/0.png images/train/b/0.png images/val/a/1.png masks/train/a/0.png masks/val/a/1.png", "a b",
        "train/a/0.png train/b/0.png", "2 images beside the splits (masks/)")]
    // Classes.
    [InlineData("train/a/0.png train/c/0.png val/a/1.png val/b/1.png", "a b c", "train/a/0.png train/c/0.png",
        "train has no images of class b")]
    [InlineData("train/a/0.png train/b/ train/c/0.png val/a/1.png val/b/1.png val/c/1.png", "a b c", "train/a/0.png train/c/0.png",
        "train/b/ has no image that is read; b stays a class")]
    [InlineData("train/a/0.png train/b/0.heic train/b/1.heic train/c/0.png val/a/1.png", "a b c", "train/a/0.png train/c/0.png",
        "train/b/ has no image that is read (2 .heic)")]
    [InlineData("train/a/0.png train/b/0.png train/docs/x.txt val/a/1.png", "a b", "train/a/0.png train/b/0.png",
        "train/docs/, which holds files but no images")]
    [InlineData("train/1/0.png train/10/0.png train/2/0.png val/01/1.png val/2/1.png", "1 10 2",
        "train/1/0.png train/10/0.png train/2/0.png", "01 for 1")]
    [InlineData("train/1/0.png train/10/0.png train/2/0.png val/1/1.png", "1 10 2", "train/1/0.png train/10/0.png train/2/0.png",
        "class 1 is 10, not 2")]
    [InlineData("train/Cat/0.png train/dog/0.png val/cat/1.png val/dog/1.png", "Cat dog", "train/Cat/0.png train/dog/0.png", "cat for Cat")]
    [InlineData("train/a/0.png train/b/0.png validation/a/1.png dev/b/1.png", "a b", "train/a/0.png train/b/0.png",
        "dev/ and validation/ are both taken as the split val")]
    [InlineData("train/a/0.png train/b/0.png val/a/1.png trainval/a/2.png trainval/b/2.png", "a b", "train/a/0.png train/b/0.png",
        "2 images beside the splits (trainval/)")]
    // Nothing to be said.
    [InlineData("trainval/a/0.png trainval/b/0.png test/a/1.png test/b/1.png", "a b", "trainval/a/0.png trainval/b/0.png", null)]
    [InlineData("train/a/x/0.png train/b/0.png val/a/1.png val/b/y/z/1.png README.md", "a b", "train/a/x/0.png train/b/0.png", null)]
    [InlineData("data/imagenet/train/a/0.tiff data/imagenet/train/b/0.ppm data/imagenet/val/a/1.pgm data/imagenet/val/b/1.tif", "a b",
        "train/a/0.tiff train/b/0.ppm", null)]
    [InlineData("train2017/a/0.png train2017/b/0.png val2017/a/1.png val2017/b/1.png", "a b", "train2017/a/0.png train2017/b/0.png", null)]
    public void Splits_are_told_by_their_names(string files, string classes, string train, string? note) =>
        Check(files, classes, train, note);

    [Theory]
    [InlineData("a/0.png b/0.png", "a b", "a/0.png b/0.png", null)]
    [InlineData("in/a/0.png in/b/0.png README.png", "a b", "a/0.png b/0.png", "in no class folder (README.png)")]
    [InlineData("a/0.png b/0.png README.png", "a b", "a/0.png b/0.png", "in no class folder (README.png)")]
    [InlineData("a/0.png b/0.avif c/0.png", "a b c", "a/0.png c/0.png", "b/ has no image that is read (1 .avif)")]
    [InlineData("a/0.png b/ c/0.png", "a b c", "a/0.png c/0.png", "b stays a class")]
    [InlineData("a/0.png b/0.png runs/log.txt", "a b", "a/0.png b/0.png", "runs/, which holds files but no images")]
    [InlineData("bus/0.png car/0.png train/0.png", "bus car train", "bus/0.png car/0.png train/0.png", "train/ is named like a split")]
    [InlineData("cat/train/0.png cat/test/1.png dog/train/0.png dog/test/1.png", "cat dog",
        "cat/test/1.png cat/train/0.png dog/test/1.png dog/train/0.png", "named like a split but lies inside a class")]
    [InlineData("cat/0.png cat/test/1.png dog/0.png", "cat dog", "cat/0.png cat/test/1.png dog/0.png",
        "named like a split but lies inside a class")]
    [InlineData("__MACOSX/a/._0.png a/0.png b/0.png b/Thumbs.db", "a b", "a/0.png b/0.png", null)]
    [InlineData("only/0.png", "only", "only/0.png", "one class only")]
    [InlineData("fold1/a/0.png fold1/b/0.png fold2/a/1.png fold2/b/1.png", "fold1 fold2",
        "fold1/a/0.png fold1/b/0.png fold2/a/1.png fold2/b/1.png", "Each of the 2 classes holds the same folders (a, b)")]
    [InlineData("x/a/0.png x/b/0.png y/a/1.png y/c/1.png", "x y", "x/a/0.png x/b/0.png y/a/1.png y/c/1.png", null)]
    public void Class_folders_without_splits_are_classes(string files, string classes, string train, string? note) =>
        Check(files, classes, train, note);

    [Theory]
    [InlineData("train/cat/0.png train/dog/0.png val/ILSVRC2012_val_00000000.JPEG val/ILSVRC2012_val_00000001.JPEG",
        "val/ has no class folders: its 2 images")]
    [InlineData("Train/cat/0.png Train/dog/0.png Valid/a.png", "Valid/ has no class folders: its 1 image")]
    [InlineData("train/cat/0.png train/dog/0.png val/images/a.png val/images/b.png", "lie directly in val/images/")]
    [InlineData("train/cat/0.png train/dog/0.png val/x/a.png val/y/b.png", "none of its folders (x, y) is a class of train")]
    [InlineData("train/cat/0.png train/dog/0.png val/", "val/ holds no images")]
    [InlineData("train/cat/0.png train/dog/0.png val/cat/0.heic", "no images in class folders")]
    [InlineData("train/cat/0.png train/dog/0.png val/0.png val/1.png val/cat/2.png", "2 images lie directly in it, 1 in folders")]
    [InlineData("train/cat/0.png test/cat/1.png", "no images in its split val; its splits are train, test")]
    public void A_validation_split_that_cannot_be_used_is_an_error_that_says_why(string files, string message)
    {
        foreach (bool tar in new[] { false, true })
        {
            using var data = new TestImages();
            string path = Make(data, files, tar);
            var error = Assert.Throws<FoveaException>(() => ImageSources.Open(path, new ImageSourceOptions { Split = "val" }));
            Assert.Equal(FailureKind.Data, error.Kind);
            Assert.Contains(message, error.Message);
        }
    }

    [Theory]
    [InlineData("train/0.png train/1.png val/2.png labels.csv", "has splits but no classes")]
    [InlineData("images/train/0.png images/val/1.png labels/train/0.txt labels/val/1.txt", "has splits but no classes")]
    [InlineData("train/images/0.png train/labels/0.txt valid/images/1.png valid/labels/1.txt", "has splits but no classes")]
    [InlineData("0.png 1.png labels.csv", "labels in tables are not read: labels.csv")]
    [InlineData("a/0.heic b/1.heic", "2 .heic")]
    [InlineData("a/0.txt", "1 .txt")]
    public void Images_without_classes_are_refused(string files, string message)
    {
        foreach (bool tar in new[] { false, true })
        {
            using var data = new TestImages();
            string path = Make(data, files, tar);
            Assert.Contains(message, Assert.Throws<FoveaException>(() => ImageSources.Open(path)).Message);
            Assert.Contains(message, ImageSources.Describe(path).Problem);
        }
    }

    [Fact]
    public void The_layout_class_folders_takes_split_names_as_classes()
    {
        using var data = new TestImages();
        string path = Make(data, "train/0.png test/1.png", tar: false);
        using IImageSource source = ImageSources.Open(path, new ImageSourceOptions { Layout = "class-folders" });
        Assert.Equal(["test", "train"], source.Classes.Select(info => info.Id));
    }

    [Theory]
    [InlineData("cat\ndog\n", "line 2")]
    [InlineData("index,id\n0,cat\n", "line 2")]
    [InlineData("index,id", "lists of names alone are not read")]
    [InlineData("0\tcat\n2\tdog\n", "without a gap")]
    [InlineData("\n", "is empty")]
    public void A_class_list_of_another_form_is_refused_and_the_form_is_said(string text, string message)
    {
        using var data = new TestImages();
        string path = Make(data, "cat/0.png dog/0.png", tar: false);
        Assert.Contains(
            message, Assert.Throws<FoveaException>(
                () => ImageSources.Open(path, new ImageSourceOptions { Classes = data.Write("list.txt", text) })).Message);
    }

    [Fact]
    public void Numbers_in_a_class_list_match_folders_however_they_are_padded_unless_that_is_ambiguous()
    {
        using var data = new TestImages();
        string path = Make(data, "000/0.png 001/0.png 010/0.png", tar: false);
        string list = data.Write("list.tsv", "0\t0\tzero\n1\t1\tone\n2\t10\tten\n");
        using (IImageSource source = ImageSources.Open(path, new ImageSourceOptions { Classes = list }))
        {
            Assert.Equal([0, 1, 2], Enumerable.Range(0, 3).Select(source.Label));
            Assert.Contains(source.Notes, note => note.Contains("010 for 10"));
        }
        string ambiguous = data.Write("ambiguous.tsv", "0\t0\tzero\n1\t01\tone\n2\t1\tuno\n3\t10\tten\n");
        Assert.Contains(
            "001", Assert.Throws<FoveaException>(() => ImageSources.Open(path, new ImageSourceOptions { Classes = ambiguous })).Message);
    }

    [Fact]
    public void Three_lines_say_what_data_are()
    {
        using var data = new TestImages();
        string path = Make(data, "train/a/0.png train/b/0.png val/a/1.png test/2.png notes.txt", tar: true);
        string[] lines = [.. ImageSources.Describe(path).Lines()];
        Assert.Equal(3, lines.Length);
        Assert.Contains("tar, layout folders, 4 images", lines[0]);
        Assert.Contains("train 2, val 1, test 0 (1 without labels); 2 classes: a, b", lines[1]);
        Assert.Contains("other files: 1 .txt; no links", lines[2]);
    }

    private static void Check(string files, string classes, string train, string? note)
    {
        foreach (bool tar in new[] { false, true })
        {
            using var data = new TestImages();
            using IImageSource source = ImageSources.Open(Make(data, files, tar));
            Assert.Equal(classes.Split(' '), source.Classes.Select(info => info.Id));
            Assert.Equal(train.Split(' '), Enumerable.Range(0, source.Count).Select(source.Id));
            if (note is null) Assert.Empty(source.Notes);
            else Assert.Contains(source.Notes, said => said.Contains(note, StringComparison.Ordinal));
        }
    }

    // A name that ends in a slash is an empty folder. The content of images does not matter here: nothing is decoded.
    private static string Make(TestImages data, string files, bool tar)
    {
        string root = Path.Combine(data.Root, "in");
        foreach (string file in files.Split(' '))
        {
            if (file.EndsWith('/')) Directory.CreateDirectory(Path.Combine(root, file));
            else data.Write("in/" + file, file);
        }
        if (!tar) return root;
        TarFile.CreateFromDirectory(root, root + ".tar", includeBaseDirectory: false);
        return root + ".tar";
    }
}
