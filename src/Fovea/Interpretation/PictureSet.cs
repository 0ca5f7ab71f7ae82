using System.Security.Cryptography;
using System.Text;
using Fovea.IO;

namespace Fovea.Interpretation;

/// <summary>
/// Puts pictures and the document that names them into a folder, whole: pictures go into a folder of their own, named after what they show
/// (<c>maps-1a2b3c4d/</c>), then the document takes the place of the one before, and at last the pictures of earlier calls go. At every
/// moment the document and the pictures it names belong together; an interrupted call leaves the earlier ones as they were.
/// </summary>
internal static class PictureSet
{
    private const int Digits = 8;

    /// <summary>Draws and publishes.</summary>
    /// <param name="folder">Where; other files in it stay.</param>
    /// <param name="kind">What the folder of pictures is called before its digits: <c>maps</c>.</param>
    /// <param name="draw">Writes the pictures into the folder it is given.</param>
    /// <param name="publish">Writes the document, given the name of the folder of pictures.</param>
    /// <exception cref="FoveaException">The folder cannot be written.</exception>
    public static void Write(string folder, string kind, Action<string> draw, Action<string> publish)
    {
        string partial = Path.Combine(folder, kind + ".partial");
        try
        {
            Remove(partial);
            Directory.CreateDirectory(partial);
            draw(partial);
            string name = $"{kind}-{Fingerprint(partial)}", pictures = Path.Combine(folder, name);
            // Of the same name, it holds the same pictures.
            if (Directory.Exists(pictures)) Remove(partial);
            else Directory.Move(partial, pictures);
            publish(name);
            foreach (string other in Directory.GetDirectories(folder, kind + "-*")
                .Where(other => Path.GetFileName(other) != name && IsOurs(other, kind))) Remove(other);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiskFailure.Of($"Cannot write {folder}", e);
        }
        finally
        {
            // What was begun takes the room that the next attempt needs.
            TryRemove(partial);
        }
    }

    /// <summary>Hexadecimal digits that follow from the names and the bytes of all files.</summary>
    private static string Fingerprint(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetRelativePath(folder, path).Replace('\\', '/')));
            hash.AppendData(SHA256.HashData(PlainFile.ReadAllBytes(path)));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..Digits];
    }

    private static bool IsOurs(string folder, string kind) =>
        Path.GetFileName(folder)[(kind.Length + 1)..] is { Length: Digits } rest && rest.All(char.IsAsciiHexDigitLower);

    private static void TryRemove(string folder)
    {
        try
        {
            Remove(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next call does it.
        }
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }
}
