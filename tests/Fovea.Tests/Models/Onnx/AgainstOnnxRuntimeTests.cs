using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Onnx;

/// <summary>Networks of one operator here and in ONNX Runtime.</summary>
public sealed class AgainstOnnxRuntimeTests : IDisposable
{
    private static readonly Dictionary<string, OperatorCase> Cases =
        OperatorCases.All.DistinctBy(one => one.Name).ToDictionary(one => one.Name, StringComparer.Ordinal);

    private readonly string _scratch = Directory.CreateTempSubdirectory("fovea-onnx-").FullName;

    public static TheoryData<string> Names => [.. Cases.Keys];

    public void Dispose() => Directory.Delete(_scratch, recursive: true);

    [Theory]
    [MemberData(nameof(Names))]
    public void An_operator_gives_what_it_gives_in_Onnx_Runtime(string name)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        OperatorCase one = Cases[name];
        var (path, given) = one.Save(_scratch);
        Tensor[] expected = OnnxRun.Reference(path, given);
        Compare(one, expected, OnnxRun.Here(path, given));
        Compare(one, expected, OnnxRun.Here(path, new Dictionary<string, Tensor>(), given));
    }

    /// <summary>Values that ONNX's own data have wrong are those of ONNX Runtime.</summary>
    [Fact]
    public void Where_the_data_are_wrong_Onnx_Runtime_gives_what_is_given_here()
    {
        Assert.SkipWhen(ConformanceData.All.Count == 0, "needs ONNX's test data: apt-get install --no-install-recommends libonnx-testdata");
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        ConformanceCase[] cases = [.. ConformanceData.All[0].Cases.Where(one => ConformanceExceptions.WrongData.Contains(one.Name))];
        Assert.Equal(ConformanceExceptions.WrongData.Count, cases.Length);
        foreach (ConformanceCase one in cases)
        {
            var (inputs, outputs) = one.Read(_scratch);
            Dictionary<string, Tensor> images = new() { ["X"] = inputs[0] }, scales = new() { ["scales"] = inputs[1] };
            Tensor expected = OnnxRun.Reference(one.Model, images.Concat(scales).ToDictionary())[0];
            Tensor actual = OnnxRun.Here(one.Model, images, scales)[0];
            Assert.True((actual - expected).abs().max().item<float>() < 1e-5 * expected.abs().max().item<float>(), one.Name);
            Assert.False((outputs[0].Value - expected).abs().max().item<float>() < 0.1, $"{one.Name} is right now");
        }
    }

    private static void Compare(OperatorCase one, Tensor[] expected, Tensor[] actual)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i].shape, actual[i].shape);
            Assert.Equal(expected[i].dtype, actual[i].dtype);
            Tensor a = actual[i].to(float64), b = expected[i].to(float64);
            double largest = Math.Max(1e-2, b.abs().max().item<double>()), worst = (a - b).abs().max().item<double>();
            Assert.True(worst <= one.Tolerance * largest, $"result {i}: {worst:G3} apart, the largest is {largest:G3}");
        }
    }
}
