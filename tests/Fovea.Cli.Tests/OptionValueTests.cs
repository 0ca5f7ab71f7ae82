using System.CommandLine;
using Fovea.Cli.Terminal;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>An option whose value was left out does not take the next option for it.</summary>
public sealed class OptionValueTests : IDisposable
{
    private readonly CommandLineFixture _cli = new();

    public void Dispose() => _cli.Dispose();

    /// <summary>Every option of every command that takes a word, by walking the commands: a new one is held to the same.</summary>
    public static TheoryData<string> WordOptions
    {
        get
        {
            using var output = new StringWriter();
            var console = new CommandConsole(output, output, errorIsTerminal: false, colour: false);
            using var interruption = Interruption.Manual();
            var root = new FoveaApplication(
                new AppEnvironment(console, new FakeWorkflow(), interruption, "fovea", TimeProvider.System)).Root;
            return [.. Walk(root, "")];

            static IEnumerable<string> Walk(Command command, string path) =>
                command.Options.Where(option => option.ValueType == typeof(string) || option.ValueType == typeof(string[]))
                    .Where(option => option.Arity.MinimumNumberOfValues > 0)
                    .Select(option => $"{path}{option.Name}")
                        .Concat(command.Subcommands.SelectMany(inner => Walk(inner, $"{path}{inner.Name} ")));
        }
    }

    /// <summary>Nothing is computed for a place that cannot be written.</summary>
    [Theory]
    [InlineData("intervene", "--csv", "is empty")]
    [InlineData("layers", "--csv", "is empty")]
    [InlineData("shortcut", "--out", "is empty")]
    [InlineData("intervene", "--csv", "is a folder", "FOLDER")]
    [InlineData("shortcut", "--out", "is a file", "FILE")]
    public void A_place_that_is_none_is_refused_first(string command, string option, string expected, string place = "")
    {
        string value = place switch { "FOLDER" => _cli.Path_("."), "FILE" => _cli.Write("a.txt", "x"), _ => "" };
        Assert.Equal(2, command == "layers" ? _cli.Run(command, "run", option, value) : _cli.Run(command, "--run", "run", option, value));
        Assert.Contains(option, _cli.Error, StringComparison.Ordinal);
        Assert.Contains(expected, _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void There_are_such_options() => Assert.True(WordOptions.Count >= 40);

    [Theory]
    [MemberData(nameof(WordOptions))]
    public void An_option_is_no_value(string line)
    {
        string[] words = line.Split(' ');
        // Of the others one in turn, by the option's length.
        foreach (string next in (string[])["--json", new[] { "-q", "--verbose", "--jsno" }[line.Length % 3]])
        {
            Assert.Equal(1, _cli.Run([.. words, next]));
            Assert.StartsWith($"error: {words[^1]} needs a value, and '{next}' ", _cli.Error, StringComparison.Ordinal);
            if (next == "--json") Assert.Equal("usage", (string)_cli.Json["error"]!["kind"]!);
        }
        Assert.Empty(_cli.Workflow.Requests);
        Assert.Empty(Directory.GetFileSystemEntries(_cli.Folder));
    }

    [Fact]
    public void A_value_may_begin_with_a_dash_where_it_is_no_option()
    {
        string recipe = _cli.Write("small.toml", Samples.Small);
        Assert.Equal(0, _cli.Run("run", recipe, "--set", "description=-q", "--dry-run", "--out", _cli.Path_("-odd")));
        Assert.Equal(1, _cli.Run("run", recipe, "--out", "--json", "--dry-run"));
        Assert.Contains("A file or a folder of that name is written ./--json.", _cli.Error, StringComparison.Ordinal);
    }
}
