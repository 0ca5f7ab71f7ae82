using System.Net;
using System.Text.RegularExpressions;
using Xunit;

namespace Fovea.Explorer.Tests.Server;

/// <summary>Reads a page as a browser's parser would, as far as our pages go, and complains where it would have to guess.</summary>
internal static partial class Html
{
    private static readonly HashSet<string> Void = ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"];

    /// <summary>Every element is closed where it was opened, ids are given once, pictures have words, nothing runs from inside the page.</summary>
    public static void Check(string page, string html)
    {
        Assert.StartsWith("<!DOCTYPE html>", html.TrimStart(), StringComparison.Ordinal);
        var open = new Stack<string>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (Match tag in Tag().Matches(Comment().Replace(html, "")))
        {
            string name = tag.Groups[2].Value.ToLowerInvariant(), attributes = tag.Groups[3].Value;
            if (tag.Groups[1].Length > 0)
            {
                Assert.True(open.Count > 0 && open.Peek() == name, $"{page}: </{name}> closes <{(open.Count > 0 ? open.Peek() : "nothing")}>");
                open.Pop();
                continue;
            }
            foreach (Match attribute in Attribute().Matches(attributes))
            {
                string key = attribute.Groups[1].Value;
                Assert.False(key.StartsWith("on", StringComparison.OrdinalIgnoreCase), $"{page}: {tag.Value}");
                if (key == "id") Assert.True(ids.Add(attribute.Groups[2].Value), $"{page}: twice id {attribute.Groups[2].Value}");
            }
            if (name == "img") Assert.Contains(" alt=", attributes);
            if (name == "script") Assert.Contains(" src=", attributes);
            Assert.NotEqual("style", name);
            if (!Void.Contains(name) && !attributes.TrimEnd().EndsWith('/')) open.Push(name);
        }
        Assert.True(open.Count == 0, $"{page}: <{string.Join("> <", open)}> stay open");
        Assert.Matches("<h1[ >]", html);
    }

    /// <summary>Addresses of this server that a page names.</summary>
    public static IEnumerable<string> Links(string html) => Reference().Matches(html).Select(match => WebUtility.HtmlDecode(match.Groups[1].Value))
        .Where(link => link.StartsWith('/')).Select(link => link.Split('#')[0]).Distinct();

    [GeneratedRegex("<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:[^>\"]|\"[^\"]*\")*)>")]
    private static partial Regex Tag();

    [GeneratedRegex("<!--.*?-->", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex("\\s([a-zA-Z-]+)(?:=\"([^\"]*)\")?")]
    private static partial Regex Attribute();

    [GeneratedRegex("(?:href|src|action)=\"([^\"]*)\"")]
    private static partial Regex Reference();
}
