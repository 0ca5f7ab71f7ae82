using System.Diagnostics;
using System.Text.Json;
using Fovea.Checkpoints;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Checkpoints;

public sealed class ConversionTests
{
    [Theory]
    [InlineData("every_type")]
    [InlineData("strided")]
    public void There_and_back_gives_the_same_tensors(string name)
    {
        using var folder = new ScratchFolder();
        WeightsInspection there = WeightsConversion.Convert(CheckpointFixtures.Path(name + ".pth"), folder["a.safetensors"]);
        WeightsInspection back = WeightsConversion.Convert(folder["a.safetensors"], folder["b.pth"]);
        Assert.Equal(CheckpointFormat.Safetensors, there.Format);
        Assert.Equal("pt", there.Metadata["format"]);
        Assert.Equal(CheckpointFormat.PyTorch, back.Format);
        using StateDict first = StateDict.Load(CheckpointFixtures.Path(name + ".pth"));
        using StateDict second = StateDict.Load(folder["a.safetensors"]);
        using StateDict third = StateDict.Load(folder["b.pth"]);
        Assert.Equal(first.Keys, second.Keys);
        Assert.Equal(first.Keys, third.Keys);
        foreach (string key in first.Keys)
        {
            AssertSame(first[key], second[key]);
            AssertSame(first[key], third[key]);
        }
        Assert.Equal(["a.safetensors", "b.pth"], folder.Files);
    }

    [Fact]
    public void The_same_tensors_give_the_same_bytes()
    {
        using var folder = new ScratchFolder();
        foreach (string name in new[] { "a.pth", "b.pth", "a.safetensors", "b.safetensors" })
            WeightsConversion.Convert(CheckpointFixtures.Path("every_type.pth"), folder[name]);
        Assert.Equal(File.ReadAllBytes(folder["a.pth"]), File.ReadAllBytes(folder["b.pth"]));
        Assert.Equal(File.ReadAllBytes(folder["a.safetensors"]), File.ReadAllBytes(folder["b.safetensors"]));
    }

    [Fact]
    public void PyTorch_reads_what_is_written()
    {
        const string Python = "/usr/bin/python3";
        Assert.SkipUnless(
            File.Exists(Python) && Run(Python, "-c", "import torch").Code == 0, "needs PyTorch (Debian: apt install python3-torch)");
        using var folder = new ScratchFolder();
        WeightsConversion.Convert(CheckpointFixtures.Path("every_type.pth"), folder["written.pth"]);
        var (code, output) = Run(Python, CheckpointFixtures.Script("read_pytorch.py"), folder["written.pth"]);
        Assert.Equal(0, code);
        var found = JsonSerializer.Deserialize<Dictionary<string, JsonElement[]>>(output)!;
        var expected = CheckpointFixtures.Json("expected.json")["every_type"];
        Assert.Equal(expected.Keys, found.Keys);
        foreach (var (key, row) in expected)
        {
            Assert.Equal(row[0].GetString(), found[key][0].GetString());
            Assert.Equal(row[1].Deserialize<long[]>(), found[key][1].Deserialize<long[]>());
            Assert.Equal(row[2].Deserialize<double[]>(), found[key][2].Deserialize<double[]>());
        }
    }

    [Fact]
    public void Inspection_lists_names_types_shapes_and_metadata()
    {
        using var folder = new ScratchFolder();
        using (var weights = new StateDict(
            [new("w", zeros(2, 3)), new("n", tensor(5L))], new Dictionary<string, string> { ["by"] = "a test" }))
            weights.Save(folder["w.safetensors"]);
        WeightsInspection found = WeightsInspection.Open(folder["w.safetensors"]);
        Assert.Equal(["w float32 [2,3]", "n int64 []"], found.Tensors.Select(t => $"{t.Name} {t.Dtype} [{string.Join(",", t.Shape)}]"));
        Assert.Equal("a test", found.Metadata["by"]);
        Assert.Equal(7, found.Elements);
        Assert.Equal(new FileInfo(folder["w.safetensors"]).Length, found.FileBytes);
        Assert.Contains("column float32 [4]", WeightsInspection.Open(CheckpointFixtures.Path("strided.pth")).Tensors
            .Select(t => $"{t.Name} {t.Dtype} [{string.Join(",", t.Shape)}]"));
    }

    [Fact]
    public void An_unknown_ending_is_refused_before_anything_is_read()
    {
        var error = Assert.Throws<FoveaException>(() => WeightsConversion.Convert("absent.pth", "out.onnx"));
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Contains(".safetensors", error.Message, StringComparison.Ordinal);
    }

    private static void AssertSame(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.dtype, actual.dtype);
        Assert.Equal(expected.shape, actual.shape);
        Assert.Equal(CheckpointFixtures.Values(expected), CheckpointFixtures.Values(actual));
    }

    private static (int Code, string Output) Run(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        errors.Wait();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
