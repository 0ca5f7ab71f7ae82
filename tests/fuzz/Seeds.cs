using System.Reflection;

namespace Fovea.Fuzz;

/// <summary>Files that the checkout has and that are built into this program.</summary>
internal static class Seeds
{
    /// <summary>The bytes of one.</summary>
    public static byte[] Of(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The program lacks {name}.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>All whose names end so.</summary>
    public static IReadOnlyList<byte[]> Ending(string ending) => [.. Assembly.GetExecutingAssembly().GetManifestResourceNames()
        .Where(name => name.EndsWith(ending, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(Of)];

    /// <summary>What a writer of the product leaves in a file.</summary>
    /// <param name="name">The file's name.</param>
    /// <param name="write">Writes it to the path.</param>
    public static byte[] Written(string name, Action<string> write)
    {
        string folder = Directory.CreateTempSubdirectory("fovea-fuzz-seed-").FullName;
        try
        {
            string path = Path.Combine(folder, name);
            write(path);
            return File.ReadAllBytes(path);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
