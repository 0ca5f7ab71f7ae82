using Xunit;

namespace Fovea.Cli.Tests;

public sealed class CommandLineTests : IDisposable
{
    private readonly CommandLineFixture _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void Help_of_the_root_holds_the_exit_codes_and_that_of_a_command_its_examples()
    {
        Assert.Equal(0, _cli.Run("--help"));
        Assert.Contains("130, 143", _cli.Output, StringComparison.Ordinal);
        Assert.Equal(0, _cli.Run("run", "--help"));
        Assert.Contains(
            "Examples:\n  fovea run recipes/", _cli.Output.Replace("\r\n", "\n", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("error: Unrecognized command or argument 'modle'. Did you mean 'model'?", "modle")]
    [InlineData("error: Unrecognized command or argument '--dryrun'. Did you mean '--dry-run'?", "demo", "--dryrun")]
    [InlineData("error: Required argument 'RECIPE' missing for command: 'run'.", "run")]
    public void Usage_errors_exit_with_1_and_a_suggestion(string expected, params string[] arguments)
    {
        Assert.Equal(1, _cli.Run(arguments));
        Assert.Equal(expected, _cli.Error.Split(Environment.NewLine)[0]);
        Assert.Equal("", _cli.Output);
    }

    [Fact]
    public void A_value_of_the_wrong_kind_is_named_without_NET_types()
    {
        Assert.Equal(2, _cli.Run("demo", "--threads", "many"));
        Assert.StartsWith("error: --threads is 'many': it must be a whole number.", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Models_are_listed()
    {
        Assert.Equal(0, _cli.Run("model", "list", "--json"));
        var first = _cli.Json["architectures"]![0]!;
        Assert.Equal(("resnet18", 224, 11_689_512), ((string)first["name"]!, (int)first["inputSize"]!, (long)first["parameters"]!));
        Assert.Contains("layer4.1.conv2", first["layers"]!.AsArray().Select(layer => (string)layer!));
    }

    [Fact]
    public void Doctor_says_versions_and_finds_nothing_missing_here()
    {
        int code = _cli.Run("doctor", "--json");
        // The disk may be full; nothing else may be amiss.
        Assert.All(_cli.Json["checks"]!.AsArray()
            .Where(check => (string)check!["name"]! != "disk"), check => Assert.True((bool)check!["ok"]!, check.ToJsonString()));
        Assert.Equal((bool)_cli.Json["ok"]! ? 0 : 6, code);
        Assert.All(new[] { "fovea", "dotnet", "torchSharp", "libtorch" },
            name => Assert.NotEqual("", (string)_cli.Json["versions"]![name]!));
        Assert.True((int)_cli.Json["threads"]! >= 1);
        // Which device computes and why, and what memory does: said on every machine.
        foreach (string name in (string[])["gpu", "allocator"])
            Assert.NotEqual("", (string)_cli.Json["checks"]!.AsArray().Single(check => (string)check!["name"]! == name)!["detail"]!);
    }
}
