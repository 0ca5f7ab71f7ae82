using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Fovea.Tests.Datasets;

/// <summary>
/// ImageNet's files in small: the tar of tars, the flat tar of validation images, the devkit, and Kaggle's tables. The classes are those of
/// meta.mat (six of them; tests/reference/image_sources.py), whose numbers follow no order of ids.
/// </summary>
internal sealed class ImageNetFiles : IDisposable
{
    /// <summary>WordNet ids by ILSVRC2012_ID, from 1 on.</summary>
    public static readonly string[] ByNumber = ["", "n02119789", "n02100735", "n01440764", "n04557648", "n01443537", "n15075141"];

    /// <summary>The same in the order of ids.</summary>
    public static readonly string[] Sorted = ["n01440764", "n01443537", "n02100735", "n02119789", "n04557648", "n15075141"];

    /// <summary>The numbers of the validation images.</summary>
    public static readonly int[] Truth = [3, 1, 6, 2, 5, 4, 1, 3, 2, 5, 6, 4];

    private readonly TestImages _images = new();

    public string Root => _images.Root;

    /// <summary>The label that validation image <paramref name="number"/> (from 1 on) must have.</summary>
    public static int Label(int number) => Array.IndexOf(Sorted, ByNumber[Truth[number - 1]]);

    public static string ValidationName(int number) => $"ILSVRC2012_val_{number:D8}.JPEG";

    public string Path(string name) => System.IO.Path.Combine(Root, name);

    /// <summary>ILSVRC2012_img_train.tar: of each class a tar, of each of these two images.</summary>
    public string TrainTar(string name = "ILSVRC2012_img_train.tar") =>
        Tar(name, ByNumber[1..].Select((id, c) => (id + ".tar", TarOf([.. Enumerable.Range(0, 2).Select(i =>
            ($"{id}_{10 * c + i}.JPEG", TestImages.Png(100 + 10 * c + i, 40, 36)))]))));

    /// <summary>ILSVRC2012_img_val.tar: flat.</summary>
    public string ValidationTar(int images = 12) => Tar("ILSVRC2012_img_val.tar", Enumerable.Range(1, images)
        .Select(number => (ValidationName(number), TestImages.Png(number, 40, 36))));

    /// <summary>ILSVRC2012_devkit_t12.tar.gz.</summary>
    public string Devkit(IReadOnlyList<int>? truth = null, string name = "ILSVRC2012_devkit_t12.tar.gz")
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(TarOf(
            [
                ("ILSVRC2012_devkit_t12/readme.txt", Encoding.ASCII.GetBytes("read me")),
                ("ILSVRC2012_devkit_t12/data/meta.mat", Fixture.Bytes("meta.mat")),
                ("ILSVRC2012_devkit_t12/data/ILSVRC2012_validation_ground_truth.txt",
                    Encoding.ASCII.GetBytes(string.Concat((truth ?? Truth).Select(number => number + "\n")))),
            ]));
        }
        return _images.Write(name, packed.ToArray());
    }

    /// <summary>Kaggle's LOC_val_solution.csv, in an order of its own, as Kaggle's is.</summary>
    public string Solution(string folder = "", int images = 12) => _images.Write(folder + "LOC_val_solution.csv", "ImageId,PredictionString\n"
        + string.Concat(Enumerable.Range(1, images).OrderBy(number => number * 7 % 13)
            .Select(number => $"ILSVRC2012_val_{number:D8},{ByNumber[Truth[number - 1]]} 85 1 499 272 {ByNumber[Truth[number - 1]]} 1 2 3 4 \n")));

    /// <summary>Kaggle's LOC_synset_mapping.txt.</summary>
    public string Mapping(string folder = "") => _images.Write(folder + "LOC_synset_mapping.txt",
        string.Concat(Sorted.Select(id => $"{id} first {id}, second name\n")));

    public string Write(string name, byte[] content) => _images.Write(name, content);

    public string Write(string name, string content) => _images.Write(name, content);

    public string Tar(string name, IEnumerable<(string Name, byte[] Content)> files) => _images.Write(name, TarOf([.. files]));

    public static byte[] TarOf(IReadOnlyList<(string Name, byte[] Content)> files)
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in files)
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
        }
        return bytes.ToArray();
    }

    public void Dispose() => _images.Dispose();
}
