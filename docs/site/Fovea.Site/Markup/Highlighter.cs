using System.Text;
using System.Text.RegularExpressions;

namespace Fovea.Site.Markup;

/// <summary>
/// Colours code when the site is built: comments, strings, numbers, words of the language, names that are set. No script is needed to read it.
/// </summary>
internal static class Highlighter
{
    /// <summary>A block of code.</summary>
    /// <param name="code">The code.</param>
    /// <param name="language">As a fence names it; unknown: no colours.</param>
    /// <returns>A <c>pre</c> that can be scrolled by keys.</returns>
    public static string Block(string code, string language) => $"<pre tabindex=\"0\"><code>{Inside(code, language)}</code></pre>\n";

    /// <summary>Code with its parts in spans of the classes <c>c</c>, <c>s</c>, <c>n</c>, <c>k</c> and <c>v</c>.</summary>
    /// <param name="code">The code.</param>
    /// <param name="language">As a fence names it.</param>
    public static string Inside(string code, string language)
    {
        if (Languages.Of(language) is not { } tokens) return Html.Text(code);
        var html = new StringBuilder(code.Length * 2);
        int at = 0;
        foreach (Match token in tokens.Matches(code))
        {
            html.Append(Html.Text(code[at..token.Index]));
            // The one group that matched names the class.
            string kind = token.Groups.Values.Skip(1).First(group => group.Success).Name;
            html.Append($"<span class=\"{kind}\">{Html.Text(token.Value)}</span>");
            at = token.Index + token.Length;
        }
        return html.Append(Html.Text(code[at..])).ToString();
    }
}
