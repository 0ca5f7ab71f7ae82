using Fovea.Imaging;

namespace Fovea.Datasets;

/// <summary>What a look into the images themselves found.</summary>
/// <param name="Checked">Images looked at, evenly spaced over all.</param>
/// <param name="Decoded">Whether they were decoded; else only their headers were read.</param>
/// <param name="Formats">Images by what they are, whatever their ending says.</param>
/// <param name="Smallest">Width and height of the image with the fewest pixels; null where none could be read.</param>
/// <param name="Largest">Width and height of the image with the most pixels.</param>
/// <param name="Damaged">Images that cannot be read, and why.</param>
public sealed record DataInspection(
    int Checked, bool Decoded, IReadOnlyDictionary<string, int> Formats, IReadOnlyList<int>? Smallest, IReadOnlyList<int>? Largest,
    IReadOnlyList<DamagedImage> Damaged)
{
    /// <summary>Looks at images of a folder or a tar.</summary>
    /// <param name="path">The folder or tar.</param>
    /// <param name="most">At most so many images; 0 for all.</param>
    /// <param name="decode">Whether to decode them whole, which finds files that are cut short.</param>
    /// <param name="progress">Told the number of images looked at and of all to be looked at.</param>
    /// <param name="cancellation">Ends the look.</param>
    /// <exception cref="FoveaException">There is no folder or whole tar.</exception>
    public static DataInspection Of(
        string path, int most, bool decode = false, IProgress<(int Done, int Total)>? progress = null,
            CancellationToken cancellation = default)
    {
        using IFileTree tree = ImageSources.OpenTree(path);
        TreeFile[] images = [.. tree.Files.Where(file => tree.IsImage(file.Name))];
        int count = most > 0 ? Math.Min(most, images.Length) : images.Length;
        var formats = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var damaged = new List<DamagedImage>();
        ImageHeader? smallest = null, largest = null;
        for (int i = 0; i < count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            string name = images[(int)((long)i * images.Length / count)].Name;
            try
            {
                byte[] file = tree.Read(name);
                ImageHeader header = ImageCodec.ReadHeader(file, name);
                if (decode) ImageCodec.Decode(file, name);
                formats[header.Format] = formats.GetValueOrDefault(header.Format) + 1;
                if (smallest is null || header.Pixels < smallest.Pixels) smallest = header;
                if (largest is null || header.Pixels > largest.Pixels) largest = header;
            }
            catch (DamagedImageException e)
            {
                damaged.Add(new DamagedImage(name, e.Why));
            }
            progress?.Report((i + 1, count));
        }
        return new DataInspection(count, decode, formats, Size(smallest), Size(largest), damaged);
    }

    private static int[]? Size(ImageHeader? header) => header is null ? null : [header.Width, header.Height];
}
