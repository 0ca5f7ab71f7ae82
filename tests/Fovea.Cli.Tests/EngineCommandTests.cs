using Fovea.Datasets;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>Commands on a run read its network with the engine of its recipe, and say which it was.</summary>
public sealed class EngineCommandTests : IDisposable
{
    private const string Recipe =
        """
        schema = 1
        name = "engines"
        seed = 7

        [data]
        source = "shapesworld"
        train_images = 48
        validation_images = 24
        crop = 64

        [model]
        architecture = "small_cnn"
        ENGINE

        [train]
        epochs = 1
        learning_rate = 1e-3

        [harvest]
        layers = ["block4"]
        images = 24

        [[dictionary]]
        name = "topk"
        layer = "block4"
        architecture = "topk"
        sparsity = 4
        epochs = 1
        """;

    private readonly CommandLineFixture _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("", "ONNX Runtime", "(one image is read)")]
    [InlineData("engine = \"torch\"", "(as was asked for)", "(as was asked for)")]
    [InlineData("engine = \"onnxruntime\"", "ONNX Runtime", "ONNX Runtime")]
    public void Every_command_follows_the_recipe_and_says_so(string engine, string reads, string compares)
    {
        string run = _cli.Path_("run");
        (int code, _, string error) = RealRun.Of(
            _cli.Write("recipe.toml", Recipe.Replace("ENGINE", engine, StringComparison.Ordinal)), run);
        Assert.True(code == 0, error);
        string image;
        using (IImageSource source = ImageSources.Open("shapesworld:val:24?seed=7", new ImageSourceOptions())) image = source.Id(3);

        Assert.Contains(reads, Engine("sae", "eval", "--run", run, "--splice"), StringComparison.Ordinal);
        Assert.Null(_cli.Json["dictionaries"]![0]!["faithfulness"]);
        Assert.Contains(compares, Engine("compare", "--run", run, "--image", image), StringComparison.Ordinal);
        double[] magnitudes = [.. _cli.Json["model"]!.AsArray().Select(unit => (double)unit!["magnitude"]!)];
        const string Gradients = "(gradients are asked for)";
        Assert.Contains(Gradients, Engine("cam", "--run", run, "--images", "4", "--method", "gradcam"), StringComparison.Ordinal);
        Assert.Contains(Gradients, Engine("visualize", "--run", run, "--features", "1", "--steps", "2"), StringComparison.Ordinal);
        // Nothing of the network is read, and nothing said.
        Assert.True(_cli.Run("sae", "eval", "--run", run, "--json") == 0, _cli.Error);
        Assert.Null(_cli.Json["engine"]);

        // People are told the same, and another engine gives the same numbers.
        Assert.True(_cli.Run("compare", "--run", run, "--image", image) == 0, _cli.Error);
        Assert.Matches($"\nengine  .*{System.Text.RegularExpressions.Regex.Escape(compares)}", _cli.Output);
        string kept = Path.Combine(run, "recipe.toml");
        string other = engine.Contains("torch", StringComparison.Ordinal) ? "onnxruntime" : "torch";
        File.WriteAllText(kept, With(File.ReadAllText(kept), other));
        Assert.Contains(other == "torch" ? "libtorch" : "ONNX Runtime", Engine("compare", "--run", run, "--image", image),
            StringComparison.Ordinal);
        double[] anew = [.. _cli.Json["model"]!.AsArray().Select(unit => (double)unit!["magnitude"]!)];
        Assert.All(magnitudes.Zip(anew), pair => Assert.Equal(pair.First, pair.Second, 1e-4 * magnitudes.Max()));
    }

    private string Engine(params string[] command)
    {
        Assert.True(_cli.Run([.. command, "--json"]) == 0, _cli.Error);
        return (string)_cli.Json["engine"]!;
    }

    /// <summary>A run's recipe with another engine.</summary>
    private static string With(string recipe, string engine)
    {
        string[] lines = [.. recipe.Split('\n').Where(line => !line.StartsWith("engine", StringComparison.Ordinal))];
        return string.Join('\n', lines).Replace("[model]\n", $"[model]\nengine = \"{engine}\"\n", StringComparison.Ordinal);
    }
}
