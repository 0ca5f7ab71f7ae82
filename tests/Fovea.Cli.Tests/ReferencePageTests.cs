using Fovea.Cli.Terminal;
using Xunit;
using Checkout = Fovea.Tests.Shared.Checkout;

namespace Fovea.Cli.Tests;

/// <summary>The reference pages say what is so. With FOVEA_UPDATE_DOCS=1 they are rewritten instead of compared.</summary>
public sealed class ReferencePageTests
{
    private const string Marker = "<!-- Below this line";

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

    internal static void Check(string file, string made)
    {
        string path = Path.Combine(Checkout.Root, "docs", "reference", file);
        string page = File.ReadAllText(path);
        int end = page.IndexOf('\n', page.IndexOf(Marker, StringComparison.Ordinal)) + 1;
        string expected = page[..end] + made;
        if (Environment.GetEnvironmentVariable("FOVEA_UPDATE_DOCS") == "1") File.WriteAllText(path, expected);
        else Assert.True(
            expected == page,
                $"docs/reference/{file} is not what the checkout says. Run this test with FOVEA_UPDATE_DOCS=1 and look at the change.");
    }
}
