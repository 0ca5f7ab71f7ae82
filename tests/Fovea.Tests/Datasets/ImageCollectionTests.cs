using System.Formats.Tar;
using Fovea.Datasets;
using Fovea.Imaging;
using Xunit;

namespace Fovea.Tests.Datasets;

/// <summary>Several sources of one place, which is opened once.</summary>
public sealed class ImageCollectionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-collection-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Tar => Path.Combine(_folder, "images.tar");

    [Fact]
    public void A_tar_of_both_splits_is_opened_once_and_stays_open_for_its_last_source()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "an open file cannot be deleted there");
        WriteTar();
        IImageSource train, validation;
        using (var place = new ImageCollection(Tar))
        {
            train = place.Open(new ImageSourceOptions { Split = "train" });
            // What is not there any more can be opened no second time.
            File.Delete(Tar);
            validation = place.Open(new ImageSourceOptions { Split = "val" });
        }
        Assert.Equal((6, 2), (train.Count, validation.Count));
        Assert.Equal(train.Data, validation.Data);
        Assert.Equal(20, train.Read(0).Width);
        train.Dispose();
        train.Dispose();
        Assert.Equal(20, validation.Read(1).Width);
        validation.Dispose();
        Assert.Throws<ObjectDisposedException>(() => validation.Read(0));
        Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => ImageSources.Open(Tar)).Kind);
    }

    [Fact]
    public void Sources_are_those_that_are_opened_alone()
    {
        WriteTar();
        using var place = new ImageCollection(Tar);
        foreach (string split in (string[])["train", "val"])
        {
            var options = new ImageSourceOptions { Split = split, Limit = split == "train" ? 4 : null };
            using IImageSource one = place.Open(options), alone = ImageSources.Open(Tar, options);
            Assert.Equal(alone.Fingerprint, one.Fingerprint);
            Assert.Equal(alone.Description, one.Description);
            Assert.Equal(alone.Notes, one.Notes);
        }
    }

    [Fact]
    public void A_source_that_cannot_be_had_leaves_the_others_open()
    {
        WriteTar();
        using var place = new ImageCollection(Tar);
        using IImageSource train = place.Open();
        Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => place.Open(new ImageSourceOptions { Split = "test" })).Kind);
        Assert.Throws<FoveaException>(() => place.Open(new ImageSourceOptions { ClassSubset = "no-class" }));
        Assert.Equal(20, train.Read(5).Height);
        place.Dispose();
        Assert.Throws<ObjectDisposedException>(() => place.Open());
        Assert.Equal(20, train.Read(5).Height);
    }

    private void WriteTar()
    {
        using var tar = new TarWriter(File.Create(Tar), TarEntryFormat.Ustar);
        foreach (string name in (string[])["train/a/1", "train/a/2", "train/a/3", "train/b/1", "train/b/2", "train/b/3", "val/a/1", "val/b/1"])
        {
            var pixels = new byte[20 * 20 * 3];
            pixels.AsSpan().Fill((byte)name.Length);
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name + ".png")
            {
                DataStream = new MemoryStream(ImageCodec.EncodePng(new RgbImage(20, 20, pixels))),
            });
        }
    }
}
