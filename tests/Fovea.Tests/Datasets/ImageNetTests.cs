using Fovea.Datasets;
using Xunit;

namespace Fovea.Tests.Datasets;

/// <summary>ImageNet as it ships: the tar of tars, flat validation images, the devkit's numbers, Kaggle's tables.</summary>
public sealed class ImageNetTests
{
    [Fact]
    public void The_tar_of_tars_is_read_in_place_as_class_folders()
    {
        using var files = new ImageNetFiles();
        using IImageSource source = ImageSources.Open(files.TrainTar());
        Assert.Equal(ImageNetFiles.Sorted, source.Classes.Select(info => info.Id));
        Assert.Equal(12, source.Count);
        for (int i = 0; i < source.Count; i++)
        {
            string id = source.Id(i);
            Assert.Equal(source.Classes[source.Label(i)].Id, id[..9]);
            int seed = 100 + int.Parse(id[(id.IndexOf('_') + 1)..id.IndexOf('.')]);
            Assert.Equal(TestImages.Png(seed, 40, 36), source.Stored(i));
        }
        Assert.Empty(source.Notes);
    }

    [Theory]
    [InlineData("tars")]
    [InlineData("folders")]
    [InlineData("folder devkit")]
    [InlineData("kaggle")]
    [InlineData("named")]
    public void Validation_images_have_the_classes_that_the_devkit_s_numbers_mean(string kind)
    {
        using var files = new ImageNetFiles();
        string source = files.Root;
        string? labels = null;
        if (kind == "tars")
        {
            files.TrainTar();
            files.ValidationTar();
            files.Devkit();
        }
        else if (kind == "kaggle")
        {
            files.Solution();
            files.Mapping();
            Images(files, "ILSVRC/Data/CLS-LOC/val/");
            foreach (string id in ImageNetFiles.Sorted) files.Write($"ILSVRC/Data/CLS-LOC/train/{id}/{id}_1.JPEG", TestImages.Png(1));
            files.Write("ILSVRC/Data/CLS-LOC/test/ILSVRC2012_test_00000001.JPEG", TestImages.Png(2));
        }
        else if (kind == "named")
        {
            source = files.ValidationTar();
            labels = files.Devkit(name: "elsewhere/kit.tar.gz");
        }
        else
        {
            Images(files, "val/");
            foreach (string id in ImageNetFiles.Sorted) files.Write($"train/{id}/{id}_1.JPEG", TestImages.Png(1));
            if (kind == "folders") files.Devkit();
            else
            {
                files.Write("ILSVRC2012_devkit_t12/data/meta.mat", Fixture.Bytes("meta.mat"));
                files.Write("ILSVRC2012_devkit_t12/data/ILSVRC2012_validation_ground_truth.txt", string.Join('\n', ImageNetFiles.Truth));
            }
        }
        using IImageSource images = ImageSources.Open(source, new ImageSourceOptions { Split = "val", Labels = labels });
        Assert.Equal("imagenet", images.Data!.Layout);
        Assert.Equal(ImageNetFiles.Sorted, images.Classes.Select(info => info.Id));
        Assert.Equal(12, images.Count);
        for (int i = 0; i < 12; i++)
        {
            Assert.EndsWith(ImageNetFiles.ValidationName(i + 1), images.Id(i), StringComparison.Ordinal);
            Assert.Equal(ImageNetFiles.Label(i + 1), images.Label(i));
            Assert.Equal(TestImages.Png(i + 1, 40, 36), images.Stored(i));
        }
        Assert.Equal(kind == "kaggle" ? "first n01440764" : "tench", images.Classes[0].Name);
        Assert.Contains(images.Notes, note => note.StartsWith("The labels of the validation images are those of", StringComparison.Ordinal));
        if (kind != "named")
        {
            using IImageSource train = ImageSources.Open(source, new ImageSourceOptions { Split = "train" });
            train.Classes.RequireSame(images.Classes, "val");
            Assert.All(Enumerable.Range(0, train.Count), i => Assert.Contains(train.Classes[train.Label(i)].Id, train.Id(i)));
        }
        if (kind == "kaggle")
            Assert.Contains("no labels", Assert.Throws<FoveaException>(() => ImageSources.Open(source, new ImageSourceOptions { Split = "test" })).Message);
    }

