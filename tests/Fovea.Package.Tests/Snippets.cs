using System.Text;

namespace Fovea.Package.Tests;

/// <summary>A piece of C# of the documentation.</summary>
/// <param name="Page">The page, from the checkout's root.</param>
/// <param name="Line">The line of its fence.</param>
/// <param name="Kind">What the fence says after <c>csharp</c>: nothing for a whole program; <c>file</c> for types that programs further
/// down the page use.</param>
/// <param name="Code">The text between the fences.</param>
internal sealed record Snippet(string Page, int Line, string Kind, string Code);

/// <summary>Finds the C# of the documentation.</summary>
internal static class Snippets
{
    /// <summary>
    /// Every fenced piece of C#, page by page, in order; but for a program that has a file's name, brings packages of its own, and is run by its page's test.
    /// </summary>
    public static IReadOnlyList<Snippet> All(string checkout) =>
    [
        .. Directory.EnumerateFiles(Path.Combine(checkout, "docs"), "*.md", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(checkout, "*.md"))
                .Concat(Directory.EnumerateFiles(Path.Combine(checkout, "src"), "README.md", SearchOption.AllDirectories))
            .Order(StringComparer.Ordinal)
            .SelectMany(path => In(Path.GetRelativePath(checkout, path), File.ReadAllLines(path))),
    ];

    private static IEnumerable<Snippet> In(string page, string[] lines)
    {
        string? fence = null;
        var code = new StringBuilder();
        int from = 0;
        for (int i = 0; i < lines.Length; i++)
        {
            bool isFence = lines[i].StartsWith("```", StringComparison.Ordinal);
            if (!isFence)
            {
                if (fence is not null) code.AppendLine(lines[i]);
                continue;
            }
            if (fence is null)
            {
                (fence, from) = (lines[i][3..].Trim(), i + 1);
                code.Clear();
                continue;
            }
            string[] words = fence.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            bool ownFile = words.Length > 1 && words[1].EndsWith(".cs", StringComparison.Ordinal);
            if (words is ["csharp" or "cs" or "c#", ..] && !ownFile)
                yield return new Snippet(page, from, words.Length > 1 ? words[1] : "", code.ToString());
            fence = null;
        }
    }
}
