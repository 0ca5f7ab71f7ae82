using System.Diagnostics;
using Xunit;
using Checkout = Fovea.Tests.Shared.Checkout;

namespace Fovea.Cli.Tests;

/// <summary>The completion for bash that docs/guide/install.md gives, followed as it stands.</summary>
public sealed class CompletionTests
{
    [Theory]
    [InlineData("fovea sho", "shortcut")]
    [InlineData("fovea model in", "inspect")]
    [InlineData("fovea run --unt", "--until")]
    [InlineData("fovea run recipe.toml --dry", "--dry-run")]
    public async Task A_word_that_was_begun_is_ended(string line, string word) => Assert.Equal([word], await Asked(line));

    [Fact]
    public async Task Where_nothing_was_begun_all_commands_are_offered()
    {
        string[] offered = await Asked("fovea ");
        Assert.Subset(new HashSet<string>(offered), new HashSet<string> { "run", "demo", "model", "explore", "report" });
        Assert.DoesNotContain("/?", offered);
    }

    private static async Task<string[]> Asked(string line)
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("bash is asked on Linux alone");
        string page = await File.ReadAllTextAsync(Path.Combine(Checkout.Root, "docs", "guide", "install.md"), TestContext.Current.CancellationToken);
        int start = page.IndexOf("```bash\n# ~/.bashrc", StringComparison.Ordinal) + "```bash\n".Length;
        string block = page[start..page.IndexOf("```", start, StringComparison.Ordinal)];
        string program = Path.Combine(AppContext.BaseDirectory, "fovea.dll");
        string script = $$"""
            fovea() { dotnet "{{program}}" "$@"; }
            {{block}}
            COMP_LINE="$1"; COMP_POINT=${#1}; read -ra COMP_WORDS <<<"$1"; [[ "$1" == *" " ]] && COMP_WORDS+=("")
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _fovea && printf '%s\n' "${COMPREPLY[@]}"
            """;
        using Process bash = Process.Start(new ProcessStartInfo("bash", ["-c", script, "bash", line]) { RedirectStandardOutput = true })!;
        string said = await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await bash.WaitForExitAsync(TestContext.Current.CancellationToken);
        return said.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