    [Fact]
    public void Devkit_and_kaggle_and_sorted_folders_give_one_answer()
    {
        using var files = new ImageNetFiles();
        Images(files, "flat/");
        for (int number = 1; number <= 12; number++)
        {
            string id = ImageNetFiles.Sorted[ImageNetFiles.Label(number)];
            files.Write($"sorted/{id}/{ImageNetFiles.ValidationName(number)}", TestImages.Png(number, 40, 36));
        }
        string devkit = files.Devkit(name: "a/devkit.tar.gz"), kaggle = files.Solution("b/");
        var answers = new[] { devkit, kaggle }.Select(labels =>
        {
            using IImageSource source = ImageSources.Open(files.Path("flat"), new ImageSourceOptions { Split = "val", Labels = labels });
            return string.Join(' ', Enumerable.Range(0, 12).Select(i => $"{Path.GetFileName(source.Id(i))}={source.Classes[source.Label(i)].Id}").Order());
        }).ToList();
        using (IImageSource sorted = ImageSources.Open(files.Path("sorted")))
        {
            Assert.Equal("folders", sorted.Data!.Layout);
            answers.Add(string.Join(' ', Enumerable.Range(0, 12).Select(i => $"{Path.GetFileName(sorted.Id(i))}={sorted.Classes[sorted.Label(i)].Id}").Order()));
        }
        Assert.Single(answers.Distinct());
    }

    [Fact]
    public void Missing_labels_are_an_error_that_says_what_to_bring()
    {
        using var files = new ImageNetFiles();
        string tar = files.ValidationTar();
        Refused(tar, "put ILSVRC2012_devkit_t12.tar.gz or LOC_val_solution.csv beside them");
        Assert.Contains("ILSVRC2012_devkit_t12.tar.gz", ImageSources.Describe(tar).Problem);
        Refused(tar, "is no whole ILSVRC2012_devkit_t12.tar.gz", files.Write("other.tar.gz", [0x1F, 0x8B, 8]));
        Refused(tar, "holds no labels", files.Write("empty/x.txt", "x")[..^6]);
        // With training images there, the split alone is left out.
        foreach (string id in ImageNetFiles.Sorted) files.Write($"in/train/{id}/0.JPEG", TestImages.Png(1));
        Images(files, "in/val/");
        using (IImageSource train = ImageSources.Open(files.Path("in"))) Assert.Equal(6, train.Count);
        Refused(files.Path("in"), "have no labels");
        // Whoever needs none may have them.
        using IImageSource unlabelled = ImageSources.Open(tar, new ImageSourceOptions { Unlabelled = true });
        Assert.Equal((12, 0), (unlabelled.Count, unlabelled.Classes.Count));
    }

    [Fact]
    public void Labels_of_another_number_are_refused_and_fewer_images_are_said()
    {
        using var files = new ImageNetFiles();
        string tar = files.ValidationTar(12);
        Refused(tar, "labels 11 images and says nothing of ILSVRC2012_val_00000012.JPEG", files.Devkit(ImageNetFiles.Truth[..11], "short.tar.gz"));
        Refused(tar, "labels 10 images and says nothing of", files.Solution("x/", 10));
        Refused(tar, "line 12: \"7\" is none of the 6 classes of meta.mat (1 to 6)", files.Devkit([.. ImageNetFiles.Truth[..11], 7], "seven.tar.gz"));
        string few = files.Tar("few.tar", [(ImageNetFiles.ValidationName(5), TestImages.Png(5))]);
        using IImageSource source = ImageSources.Open(few, new ImageSourceOptions { Split = "val", Labels = files.Devkit(name: "all.tar.gz") });
        Assert.Equal(ImageNetFiles.Label(5), source.Label(0));
        Assert.Contains("1 of 12 validation images are there.", source.Notes);
    }

