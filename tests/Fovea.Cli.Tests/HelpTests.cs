using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>The first words that somebody tries.</summary>
public sealed class HelpTests : IDisposable
{
    private readonly CommandLineFixture _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("130, 143")]
    [InlineData("130, 143", "help")]
    [InlineData("130, 143", "--help")]
    [InlineData("fovea run recipes/", "help", "run")]
    [InlineData("fovea sae train --run", "help", "sae", "train")]
    [InlineData("Sparse autoencoders of a run.", "help", "sae")]
    [InlineData("Sparse autoencoders of a run.", "sae")]
    [InlineData("inspect", "weights")]
    [InlineData("eval", "model")]
    [InlineData("fovea help sae train", "help", "help")]
    [InlineData("fovea ", "version")]
    public void Help_is_a_result(string expected, params string[] arguments)
    {
        Assert.Equal(0, _cli.Run(arguments));
        Assert.Contains(expected, _cli.Output, StringComparison.Ordinal);
        Assert.Equal("", _cli.Error);
    }

    [Fact]
    public void The_help_of_a_command_is_the_same_by_both_ways()
    {
        Assert.Equal(0, _cli.Run("run", "--help"));
        string help = _cli.Output;
        Assert.Equal(0, _cli.Run("help", "run"));
        Assert.Equal(help, _cli.Output);
    }

    [Theory]
    [InlineData("There is no command 'modle'. Did you mean 'model'?", "help", "modle")]
    [InlineData("There is no command 'tran'. Did you mean 'train'?", "help", "sae", "tran")]
    [InlineData("There is no command 'x'.", "help", "run", "x")]
    public void Help_for_what_does_not_exist_is_wrong_usage(string expected, params string[] arguments)
    {
        Assert.Equal(1, _cli.Run(arguments));
        Assert.StartsWith("error: " + expected, _cli.Error, StringComparison.Ordinal);
        Assert.Equal("", _cli.Output);
    }

    [Fact]
    public void With_json_each_is_one_document()
    {
        Assert.Equal(0, _cli.Run("version", "--json"));
        Assert.NotEqual("", (string)_cli.Json["version"]!);
        Assert.Equal(0, _cli.Run("--json"));
        Assert.Contains("run", _cli.Json["commands"]!.AsArray().Select(command => (string)command!["name"]!));
        Assert.Equal(0, _cli.Run("help", "sae", "train", "--json"));
        Assert.Equal("fovea sae train", (string)_cli.Json["command"]!);
        Assert.Contains("--arch", _cli.Json["options"]!.AsArray().Select(option => (string)option!["name"]!));
    }
}
