using System.Text.RegularExpressions;
using Fovea.Tests.Shared;

namespace Fovea.Cli.Tests;

/// <summary>The fenced blocks of a tutorial: what a reader types, or puts into a file.</summary>
internal static partial class TutorialBlocks
{
    /// <summary>In order.</summary>
    /// <param name="page">The page's name in <c>docs/tutorial</c>.</param>
    /// <returns>The language, the word after it (a file's name, or what the block needs), and the text.</returns>
    public static IReadOnlyList<(string Kind, string Name, string Text)> Of(string page) =>
        [.. Block().Matches(File.ReadAllText(Path.Combine(Checkout.Root, "docs", "tutorial", page)))
            .Select(block => (block.Groups["kind"].Value, block.Groups["name"].Value, block.Groups["text"].Value))];

    [GeneratedRegex(@"^```(?<kind>[a-z]+) ?(?<name>\S*)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