    [Fact]
    public void Damaged_tables_and_devkits_are_refused()
    {
        using var files = new ImageNetFiles();
        string tar = files.ValidationTar();
        string header = "ImageId,PredictionString\n";
        Refused(tar, "line 3: ILSVRC2012_val_00000001 stands twice", files.Write("twice.csv",
            header + "ILSVRC2012_val_00000001,n01440764 1 2 3 4\nILSVRC2012_val_00000001,n01440764 1 2 3 4\n"));
        Refused(tar, "expected an image, a comma and an id", files.Write("other.csv", header + "ILSVRC2012_val_00000001,cat\n"));
        byte[] devkit = File.ReadAllBytes(files.Devkit());
        File.Delete(files.Path("ILSVRC2012_devkit_t12.tar.gz"));
        for (int length = 1; length < devkit.Length - 100; length += 97) Refused(tar, "", files.Write("cut.tar.gz", devkit[..length]));
        byte[] meta = Fixture.Bytes("meta.mat");
        string numbers = string.Join('\n', ImageNetFiles.Truth);
        files.Write("kit/data/ILSVRC2012_validation_ground_truth.txt", numbers);
        for (int at = 0; at < meta.Length; at += 5)
        {
            byte[] changed = [.. meta];
            changed[at] ^= 0x55;
            files.Write("kit/data/meta.mat", changed);
            try
            {
                ImageSources.Open(tar, new ImageSourceOptions { Split = "val", Labels = files.Path("kit") }).Dispose();
            }
            catch (FoveaException e)
            {
                Assert.Equal(FailureKind.Data, e.Kind);
            }
        }
    }

    [Fact]
    public void A_class_that_the_list_does_not_have_is_refused()
    {
        using var files = new ImageNetFiles();
        string tar = files.ValidationTar(), list = files.Write("five.txt",
            string.Concat(ImageNetFiles.Sorted.Skip(1).Select(id => $"{id} name\n")));
        files.Devkit();
        Assert.Contains("n01440764, which is not in the list of 5 classes", Assert.Throws<FoveaException>(
            () => ImageSources.Open(tar, new ImageSourceOptions { Split = "val", Classes = list })).Message);
    }

    [Fact]
    public void Inner_tars_that_are_cut_short_or_lead_outside_are_refused_or_left_out()
    {
        using var files = new ImageNetFiles();
        byte[] inner = ImageNetFiles.TarOf([("a.JPEG", TestImages.Png(1)), ("b.JPEG", TestImages.Png(2))]);
        Refused(files.Tar("cut.tar", [("n01440764.tar", inner[..700])]), "cut.tar: n01440764.tar is cut short", split: null);
        Refused(files.Tar("text.tar", [("n01440764.tar", new byte[] { 1, 2, 3 })]), "is no tar", split: null);
        string hostile = files.Tar("hostile.tar",
        [
            ("n01440764.tar", ImageNetFiles.TarOf([("../../etc/x.JPEG", TestImages.Png(1)), ("ok.JPEG", TestImages.Png(2))])),
            ("n01443537.tar", inner),
        ]);
        using IImageSource source = ImageSources.Open(hostile);
        Assert.Equal(["n01440764/ok.JPEG", "n01443537/a.JPEG", "n01443537/b.JPEG"], Enumerable.Range(0, source.Count).Select(source.Id));
        Assert.Contains(source.Notes, note => note.Contains("not followed"));
    }

    [Fact]
    public void A_header_that_states_more_than_the_inner_tar_has_is_refused()
    {
        using var files = new ImageNetFiles();
        byte[] outer = ImageNetFiles.TarOf([("n01440764.tar", ImageNetFiles.TarOf([("a.JPEG", TestImages.Png(1))])), ("z.txt", new byte[4096])]);
        // The size of a.JPEG, in its header behind the outer one's: more than the inner tar, less than the outer.
        "00000007000"u8.CopyTo(outer.AsSpan(512 + 124));
        int sum = 8 * ' ';
        for (int i = 0; i < 512; i++) sum += i is >= 148 and < 156 ? 0 : outer[512 + i];
        System.Text.Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(outer.AsSpan(512 + 148));
        Refused(files.Write("big.tar", outer), "cut short", split: null);
    }

    private static void Images(ImageNetFiles files, string folder)
    {
        for (int number = 1; number <= 12; number++)
            files.Write(folder + ImageNetFiles.ValidationName(number), TestImages.Png(number, 40, 36));
    }

    private static void Refused(string source, string message, string? labels = null, string? split = "val")
    {
        var error = Assert.Throws<FoveaException>(() => ImageSources.Open(source, new ImageSourceOptions { Split = split, Labels = labels }));
        Assert.Equal(FailureKind.Data, error.Kind);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }
}
