using System.Security.Cryptography;
using System.Text;

namespace Fovea.Interpretation.Attribution;

/// <summary>
/// Puts maps and what was measured into a folder, whole: pictures go into a folder of their own, named after what they show
/// (<c>maps-1a2b3c4d/</c>), then <c>cams.json</c>, which names them, takes the place of the one before, and at last the pictures of earlier
/// calls go. At every moment <c>cams.json</c> and the pictures it names belong together; an interrupted call leaves the earlier ones as
/// they were.
/// </summary>
public static class CamFolder
{
    /// <summary>The document's name.</summary>
    public const string DocumentName = CamsDocument.FileName;

    private const string Prefix = "maps-", Unfinished = "maps.partial";

    private const int Digits = 8;

    /// <summary>Draws and publishes.</summary>
    /// <param name="folder">Where; other files in it stay.</param>
    /// <param name="report">What was measured.</param>
    /// <param name="draw">Writes the pictures into the folder it is given (<see cref="CamPictures.Write"/>).</param>
    /// <returns>The examples and the sheet (null without examples), relative to <paramref name="folder"/>.</returns>
    /// <exception cref="FoveaException">The folder cannot be written.</exception>
    public static (IReadOnlyList<CamExample> Examples, string? Sheet) Write(
        string folder, CamReport report, Func<string, IReadOnlyList<CamExample>> draw)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(draw);
        string partial = Path.Combine(folder, Unfinished);
        try
        {
            Remove(partial);
            Directory.CreateDirectory(partial);
            IReadOnlyList<CamExample> drawn = draw(partial);
            string name = Prefix + Fingerprint(partial), pictures = Path.Combine(folder, name);
            // Of the same name, it holds the same pictures.
            if (Directory.Exists(pictures)) Remove(partial);
            else Directory.Move(partial, pictures);
            CamExample[] examples =
            [
                .. drawn.Select(example => example with
                {
                    Input = example.Input with { File = $"{name}/{example.Input.File}" },
                    Overlays = example.Overlays.ToDictionary(
                        pair => pair.Key, pair => pair.Value with { File = $"{name}/{pair.Value.File}" }),
                }),
            ];
            string? sheet = examples.Length > 0 ? $"{name}/{CamPictures.SheetName}" : null;
            DocumentFile.Write(Path.Combine(folder, DocumentName), new CamsDocument(report, examples, sheet));
            foreach (string other in Directory.GetDirectories(folder, Prefix + "*")
                .Where(other => Path.GetFileName(other) != name && IsOurs(other))) Remove(other);
            return (examples, sheet);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FoveaException.OutOfResource($"Cannot write {folder}: {e.Message} Free some disk space or choose another --out.", e);
        }
    }

    /// <summary>Hexadecimal digits that follow from the names and the bytes of all files.</summary>
    private static string Fingerprint(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetRelativePath(folder, path).Replace('\\', '/')));
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(path)));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..Digits];
    }

    private static bool IsOurs(string folder) =>
        Path.GetFileName(folder)[Prefix.Length..] is { Length: Digits } rest && rest.All(char.IsAsciiHexDigitLower);

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }
}
