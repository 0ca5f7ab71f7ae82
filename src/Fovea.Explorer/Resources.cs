namespace Fovea.Explorer;

/// <summary>Files carried inside the assembly: the style sheet and the fonts.</summary>
internal static class Resources
{
    public static byte[] Bytes(string name)
    {
        using Stream stream = typeof(Resources).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"No resource {name}.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>
    /// The style sheet with the fonts inside it: browsers that treat every file as a site of its own (Firefox) would refuse
    /// to load a font from a file beside a page.
    /// </summary>
    public static string StyleSheet()
    {
        string css = System.Text.Encoding.UTF8.GetString(Bytes("site.css"));
        foreach (string weight in new[] { "Regular", "SemiBold" })
            css = css.Replace($"FONT-{weight}", "data:font/otf;base64," + Convert.ToBase64String(Bytes($"fonts/FoveaSans-{weight}.otf")), StringComparison.Ordinal);
        return css;
    }
}
