using System.Text.RegularExpressions;

namespace Fovea.Site.Markup;

/// <summary>Text as HTML that is XML too, so that a parser in the box can read every page again.</summary>
internal static partial class Html
{
    /// <summary>Text, for between tags and for attributes.</summary>
    /// <param name="text">Any text.</param>
    public static string Text(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal).Replace("\"", "&quot;", StringComparison.Ordinal);

    /// <summary>A long name in code that may be broken behind dots and before capitals.</summary>
    /// <param name="name">The name.</param>
    public static string Breakable(string name) => Hump().Replace(Text(name), "$0<wbr />");

    [GeneratedRegex(@"\.(?=\w)|(?<=[a-z])(?=[A-Z])")]
    private static partial Regex Hump();
}
