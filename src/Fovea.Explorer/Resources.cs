using System.Security.Cryptography;
using System.Text;

namespace Fovea.Explorer;

/// <summary>What the assembly carries inside: the style sheets and the scripts.</summary>
internal static class Resources
{
    /// <summary>What a report carries copies of.</summary>
    public static IReadOnlyList<string> OfReport { get; } = ["site.css", "gallery.js", "keys.js", "steering.js", "theme.js"];

    /// <summary>All that a server hands out: the names of the files in the folder <c>Assets</c>.</summary>
    public static IReadOnlyList<string> Assets { get; } =
        [.. typeof(Resources).Assembly.GetManifestResourceNames().Where(name => name.EndsWith(".css", StringComparison.Ordinal)
            || name.EndsWith(".js", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static readonly Lazy<Dictionary<string, string>> Tags = new(() => Assets.ToDictionary(
        name => name, name => Convert.ToHexStringLower(SHA256.HashData(Bytes(name)))[..16], StringComparer.Ordinal));

    /// <summary>What tells the text of one of <see cref="Assets"/> from any other it ever had.</summary>
    public static string Tag(string name) => Tags.Value[name];

    /// <summary>One of <see cref="Assets"/> as it goes to a browser.</summary>
    public static byte[] Bytes(string name) => Encoding.UTF8.GetBytes(Text(name).ReplaceLineEndings("\n"));

    /// <summary>The text of one of <see cref="Assets"/>.</summary>
    public static string Text(string name)
    {
        using Stream stream = typeof(Resources).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"No resource {name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
