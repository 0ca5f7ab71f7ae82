using Fovea.Models;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Onnx;

/// <summary>Single operators against ONNX Runtime: what its own conformance data do not tell apart.</summary>
public sealed class OnnxOperatorTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-onnx-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>Pads that differ on the two sides, at sizes where windows reach the end of them and where they do not.</summary>
    [Theory]
    [InlineData("Conv", 9, 9, new[] { 1, 1, 0, 0 }, "NOTSET")]
    [InlineData("Conv", 8, 8, new[] { 1, 1, 0, 0 }, "NOTSET")]
    [InlineData("Conv", 9, 8, new[] { 0, 0, 1, 2 }, "NOTSET")]
    [InlineData("Conv", 9, 8, new[] { 0, 0, 0, 0 }, "SAME_UPPER")]
    [InlineData("Conv", 9, 8, new[] { 0, 0, 0, 0 }, "SAME_LOWER")]
    [InlineData("MaxPool", 9, 9, new[] { 1, 1, 0, 0 }, "NOTSET")]
    [InlineData("MaxPool", 8, 9, new[] { 2, 2, 2, 2 }, "NOTSET")]
    [InlineData("MaxPool", 8, 9, new[] { 0, 0, 0, 0 }, "SAME_LOWER")]
    public void Windows_are_padded_as_the_file_says(string operation, int height, int width, int[] pads, string automatic)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        (string, object)[] attributes = automatic == "NOTSET"
            ? [("kernel_shape", new[] { 3, 3 }), ("strides", new[] { 2, 2 }), ("pads", pads)]
            : [("kernel_shape", new[] { 3, 3 }), ("strides", new[] { 2, 2 }), ("auto_pad", automatic)];
        var net = new OnnxNet().Input("x", 1, 2, 3, height, width).Tensor("w", randn(4, 3, 3, 3));
        net.Node(operation, operation == "Conv" ? ["x", "w"] : ["x"], ["y"], attributes).Output("y");
        Same(net, ("x", randn(2, 3, height, width)));
    }

    /// <summary>Before opset 13 a softmax runs over everything from its axis on.</summary>
    [Theory]
    [InlineData(11, 1)]
    [InlineData(11, 2)]
    [InlineData(13, 1)]
    [InlineData(13, -1)]
    public void Softmax_runs_over_what_its_version_says(int opset, int axis)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(2);
        Same(new OnnxNet(opset).Input("x", 1, 2, 3, 4, 5).Node("Softmax", "x", "y", ("axis", axis)).Output("y"), ("x", randn(2, 3, 4, 5)));
    }

    [Theory]
    [InlineData(1f, 1f, 0, 1)]
    [InlineData(1f, 1f, 0, 0)]
    [InlineData(0.5f, 2f, 1, 0)]
    public void Gemm_multiplies_and_adds(float alpha, float beta, int first, int second)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(3);
        Same(new OnnxNet().Input("x", 1, first == 1 ? [6, 4] : [4, 6])
            .Tensor("b", second == 1 ? randn(5, 6) : randn(6, 5)).Tensor("c", randn(5))
            .Node("Gemm", ["x", "b", "c"], ["y"], ("alpha", alpha), ("beta", beta), ("transA", first), ("transB", second)).Output("y"),
            ("x", first == 1 ? randn(6, 4) : randn(4, 6)));
    }

    [Fact]
    public void A_second_values_dimensions_are_said_before_opset_7()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(4);
        Tensor x = randn(2, 3, 4, 5), b = randn(3);
        string path = new OnnxNet(6).Input("x", 1, 2, 3, 4, 5).Tensor("b", b)
            .Node("Add", ["x", "b"], ["y"], ("broadcast", 1), ("axis", 1)).Output("y").Save(_root);
        Assert.True(OnnxRun.Here(path, new Dictionary<string, Tensor> { ["x"] = x })[0].allclose(x + b.reshape(3, 1, 1)));
    }

    private void Same(OnnxNet net, params (string Name, Tensor Value)[] inputs)
    {
        string path = net.Save(_root);
        var given = inputs.ToDictionary(input => input.Name, input => input.Value);
        Tensor[] expected = OnnxRun.Reference(path, given), made = OnnxRun.Here(path, given);
        Assert.Equal(expected.Length, made.Length);
        for (int i = 0; i < made.Length; i++)
        {
            Assert.Equal(expected[i].shape, made[i].shape);
            Assert.InRange(BatchCheck.Relative(made[i], expected[i]), 0, 1e-6);
        }
    }
}
