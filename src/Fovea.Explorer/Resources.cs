namespace Fovea.Explorer;

/// <summary>What the assembly carries inside: the style sheet, and the script of the galleries.</summary>
internal static class Resources
{
    public static IReadOnlyList<string> Assets { get; } = ["site.css", "gallery.js"];

    /// <summary>The text of one of <see cref="Assets"/>.</summary>
    public static string Text(string name)
    {
        using Stream stream = typeof(Resources).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"No resource {name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
