namespace Fovea.Explorer;

/// <summary>What the assembly carries inside: the style sheet.</summary>
internal static class Resources
{
    public static string StyleSheet()
    {
        const string Name = "site.css";
        using Stream stream = typeof(Resources).Assembly.GetManifestResourceStream(Name) ?? throw new InvalidOperationException($"No resource {Name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
