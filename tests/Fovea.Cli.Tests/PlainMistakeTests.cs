using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>Mistakes of people who begin: each is answered by what to write instead.</summary>
public sealed class PlainMistakeTests : IDisposable
{
    private readonly CommandLineFixture _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("RECIPE", "run", "")]
    [InlineData("NETWORK", "new", "", "photos")]
    [InlineData("IMAGES", "new", "net.onnx", " ")]
    [InlineData("PATH", "data", "inspect", "")]
    [InlineData("FILE", "weights", "inspect", "")]
    [InlineData("RUN", "status", "")]
    public void An_empty_argument_is_named(string argument, params string[] arguments)
    {
        Assert.Equal(2, _cli.Run(arguments));
        Assert.StartsWith($"error: {argument} is empty (a variable of the shell that is not set?).", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_in_the_place_of_a_recipe_is_not_read_as_text()
    {
        string network = _cli.Path_("net.onnx");
        File.WriteAllBytes(network, [8, 7, 0, 1, .. new byte[10_000]]);
        Assert.Equal(3, _cli.Run("run", network));
        Assert.Contains("fovea new net.onnx IMAGES writes a recipe for it.", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_is_a_value_and_a_list_of_tables_is_refused_with_its_place()
    {
        string recipe = _cli.Write("a.toml", "schema = 1\n[[sweep]]\nname = \"s\"\ndictionary = \"x\"\n[[sweep.dictionary]]\nlabel = \"b\"\n");
        Assert.Equal(2, _cli.Run("run", recipe));
        Assert.Contains("a.toml:5:3: 'dictionary' is a value already, not a list of tables.", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_in_the_place_of_a_recipe_is_told()
    {
        Assert.Equal(3, _cli.Run("run", _cli.Folder));
        Assert.Contains($"{_cli.Folder} is a folder, no recipe.", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_for_a_device_that_is_not_there_is_refused_as_the_run_is()
    {
        Assert.SkipWhen(TorchSharp.torch.cuda_is_available(), "there is a CUDA device");
        Assert.Equal(5, _cli.Run("demo", "--device", "cuda", "--dry-run", "--out", _cli.Path_("out")));
        Assert.Contains("There is no CUDA device", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_that_is_too_large_is_told_from_a_word()
    {
        Assert.Equal(2, _cli.Run("demo", "--threads", "99999999999"));
        Assert.StartsWith("error: --threads is '99999999999': it must be at most 2,147,483,647.", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_and_an_empty_network_are_told_apart()
    {
        string empty = _cli.Write("empty.pt2", "");
        Assert.Equal(3, _cli.Run("model", "inspect", empty));
        Assert.Contains($"{empty} is empty.", _cli.Error, StringComparison.Ordinal);
        Assert.Equal(3, _cli.Run("model", "inspect", _cli.Path_("none.onnx")));
        Assert.Contains("none.onnx: there is no such file.", _cli.Error, StringComparison.Ordinal);
    }
}
