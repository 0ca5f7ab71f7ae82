using System.Globalization;
using System.Text.Json.Nodes;
using Fovea.Checkpoints;
using Fovea.Cli.Terminal;
using Fovea.Models;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Cli.Tests;

/// <summary>Numbers as they leave the command: never a word in JSON, never by the language of the machine, never made of NaN.</summary>
public sealed class NumberTests : IDisposable
{
    private readonly CommandLineFixture _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void What_is_not_finite_is_null_in_JSON()
    {
        using var output = new StringWriter();
        JsonOutput.Write(output, new
        {
            A = double.NaN,
            B = float.PositiveInfinity,
            C = (double?)double.NegativeInfinity,
            D = new[] { 1.5, double.NaN },
            E = "NaN",
            F = new Dictionary<string, double> { ["x"] = double.NaN },
            G = 2.5f,
        });
        JsonNode json = JsonNode.Parse(output.ToString())!;
        Assert.Null(json["a"]);
        Assert.True(json.AsObject().ContainsKey("a"));
        Assert.Null(json["b"]);
        Assert.Null(json["c"]);
        Assert.Equal("[1.5,null]", json["d"]!.ToJsonString());
        Assert.Equal("NaN", (string)json["e"]!);
        Assert.Null(json["f"]!["x"]);
        Assert.Equal(2.5, (double)json["g"]!);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Weights_that_are_no_numbers_have_no_accuracy(float value)
    {
        string weights = _cli.Path_("w.safetensors");
        Save(weights, value);
        string[] line = ["model", "eval", "--arch", "small_cnn", "--weights", weights, "--data", "shapesworld:val:8", "--device", "cpu"];
        Assert.Equal(4, _cli.Run(line));
        Assert.Equal("", _cli.Output);
        Assert.Contains("NaN or infinite", _cli.Error, StringComparison.Ordinal);
        Assert.Equal(4, _cli.Run([.. line, "--json"]));
        Assert.Equal("numerical", (string)_cli.Json["error"]!["kind"]!);
    }

    [Fact]
    public void The_language_of_the_machine_changes_nothing()
    {
        string weights = _cli.Path_("w.safetensors"), recipe = _cli.Write("small.toml", Samples.Small);
        Save(weights, 0);
        string[][] lines =
        [
            ["model", "eval", "--arch", "small_cnn", "--weights", weights, "--data", "shapesworld:val:8", "--first", "2", "--device",
                "cpu"], ["model", "list"], ["weights", "inspect", weights],
            ["run", recipe, "--out", _cli.Path_("out"), "--dry-run"], ["run", recipe, "--out", _cli.Path_("out")],
                ["run", recipe, "--set", "train.flip=1.5"],
        ];
        string[] plain = [.. lines.Select(Say)];
        var own = CultureInfo.CurrentCulture;
        var odd = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (odd.NumberFormat.NumberDecimalSeparator, odd.NumberFormat.NumberGroupSeparator, odd.NumberFormat.NegativeSign) =
            (",", ".", "\u2212");
        try
        {
            CultureInfo.CurrentCulture = odd;
            Assert.Equal(plain, lines.Select(Say));
            Assert.Same(odd, CultureInfo.CurrentCulture);
        }
        finally
        {
            CultureInfo.CurrentCulture = own;
        }

        // Times differ between any two runs.
        string Say(string[] line)
        {
            _cli.Run(line);
            return string.Join('\n', _cli.Output.Split('\n').Where(one => !one.StartsWith("time", StringComparison.Ordinal)))
                + _cli.Error.Split('\n')[0];
        }
    }

    private static void Save(string path, float value)
    {
        using ImageModel network = ImageModel.Create("small_cnn", 24, GradientFlow.Standard);
        network.Initialise(1);
        using (no_grad())
        {
            if (value != 0) network.Parameters.Values.First().fill_(value);
        }
        using StateDict weights = StateDict.Of(network.State);
        weights.Save(path);
    }
}
