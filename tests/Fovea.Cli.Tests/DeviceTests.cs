using System.Text.Json.Nodes;
using Fovea.Cli.Terminal;
using Fovea.Cli.Workflows;
using TorchSharp;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>The commands that look into a finished run compute where <c>--device</c> says.</summary>
public sealed class DeviceTests : IDisposable
{
    private readonly CommandLineFixture _cli = new();

    public void Dispose() => _cli.Dispose();

    private string Run => _cli.Path_("run");

    [Theory]
    [InlineData("visualize", "--features", "1")]
    [InlineData("compare", "--image", "x.png")]
    [InlineData("sae", "eval")]
    public void A_device_that_is_not_there_is_a_lack_of_resources(params string[] command)
    {
        Assert.SkipWhen(torch.cuda_is_available() && torch.mps_is_available(), "needs a machine without CUDA or without Metal");
        string absent = torch.cuda_is_available() ? "mps" : "cuda";
        Assert.Equal(0, _cli.Run("run", _cli.Write("small.toml", Samples.Small), "--out", Run));
        Assert.Equal(5, _cli.Run([.. command, "--run", Run, "--device", absent, "--json"]));
        Assert.Equal("resource", (string)_cli.Json["error"]!["kind"]!);
        Assert.Contains("--device cpu", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_finished_run_is_looked_into_on_the_device_named()
    {
        string[] small =
        [
            "data.train_images=96", "data.validation_images=48", "train.epochs=1", "harvest.images=20", "dictionary.*.epochs=1",
            "features.steps=2", "features.pictures=1", "features.side_by_side=0", "features.compare_units=1", "features.examples=1",
        ];
        Invoke(["demo", "--out", Run, .. small.SelectMany(assignment => new[] { "--set", assignment })]);
        JsonNode dictionary = Invoke(["sae", "eval", "--run", Run, "--name", "topk"])["dictionaries"]![0]!;
        Assert.InRange((double)dictionary["fvu"]!, 0, 2);
        JsonNode anew = Invoke(["sae", "eval", "--run", Run, "--name", "topk", "--splice"])["dictionaries"]![0]!;
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse(File.ReadAllText(Path.Combine(Run, "dictionaries", "block4", "topk", "splice.json"))), anew["splice"]));
        Assert.InRange((double)anew["splice"]!["top1Lost"]!["upper"]!, (double)anew["splice"]!["top1Lost"]!["mean"]!, 1);
        var metrics = JsonNode.Parse(File.ReadAllText(Path.Combine(Run, "dictionaries", "block4", "topk", "metrics.json")))!;
        foreach (string name in (string[])["denseFraction", "activeUnits", "activeUnitsDrop"])
            Assert.Equal((double)metrics["validation"]![name]!, (double)dictionary[name]!, 1e-3);
        Assert.Equal((double)metrics["coherence"]!["maximum"]!, (double)dictionary["coherence"]!["maximum"]!, 1e-6);
        JsonNode same = InvokeAnywhere(["sae", "compare", "--run", Run, "topk", Path.Combine(Run, "dictionaries", "block4", "topk")]);
        Assert.Equal(1, (double)same["mcc"]!, 1e-9);
        JsonNode other = InvokeAnywhere(["sae", "compare", "--run", Run, "--layer", "block4", "topk", "jumprelu"]);
        Assert.InRange((double)other["mcc"]!, 0.05, 0.99999); // both start at the directions that the seed draws
        Assert.InRange((double)other["mmcsAb"]!, (double)other["mcc"]! - 1e-9, 1);
        string image = (string)JsonNode.Parse(
            File.ReadAllText(Path.Combine(Run, "activations", "block4", "samples.json")))!["samples"]![0]!["image"]!;
        JsonNode compared = Invoke(["compare", "--run", Run, "--image", image, "--dictionary", "topk", "--top", "2"]);
        Assert.Equal((2, 2), (compared["model"]!.AsArray().Count, compared["sae"]!.AsArray().Count));
        foreach (string source in (string[])["neurons", "topk"])
        {
            JsonNode picture = Invoke(["visualize", "--run", Run, "--source", source, "--features", "3", "--steps", "2"])["features"]![0]!;
            Assert.True(File.Exists((string)picture["image"]!));
        }
    }

    /// <summary>The command through the real workflow, on the CPU.</summary>
    private static JsonNode Invoke(string[] arguments) => InvokeAnywhere([.. arguments, "--device", "cpu"]);

    private static JsonNode InvokeAnywhere(string[] arguments)
    {
        arguments = [.. arguments, "--quiet", "--json"];
        using StringWriter output = new(), error = new();
        using var interruption = Interruption.Manual();
        var console = new CommandConsole(output, error, errorIsTerminal: false, colour: false);
        int code = new FoveaApplication(
            new AppEnvironment(console, new WorkflowRunner(interruption), interruption, ShellLine.Of(arguments), TimeProvider.System)).Run(
                arguments);
        Assert.True(code == 0, error.ToString());
        return JsonNode.Parse(output.ToString())!;
    }
}
