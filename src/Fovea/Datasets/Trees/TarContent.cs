using Fovea.IO;
using Microsoft.Win32.SafeHandles;

namespace Fovea.Datasets;

/// <summary>
/// Lists tars with the tars that lie in them (ImageNet's training images are a tar of tars): <c>x.tar</c> becomes the folder <c>x</c>.
/// Nothing is unpacked: offsets are into the outer file.
/// </summary>
internal static class TarContent
{
    private const string Ending = ".tar";

    /// <summary>Opens a file to be read at any place.</summary>
    /// <exception cref="FoveaException">It is missing or may not be read.</exception>
    public static SafeFileHandle Open(string path)
    {
        LfsPointer.Refuse(path);
        try
        {
            return PlainFile.OpenHandle(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FoveaException.BadData($"Cannot open {path}: {e.Message}", e);
        }
    }

    /// <summary>Whether a file of this name is looked into.</summary>
    public static bool IsTar(string name) => name.EndsWith(Ending, StringComparison.OrdinalIgnoreCase) && name.Length > Ending.Length;

    /// <summary>The folder that a tar of this name becomes.</summary>
    public static string FolderOf(string name) => name[..^Ending.Length];

    /// <summary>The entries of a tar, those of tars in it in their place where it holds no images beside them.</summary>
    /// <param name="file">The tar.</param>
    /// <param name="path">Its name, for messages.</param>
    /// <param name="prefix">What stands before every name; empty, or ending in a slash.</param>
    /// <param name="archive">The number of the tar among several.</param>
    /// <exception cref="FoveaException">It, or one in it, is compressed, no tar, damaged or cut short.</exception>
    public static IEnumerable<TarEntry> Entries(SafeFileHandle file, string path, string prefix = "", int archive = 0)
    {
        IReadOnlyList<TarEntry> outer = TarIndex.Read(file, path).Entries;
        bool looksInside = outer.Any(entry => entry.Kind == TarKind.File && IsTar(entry.Name))
            && !outer.Any(entry => ImageFiles.IsImage(entry.Name));
        foreach (TarEntry entry in outer)
        {
            if (!looksInside || entry.Kind != TarKind.File || !IsTar(entry.Name))
            {
                yield return Placed(entry, prefix, archive);
                continue;
            }
            string inner = prefix + FolderOf(entry.Name) + "/";
            yield return new TarEntry(inner, entry.Offset, 0, TarKind.Folder, null, archive);
            foreach (TarEntry one in TarIndex.Read(file, $"{path}: {entry.Name}", entry.Offset, entry.Offset + entry.Size).Entries)
                yield return Placed(one, inner, archive);
        }
    }

    // A hard link names a file from the root of its own tar.
    private static TarEntry Placed(TarEntry entry, string prefix, int archive) => prefix.Length == 0 && archive == 0 ? entry : entry with
    {
        Name = prefix + entry.Name,
        Archive = archive,
        Link = entry.Kind == TarKind.HardLink ? prefix + entry.Link : entry.Link,
    };

    /// <summary>The bytes of an entry.</summary>
    /// <exception cref="FoveaException">It is too large for memory, or the file has become shorter.</exception>
    public static byte[] Read(SafeFileHandle file, TarEntry entry, string name, string path)
    {
        if (entry.Size > Array.MaxLength) throw FoveaException.BadData($"{name} in {path} is too large to read: {entry.Size} bytes.");
        var content = GC.AllocateUninitializedArray<byte>((int)entry.Size);
        try
        {
            TarIndex.ReadExactly(file, content, entry.Offset);
        }
        catch (IOException e)
        {
            throw FoveaException.BadData($"Cannot read {name} from {path}: {e.Message}", e);
        }
        return content;
    }
}
