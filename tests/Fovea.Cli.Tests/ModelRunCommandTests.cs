using Fovea.Checkpoints;
using Fovea.Models;
using Fovea.Tests.Shared;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Cli.Tests;

/// <summary><c>fovea model run</c>: outputs and values of a network's file as NumPy files.</summary>
public sealed class ModelRunCommandTests
{
    [Fact]
    public void Run_writes_outputs_and_values_as_NumPy_files()
    {
        using var fixture = new CommandLineFixture();
        using var scope = NewDisposeScope();
        string path = SmallPrograms.Classifier().Save(fixture.Path_(".")), input = fixture.Path_("x.npy"), folder = fixture.Path_("out");
        Tensor images = arange(0, 5 * 3 * 64, dtype: float32).reshape(5, 3, 8, 8).sin();
        NumpyFile.Write(input, images);
        Assert.Equal(
            0, fixture.Run(
                "model", "run", path, "--input", input, "--read", "bn", "--read", "relu@1", "--batch-size", "2", "--out", folder));
        using ImportedNetwork network = NetworkFile.Open(path);
        using ImageModel model = network.ToModel(Fovea.Imaging.Preprocessing.ImageNet(null, 8));
        ProbeResult read = model.Forward(images, new Probe("bn", "relu@1") { Output = true });
        Assert.True(BatchCheck.Relative(NumpyFile.Read(Path.Combine(folder, "output.npy")), read.Logits) < 1e-6);
        Assert.True(BatchCheck.Relative(NumpyFile.Read(Path.Combine(folder, "bn.npy")), read["bn"]) < 1e-6);
        Assert.Equal([5, 6, 8, 8], NumpyFile.Read(Directory.GetFiles(folder, "relu*").Single()).shape);
        Assert.DoesNotContain("exported for images of", fixture.Error);
        string larger = fixture.Path_("larger.npy");
        NumpyFile.Write(larger, arange(0, 3 * 90, dtype: float32).reshape(1, 3, 10, 9).sin());
        Assert.Equal(0, fixture.Run("model", "run", path, "--input", larger, "--out", fixture.Path_("of larger")));
        Assert.Contains("exported for images of 8 × 8; these are 10 × 9", fixture.Error);
        Assert.Equal(2, fixture.Run("model", "run", path, "--input", input, "--read", "conf", "--out", folder));
        Assert.Contains("Nearest: conv", fixture.Error);
        Assert.Equal(2, fixture.Run("model", "run", path, "--input", input, "--out", input));
        Assert.Contains("--out: " + input + " is a file", fixture.Error);
        Assert.Equal(3, fixture.Run("model", "run", path, "--input", folder, "--out", folder));
        Assert.Contains("it is a folder", fixture.Error);
    }

    [Fact]
    public void A_layer_called_as_the_file_of_the_answer_has_a_file_beside_it()
    {
        using var fixture = new CommandLineFixture();
        using var scope = NewDisposeScope();
        var p = new ProgramFile();
        p.Images(-1, 3, 8, 8);
        ProgramFile.Name x = p.Step("aten.relu.default", "relu", [-1, 3, 8, 8], "output", ("self", new ProgramFile.Name("x")));
        p.Output(p.Step("aten.mean.dim", "mean", [-1, 3], "head", ("self", x), ("dim", new[] { 2L, 3 })));
        string path = p.Save(fixture.Path_(".")), input = fixture.Path_("x.npy"), folder = fixture.Path_("out");
        Tensor images = arange(0, 2 * 3 * 64, dtype: float32).reshape(2, 3, 8, 8).sin();
        NumpyFile.Write(input, images);
        Assert.Equal(0, fixture.Run("model", "run", path, "--input", input, "--read", "output", "--out", folder));
        Assert.Equal(["layer-output.npy", "output.npy"], Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Tensor rectified = images.relu();
        Assert.True(NumpyFile.Read(Path.Combine(folder, "layer-output.npy")).equal(rectified).all().item<bool>());
        Assert.True(BatchCheck.Relative(NumpyFile.Read(Path.Combine(folder, "output.npy")), rectified.mean([2, 3])) < 1e-6);
    }
}
