using System.Formats.Tar;
using System.IO.Compression;
using Fovea.IO;

namespace Fovea.Datasets;

/// <summary>Finds the labels of ImageNet's validation images: where they are named, in the source, or beside it.</summary>
internal static class GroundTruthFiles
{
    public const string Kaggle = "LOC_val_solution.csv", Mapping = "LOC_synset_mapping.txt", Devkit = "ILSVRC2012_devkit_t12.tar.gz";
    private const string Numbers = "ILSVRC2012_validation_ground_truth.txt", Meta = "meta.mat";
    private const int MostBytes = 64 << 20, LongestFile = 4 << 20, LevelsAbove = 4;

    /// <summary>What there is, or null. A devkit is preferred: it says the classes as well.</summary>
    /// <param name="tree">The source.</param>
    /// <param name="named">A file or folder that is named for it; null: it is looked for.</param>
    /// <exception cref="FoveaException">The labels named are not there, or what is found is damaged.</exception>
    public static GroundTruth? Find(IFileTree tree, string? named)
    {
        if (named is not null)
        {
            return Named(named) ?? throw FoveaException.BadData($"{named} holds no labels of ImageNet's validation images: expected "
                + $"{Devkit}, a folder with {Numbers} and {Meta}, or {Kaggle}.");
        }
        if (Inside(tree) is { } inside) return inside;
        string? folder = tree is FolderTree or TarSet ? tree.Description : Path.GetDirectoryName(Path.GetFullPath(tree.Description));
        for (int level = 0; level < LevelsAbove && folder is not null; level++, folder = Path.GetDirectoryName(folder))
        {
            foreach (string name in (string[])[Devkit, "ILSVRC2012_devkit_t12", Numbers, Kaggle])
            {
                string path = Path.Combine(folder, name);
                if ((File.Exists(path) || Directory.Exists(path)) && Named(path) is { } found) return found;
            }
        }
        return null;
    }

    /// <summary>Whether labels lie in a tree.</summary>
    public static bool IsIn(IFileTree tree) => ((string[])[Numbers, Devkit, Kaggle]).Any(name => Name(tree, name) is not null);

    /// <summary>A class list beside the images: <c>LOC_synset_mapping.txt</c>; null where there is none.</summary>
    public static ClassList? Classes(IFileTree tree) =>
        Name(tree, Mapping) is { } name ? ClassTable.Mapping(tree.Read(name), name) : null;

    private static GroundTruth? Inside(IFileTree tree)
    {
        if (Name(tree, Numbers) is { } numbers)
        {
            string meta = numbers[..^Numbers.Length] + Meta;
            if (!tree.Files.Any(file => file.Name == meta))
                throw FoveaException.BadData($"{numbers} lies in {tree.Description} without {Meta}, which says what its numbers mean.");
            return GroundTruth.OfDevkit(tree.Read(meta), tree.Read(numbers), numbers);
        }
        if (Name(tree, Devkit) is { } packed) return Packed(new MemoryStream(tree.Read(packed)), packed);
        if (Name(tree, Kaggle) is not { } table) return null;
        return GroundTruth.OfKaggle(tree.Read(table), Name(tree, Mapping) is { } mapping ? tree.Read(mapping) : null, table);
    }

    private static string? Name(IFileTree tree, string name)
    {
        foreach (TreeFile file in tree.Files)
        {
            if (file.Name == name || file.Name.EndsWith("/" + name, StringComparison.Ordinal))
                return file.Name;
        }
        return null;
    }

    private static GroundTruth? Named(string path)
    {
        try
        {
            if (Directory.Exists(path))
            {
                foreach (string folder in (string[])[path, Path.Combine(path, "data"), Path.Combine(path, "ILSVRC2012_devkit_t12", "data")])
                {
                    string numbers = Path.Combine(folder, Numbers), meta = Path.Combine(folder, Meta);
                    if (File.Exists(numbers) && File.Exists(meta))
                        return GroundTruth.OfDevkit(PlainFile.ReadAllBytes(meta), PlainFile.ReadAllBytes(numbers), path);
                }
                return null;
            }
            if (Path.GetFileName(path) == Numbers)
            {
                string meta = Path.Combine(Path.GetDirectoryName(path)!, Meta);
                return File.Exists(meta) ? GroundTruth.OfDevkit(PlainFile.ReadAllBytes(meta), PlainFile.ReadAllBytes(path), path) : null;
            }
            if (path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase))
            {
                string mapping = Path.Combine(Path.GetDirectoryName(path)!, Mapping);
                return GroundTruth.OfKaggle(PlainFile.ReadAllBytes(path), File.Exists(mapping) ? PlainFile.ReadAllBytes(mapping) : null, path);
            }
            using FileStream file = PlainFile.OpenRead(path);
            return Packed(file, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FoveaException.BadData($"Cannot read {path}: {e.Message}", e);
        }
    }

    // The devkit as it is downloaded, read through once: two of its files are wanted.
    private static GroundTruth? Packed(Stream file, string where)
    {
        byte[]? numbers = null, meta = null;
        try
        {
            bool gzip = file.ReadByte() == 0x1F;
            file.Position = 0;
            using Stream plain = gzip ? new GZipStream(file, CompressionMode.Decompress) : file;
            using var tar = new TarReader(plain);
            long seen = 0;
            while ((numbers is null || meta is null) && tar.GetNextEntry() is { } entry)
            {
                // A small file that unfolds without end is no devkit.
                if ((seen += entry.Length) > MostBytes)
                    throw FoveaException.BadData($"{where} unfolds to more than {MostBytes >> 20} MB: it is no devkit.");
                string name = entry.Name[(entry.Name.LastIndexOf('/') + 1)..];
                if (entry.DataStream is null || (name != Numbers && name != Meta)) continue;
                // The longer of the two has a fifth of a megabyte.
                if (entry.Length > LongestFile)
                    throw FoveaException.BadData($"{where} holds {name} of {entry.Length} bytes: it is no devkit.");
                using var content = new MemoryStream();
                entry.DataStream.CopyTo(content);
                if (content.Length != entry.Length) throw new EndOfStreamException($"{name} is cut short.");
                if (name == Meta) meta = content.ToArray();
                else numbers = content.ToArray();
            }
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or EndOfStreamException or IOException or ArgumentException)
        {
            throw FoveaException.BadData($"{where} is no whole {Devkit}: {e.Message} Get it again.", e);
        }
        return numbers is null || meta is null ? null : GroundTruth.OfDevkit(meta, numbers, where);
    }
}
