namespace Fovea.Explorer;

/// <summary>What the assembly carries inside: the style sheet and the scripts.</summary>
internal static class Resources
{
    /// <summary>What a report carries copies of.</summary>
    public static IReadOnlyList<string> OfReport { get; } = ["site.css", "gallery.js", "keys.js", "steering.js", "theme.js"];

    /// <summary>All that a server hands out: the names of the files in the folder <c>Assets</c>.</summary>
    public static IReadOnlyList<string> Assets { get; } =
        [.. typeof(Resources).Assembly.GetManifestResourceNames().Where(name => name.EndsWith(".css", StringComparison.Ordinal)
            || name.EndsWith(".js", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <summary>The text of one of <see cref="Assets"/>.</summary>
    public static string Text(string name)
    {
        using Stream stream = typeof(Resources).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"No resource {name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
