using System.Formats.Tar;
using System.Globalization;
using System.Text;
using Fovea.Imaging;
using Fovea.Numerics;
using Parquet.Serialization;

namespace Fovea.Cli.Tests;

/// <summary>Small images in each of the forms that people have them in.</summary>
internal static class ImageKinds
{
    /// <summary>Classes of ImageNet; image i is of class i mod 3.</summary>
    public static readonly string[] Ids = ["n01440764", "n01443537", "n02100735"];

    /// <summary>ImageNet's tar of tars and Kaggle's table beside a flat folder of validation images: 30 to train on, 12 others.</summary>
    public static void ImageNet(string folder)
    {
        Tar(Path.Combine(folder, "ILSVRC2012_img_train.tar"), Classes());
        foreach ((string name, byte[] content) in Validation())
            Write(Path.Combine(folder, "val", name), content);
        Write(Path.Combine(folder, "LOC_val_solution.csv"), Encoding.UTF8.GetBytes(Solution()));
    }

    /// <summary>Both tars as they are downloaded, and the table beside them.</summary>
    public static void ImageNetTars(string folder)
    {
        Tar(Path.Combine(folder, "ILSVRC2012_img_train.tar"), Classes());
        Tar(Path.Combine(folder, "ILSVRC2012_img_val.tar"), Validation());
        Write(Path.Combine(folder, "LOC_val_solution.csv"), Encoding.UTF8.GetBytes(Solution()));
    }

    /// <summary>One tar that holds the training images in folders of their classes, the validation images and the table.</summary>
    public static void OneTar(string path) => Tar(path,
        Enumerable.Range(0, 30).Select(i => ($"train/{Ids[i % 3]}/{Ids[i % 3]}_{i}.JPEG", Picture(i)))
            .Concat(Validation().Select(one => ("val/" + one.Item1, one.Item2))).Append(("LOC_val_solution.csv", Encoding.UTF8.GetBytes(Solution()))));

    /// <summary>A table of Hugging Face.</summary>
    public static void Parquet(string path, int first, int count)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using FileStream file = File.Create(path);
        ParquetSerializer.SerializeAsync(
            [.. Enumerable.Range(first, count).Select(i => new TableRow
            {
                image = new TableImage { bytes = Picture(i), path = $"{i}.png" },
                label = i % 3,
            })], file).GetAwaiter().GetResult();
    }

    /// <summary>A sample of a WebDataset: an image and what goes with it.</summary>
    public static (string, byte[])[] Sample(int i, string ending, string text) =>
        [($"{i:D6}{ending}", Encoding.UTF8.GetBytes(text)), ($"{i:D6}.png", Picture(i))];

    /// <summary>Image i as a PNG.</summary>
    public static byte[] Picture(int i)
    {
        var random = new CounterRandom(5, "kinds", i);
        var pixels = new byte[40 * 36 * 3];
        for (int p = 0; p < pixels.Length; p++) pixels[p] = (byte)Math.Clamp(110 + 30 * random.NextGaussian() + (p % 3 == i % 3 ? 70 : 0), 0, 255);
        return ImageCodec.EncodePng(new RgbImage(40, 36, pixels));
    }

    /// <summary>A tar of files.</summary>
    public static void Tar(string path, IEnumerable<(string Name, byte[] Content)> files) => Write(path, TarOf(files));

    private static IEnumerable<(string, byte[])> Classes() => Ids.Select((id, c) => (id + ".tar", TarOf(
        Enumerable.Range(0, 30).Where(i => i % 3 == c).Select(i => ($"{id}_{i}.JPEG", Picture(i))))));

    private static IEnumerable<(string, byte[])> Validation() =>
        Enumerable.Range(30, 12).Select(i => ($"ILSVRC2012_val_{i - 29:D8}.JPEG", Picture(i)));

    private static string Solution() => "ImageId,PredictionString\n" + string.Concat(Enumerable.Range(30, 12)
        .Select(i => string.Create(CultureInfo.InvariantCulture, $"ILSVRC2012_val_{i - 29:D8},{Ids[i % 3]} 1 2 3 4 \n")));

    private static void Write(string path, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
    }

    private static byte[] TarOf(IEnumerable<(string Name, byte[] Content)> files)
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in files)
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
        }
        return bytes.ToArray();
    }

#pragma warning disable IDE1006 // The columns of Hugging Face's tables.
    private sealed class TableRow
    {
        public TableImage? image { get; set; }

        public long label { get; set; }
    }

    private sealed class TableImage
    {
        public byte[]? bytes { get; set; }

        public string? path { get; set; }
    }
#pragma warning restore IDE1006
}
