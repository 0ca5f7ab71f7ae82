using Fovea.Datasets;
using Fovea.Fuzz.Changes;
using Fovea.Numerics;

namespace Fovea.Fuzz.Readers;

/// <summary>Parquet files of images: footers, pages, dictionaries, the images' bytes.</summary>
internal sealed class ParquetReader : FuzzReader
{
    private const int ImagesRead = 3;

    public override string Name => "parquet";

    public override string About => "Parquet files of images, with their first images (ParquetTree)";

    public override IReadOnlyList<string> Types => ["Fovea.Datasets.Parquet", "Fovea.IO.ThriftStruct", "Fovea.Datasets.Page",
        "Fovea.IO.CompactReader", "Fovea.Datasets.ImageColumns"];

    // zstd unpacks in managed code, brotli and gzip in .NET's own library.
    public override bool Native => true;

    public override IReadOnlyList<byte[]> Seeds() => [.. Fuzz.Seeds.Ending(".parquet").Where(file => file.Length < Limits.Input)];

    public override byte[] Change(byte[] input, CounterRandom random) => ParquetChanges.Any(input, random);

    public override void Read(byte[] input)
    {
        using ParquetTree tree = ParquetTree.OfFile(File(input, "images.parquet"));
        foreach (TreeFile file in tree.Files.Take(ImagesRead)) tree.Read(file.Name);
    }
}
