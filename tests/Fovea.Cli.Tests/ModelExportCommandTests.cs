using System.Text.Json.Nodes;
using Fovea.Checkpoints;
using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Models.Onnx;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary><c>model export</c>: where the network comes from, and what is refused.</summary>
public sealed class ModelExportCommandTests
{
    [Fact]
    public void A_run_is_written_as_its_training_left_it()
    {
        using var fixture = new CommandLineFixture();
        var classes = new ClassList([new ClassInfo("a", "ant"), new ClassInfo("b", "bee"), new ClassInfo("c", "cow")]);
        using var model = new ImageModel(Architectures.Get("small_cnn").Build(3), new Preprocessing(40, 32, [0.5f, 0.4f, 0.3f],
            [0.2f, 0.2f, 0.2f]), classes, new GradientFlow(true, 0.01));
        model.Initialise(7);
        string run = fixture.Path_("run"), file = fixture.Path_("net.onnx"), expected = fixture.Path_("expected.onnx");
        ModelFile.Save(Path.Combine(run, "model"), model);
        OnnxExport.Write(model, expected);
        Assert.Equal(0, fixture.Run("model", "export", run, "--out", file));
        foreach (string part in new[] { "net.onnx", "opset 17", "input [N, 3, 32, 32] -> fc [N, 3]" })
            Assert.Contains(part, fixture.Output);
        Assert.Equal(File.ReadAllBytes(expected), File.ReadAllBytes(file));

        Assert.Equal(2, fixture.Run("model", "export", run, "--out", file));
        Assert.Contains("--force", fixture.Error);
        Assert.Equal(0, fixture.Run("model", "export", Path.Combine(run, "model"), "--out", file, "--force", "--json"));
        JsonNode json = fixture.Json;
        Assert.Equal(("small_cnn", 17, 32), ((string)json["network"]!, (int)json["opset"]!, (int)json["height"]!));
        Assert.Null(json["batch"]);
        Assert.Equal(new FileInfo(file).Length, (long)json["bytes"]!);
        Assert.Equal(2, fixture.Run("model", "export", run, "--out", fixture.Path_("x"), "--leaky-slope", "0.1"));
        Assert.Contains("--leaky-slope has no meaning here", fixture.Error);
        Assert.Equal(3, fixture.Run("model", "export", fixture.Folder, "--out", fixture.Path_("x")));
        Assert.False(File.Exists(fixture.Path_("x")));
    }

    [Fact]
    public void Weights_of_the_catalogue_say_how_many_classes_there_are()
    {
        using var fixture = new CommandLineFixture();
        using ImageModel model = ImageModel.Create("small_cnn", 5);
        string weights = fixture.Path_("weights.safetensors"), file = fixture.Path_("net.onnx"), expected = fixture.Path_("expected.onnx");
        using (StateDict state = StateDict.Of(model.State)) Safetensors.Write(weights, state);
        OnnxExport.Write(model, expected);
        Assert.Equal(0, fixture.Run("model", "export", "--arch", "small_cnn", "--weights", weights, "--out", file));
        Assert.Equal(File.ReadAllBytes(expected), File.ReadAllBytes(file));
        // Nothing says what images of another size go through first.
        Assert.Equal(0, fixture.Run("model", "export", "--arch", "small_cnn", "--weights", weights, "--out", file, "--force",
            "--input-size", "48", "--average-pooling", "--json"));
        Assert.Equal(48, (int)fixture.Json["width"]!);
        Assert.DoesNotContain("fovea.preprocessing", File.ReadAllText(file), StringComparison.Ordinal);
        Assert.Contains("fovea.modification", File.ReadAllText(file), StringComparison.Ordinal);

        Assert.Equal(3, fixture.Run("model", "export", "--arch", "mobilenet_v2", "--weights", weights, "--out", fixture.Path_("x")));
        Assert.Contains("has no classifier.1.weight", fixture.Error);
        Assert.Equal(2, fixture.Run("model", "export", "--arch", "small_cn", "--weights", weights, "--out", fixture.Path_("x")));
        Assert.Contains("small_cnn", fixture.Error);
        Assert.Equal(2, fixture.Run("model", "export", "--arch", "small_cnn", "--out", fixture.Path_("x")));
        Assert.Equal(1, fixture.Run("model", "export", "--arch", "small_cnn", "--weights", weights));
    }

    [Fact]
    public void A_network_from_a_file_is_written_without_a_preprocessing()
    {
        using var fixture = new CommandLineFixture();
        string network = SmallPrograms.Classifier(2).Save(fixture.Path_(".")), file = fixture.Path_("net.onnx");
        Assert.Equal(0, fixture.Run("model", "export", network, "--out", file));
        Assert.Contains("[N, 3, 8, 8] -> fc [N, 4]", fixture.Output);
        Assert.Contains("was taken out", fixture.Error);
        Assert.DoesNotContain("fovea.preprocessing", File.ReadAllText(file), StringComparison.Ordinal);
        Assert.Equal(0, fixture.Run("model", "export", network, "--out", file, "--force", "--leaky-slope", "0.1"));
        Assert.Contains("LeakyRelu", File.ReadAllText(file), StringComparison.Ordinal);

        Assert.Equal(2, fixture.Run("model", "export", network, "--arch", "small_cnn", "--out", fixture.Path_("x")));
        Assert.Equal(2, fixture.Run("model", "export", network, "--weights-key", "ema", "--out", fixture.Path_("x")));
        Assert.Equal(3, fixture.Run("model", "export", fixture.Path_("absent.pt2"), "--out", fixture.Path_("x")));
        // The place of a folder is taken by a file.
        Assert.Equal(2, fixture.Run("model", "export", network, "--out", Path.Combine(file, "x.onnx")));
        Assert.Equal(2, fixture.Run("model", "export", network, "--out", fixture.Folder));
        fixture.Interruption.Raise(130);
        Assert.Equal(130, fixture.Run("model", "export", network, "--out", fixture.Path_("x")));
        Assert.Contains("Nothing was written", fixture.Error);
        Assert.False(File.Exists(fixture.Path_("x")));
    }
}
