using Fovea.Checkpoints;
using Fovea.Tests.Models.Onnx;
using Fovea.Tests.Shared;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Cli.Tests;

/// <summary>What the commands make of networks from files that are not to be trusted with batches, or whose values are no numbers.</summary>
public sealed class NetworkTrustTests
{
    private const string Recipe =
        """
        schema = 1
        name = "trust"
        seed = 3
        [data]
        source = "shapesworld"
        validation_images = 12
        crop = 64
        mean = [0.5, 0.5, 0.5]
        std = [0.25, 0.25, 0.25]
        [model]
        network = "NETWORK"
        classes = "none"
        [harvest]
        layers = ["LAYER"]
        filters = ["none"]
        images = 9
        batch_size = SIZE
        """;

    [Fact]
    public void No_number_depends_on_the_size_of_a_batch()
    {
        using var fixture = new CommandLineFixture();
        string network = MixedPrograms.OverBatch(-1, 64, 24).Save(fixture.Path_("."), "mixed");
        byte[][] vectors = [.. new[] { 1, 4, 9 }.Select(size =>
        {
            string run = fixture.Path_($"run{size}");
            (int code, _, string error) = RealRun.Of(Write(fixture, "mixed.pt2", "relu", size), run);
            Assert.True(code == 0, error);
            Assert.Contains("one image at a time", RealRun.Log(run), StringComparison.Ordinal);
            return Vectors(Path.Combine(run, "activations", "relu"));
        })];
        Assert.True(vectors[0].Length > 9 * 64 * 64 * 24);
        Assert.Equal(vectors[0], vectors[1]);
        Assert.Equal(vectors[0], vectors[2]);

        (int planned, _, string said) = RealRun.Of(Write(fixture, "mixed.pt2", "relu", 4), fixture.Path_("plan"), "--dry-run");
        Assert.True(planned == 0, said);
        Assert.Equal(0, fixture.Run("model", "inspect", network));
        Assert.Contains("do not trust batches of it; a run takes its images one at a time", fixture.Output, StringComparison.Ordinal);
        Assert.Equal(0, fixture.Run("model", "eval", "--network", network, "--data", "shapesworld:val:8", "--input-size", "64"));
        Assert.Contains("one image at a time", fixture.Error, StringComparison.Ordinal);
        Assert.Contains("crop 64 (the command line)", fixture.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("the recipe", fixture.Error, StringComparison.Ordinal);
        using var scope = NewDisposeScope();
        string input = fixture.Path_("x.npy");
        NumpyFile.Write(input, arange(0, 3 * 3 * 64 * 64, dtype: float32).reshape(3, 3, 64, 64).sin());
        Assert.Equal(0, fixture.Run("model", "run", network, "--input", input, "--out", fixture.Path_("out")));
        Assert.Contains("these depend on --batch-size", fixture.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fixed_batch_that_mixes_its_images_is_refused_before_any_work()
    {
        using var fixture = new CommandLineFixture();
        string network = MixedPrograms.OverBatch(2, 64).Save(fixture.Path_("."), "pair");
        foreach (string[] more in (string[][])[["--dry-run"], []])
        {
            (int code, _, string error) = RealRun.Of(Write(fixture, "pair.pt2", "relu", 4), fixture.Path_("run"), more);
            Assert.Equal(3, code);
            Assert.Contains("pair.pt2 takes exactly 2 images at a time", error, StringComparison.Ordinal);
        }
        Assert.Equal(0, fixture.Run("model", "inspect", network));
        Assert.Contains("a run refuses it", fixture.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Flags_are_written_but_not_harvested()
    {
        using var fixture = new CommandLineFixture();
        using var scope = NewDisposeScope();
        string network = MixedPrograms.Flags(64).Save(fixture.Path_("."), "flags"), input = fixture.Path_("x.npy");
        foreach (string[] more in (string[][])[["--dry-run"], []])
        {
            (int code, _, string error) = RealRun.Of(Write(fixture, "flags.pt2", "gt", 4), fixture.Path_("run"), more);
            Assert.True(code == 2, error);
            Assert.Contains("Layer gt holds bool", error, StringComparison.Ordinal);
        }
        Assert.Equal(0, fixture.Run("model", "inspect", network));
        Assert.Matches(@"gt +gt +\[6, 64, 64\]  bool", fixture.Output);
        Assert.Contains("to harvest   mul", fixture.Output, StringComparison.Ordinal);
        NumpyFile.Write(input, arange(0, 2 * 3 * 64 * 64, dtype: float32).reshape(2, 3, 64, 64).sin());
        string folder = fixture.Path_("out");
        Assert.Equal(0, fixture.Run("model", "run", network, "--input", input, "--read", "gt", "--read", "conv", "--out", folder));
        Tensor flags = NumpyFile.Read(Path.Combine(folder, "gt.npy")), conv = NumpyFile.Read(Path.Combine(folder, "conv.npy"));
        Assert.Equal(ScalarType.Bool, flags.dtype);
        Assert.True(flags.equal(conv.gt(0)).all().item<bool>());
    }

    [Fact]
    public void A_class_number_for_an_answer_is_refused_and_still_written()
    {
        using var fixture = new CommandLineFixture();
        using var scope = NewDisposeScope();
        string network = new OnnxNet().Images(0, 64, 64).Tensor("w", randn(6, 3, 1, 1)).Node("Conv", ["x", "w"], ["c"])
            .Node("Relu", "c", "r").Node("GlobalAveragePool", "r", "p").Node("ArgMax", "p", "y", ("axis", 1)).Output("y", 7)
            .Save(fixture.Path_("."), "number");
        Assert.Equal(3, fixture.Run("model", "inspect", network));
        Assert.Contains("the number of a class, not a score of each", fixture.Error, StringComparison.Ordinal);
        (int code, _, string error) = RealRun.Of(Write(fixture, "number.onnx", "r", 4), fixture.Path_("run"));
        Assert.Equal(3, code);
        Assert.Contains("the number of a class", error, StringComparison.Ordinal);
        string input = fixture.Path_("x.npy"), folder = fixture.Path_("out");
        NumpyFile.Write(input, arange(0, 2 * 3 * 64 * 64, dtype: float32).reshape(2, 3, 64, 64).sin());
        Assert.Equal(0, fixture.Run("model", "run", network, "--input", input, "--out", folder));
        Assert.Equal(ScalarType.Int64, NumpyFile.Read(Path.Combine(folder, "output.npy")).dtype);
    }

    [Fact]
    public void Numbers_that_are_not_finite_are_named_as_the_cause()
    {
        using var fixture = new CommandLineFixture();
        using var scope = NewDisposeScope();
        string network = new OnnxNet().Images(0, 64, 64).Tensor("w", randn(6, 3, 1, 1)).Tensor("nothing", tensor(0f))
            .Node("Conv", ["x", "w"], ["c"]).Node("Div", ["c", "nothing"], ["far"]).Node("GlobalAveragePool", "far", "p")
            .Node("Flatten", "p", "y").Output("y", 1, 0, 6).Save(fixture.Path_("."), "far");
        Assert.Equal(0, fixture.Run("model", "inspect", network));
        Assert.Contains("NaN or infinite numbers, alone and together", fixture.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("do not trust batches", fixture.Output, StringComparison.Ordinal);
        Assert.Equal(0, fixture.Run("model", "inspect", network, "--json"));
        Assert.Null(fixture.Json["batchDifference"]);
        (int code, _, string error) = RealRun.Of(Write(fixture, "far.onnx", "c", 4), fixture.Path_("run"));
        Assert.Equal(4, code);
        Assert.Contains("NaN or infinite", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_give_no_orders_to_the_terminal()
    {
        using var fixture = new CommandLineFixture();
        using var scope = NewDisposeScope();
        const string Name = "a\nb\t\u001b[31mred";
        string network = new OnnxNet().Images(0, 8, 8).Tensor("w", randn(6, 3, 1, 1)).Node("Conv", ["x", "w"], [Name])
            .Node("GlobalAveragePool", Name, "p").Node("Flatten", "p", "y").Output("y", 1, 0, 6).Save(fixture.Path_("."), "names");
        Assert.Equal(0, fixture.Run("model", "inspect", network));
        Assert.Contains("a\\u000Ab\\u0009\\u001B[31mred", fixture.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', fixture.Output);
        Assert.DoesNotContain('\t', fixture.Output);
        Assert.Equal(0, fixture.Run("model", "inspect", network, "--json"));
        Assert.Contains(fixture.Json["layers"]!.AsArray(), layer => (string)layer!["name"]! == Name);
    }

    [Theory]
    [InlineData("-3")]
    [InlineData("1.5")]
    [InlineData("nan")]
    public void Slopes_are_bounded_as_in_a_recipe(string slope)
    {
        using var fixture = new CommandLineFixture();
        string network = SmallPrograms.Classifier().Save(fixture.Path_("."));
        Assert.Equal(2, fixture.Run("model", "export", network, "--out", fixture.Path_("out.onnx"), "--leaky-slope", slope));
        Assert.Contains("it must be from 0 to 1", fixture.Error, StringComparison.Ordinal);
        Assert.Equal(0, fixture.Run("model", "export", network, "--out", fixture.Path_("out.onnx"), "--leaky-slope", "0.01"));
    }

    private static string Write(CommandLineFixture fixture, string network, string layer, int size)
    {
        string path = fixture.Path_("recipe.toml");
        File.WriteAllText(path, Recipe.Replace("NETWORK", network, StringComparison.Ordinal).Replace("LAYER", layer, StringComparison.Ordinal)
            .Replace("SIZE", size.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal));
        return path;
    }

    /// <summary>The numbers of all shards in order.</summary>
    private static byte[] Vectors(string folder)
    {
        using var scope = NewDisposeScope();
        var all = new MemoryStream();
        foreach (string file in Directory.GetFiles(folder, "vectors*.safetensors").Order(StringComparer.Ordinal))
        {
            using var shard = SafetensorsFile.Open(file);
            foreach (string name in shard.Tensors.Keys.Order(StringComparer.Ordinal)) all.Write(shard.ToTensor(name).bytes);
        }
        return all.ToArray();
    }
}
