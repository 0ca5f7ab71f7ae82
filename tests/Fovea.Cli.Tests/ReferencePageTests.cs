using System.Text.RegularExpressions;
using Fovea.Cli.Terminal;
using Xunit;
using Checkout = Fovea.Tests.Shared.Checkout;

namespace Fovea.Cli.Tests;

/// <summary>The reference pages say what is so. With FOVEA_UPDATE_DOCS=1 they are rewritten instead of compared.</summary>
public sealed partial class ReferencePageTests
{
    private const string Marker = "<!-- Below this line", EndMarker = "\n<!-- Above this line";

    [Fact]
    public void Commands_page()
    {
        using var interruption = Interruption.Manual();
        var console = new CommandConsole(TextWriter.Null, TextWriter.Null, false, false);
        Check("commands.md",
            ReferencePages.Commands(
                new FoveaApplication(new AppEnvironment(console, new FakeWorkflow(), interruption, "", TimeProvider.System)).Root));
    }

    [Fact]
    public void Recipes_page() => Check("recipes.md", ReferencePages.Recipes());

    [Fact]
    public void The_table_of_exit_codes_is_that_of_the_help()
    {
        string page = File.ReadAllText(Path.Combine(Checkout.Root, "docs", "reference", "commands.md"));
        // The page's code marks, link and cells apart, the words are the same.
        string[] rows = [.. page.Split("| exit code |")[1].Split('\n').Skip(2).TakeWhile(line => line.StartsWith('|'))
            .Select(line => Link().Replace(line, "$1").Replace("`", "", StringComparison.Ordinal))];
        string[] expected = [.. ExitCode.All.Select(code => Blank().Replace($"| {code.Code} | {code.Kind} | {code.Meaning} | {code.Advice} |", " "))];
        Assert.Equal(expected, rows.Select(row => Blank().Replace(row, " ")));
        Assert.All(ExitCode.All, code => Assert.Contains(code.Advice, ExitCode.Help, StringComparison.Ordinal));
    }

    internal static void Check(string file, string made)
    {
        string path = Path.Combine(Checkout.Root, "docs", "reference", file);
        string page = File.ReadAllText(path);
        int end = page.IndexOf('\n', page.IndexOf(Marker, StringComparison.Ordinal)) + 1;
        int rest = page.IndexOf(EndMarker, end, StringComparison.Ordinal);
        string expected = page[..end] + made + (rest < 0 ? "" : page[rest..]);
        if (Environment.GetEnvironmentVariable("FOVEA_UPDATE_DOCS") == "1") File.WriteAllText(path, expected);
        else Assert.True(
            expected == page,
                $"docs/reference/{file} is not what the checkout says. Run this test with FOVEA_UPDATE_DOCS=1 and look at the change.");
    }

    [GeneratedRegex(@"\[([^\]]+)\]\([^)]+\)")]
    private static partial Regex Link();

    [GeneratedRegex(" +")]
    private static partial Regex Blank();
}
