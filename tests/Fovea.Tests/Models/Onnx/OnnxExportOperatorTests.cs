using Fovea.Imaging;
using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Models.Onnx;
using Fovea.Tests.Dictionaries;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Onnx;

/// <summary>Every operation that is written as ONNX, in a network of its own, against ONNX Runtime, for one image, two and five.</summary>
public sealed class OnnxExportOperatorTests : IDisposable
{
    private const double Tolerance = 3e-5;
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-onnx-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    public static TheoryData<string> Cases => [.. ExportCases.All.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Its_values_are_ONNX_Runtimes(string name)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var g = new GraphBuilder();
        string output = ExportCases.All[name](g);
        using ImageModel model = new(g.Build("case", output), Preprocessing.ImageNet(null, ExportCases.Side));
        foreach (var (key, weight) in model.State) weight.copy_(Fill(key, weight));
        string path = Path.Combine(_root, "case.onnx");
        OnnxExport.Write(model, path);
        foreach (int count in (int[])[1, 2, 5])
        {
            Tensor images = BatchCheck.Noise(count, ExportCases.Side, ExportCases.Side), expected = model.Forward(images);
            Tensor actual = OrtRun.Of(path, images, [])[output];
            Assert.Equal(expected.shape, actual.shape);
            Assert.Equal(expected.dtype, actual.dtype);
            (actual, expected) = (actual.to(float64), expected.to(float64));
            Assert.True(expected.isfinite().all().item<bool>() && expected.abs().max().item<double>() > 0);
            Assert.True((actual - expected).abs().max().item<double>() < Tolerance * expected.abs().max().item<double>(),
                $"{name}, {count} images: {(actual - expected).abs().max().item<double>() / expected.abs().max().item<double>():E1}");
        }
    }

    [Fact]
    public void Every_operation_has_a_case()
    {
        string[] covered = [.. ExportCases.All.Keys.Select(name => name.Split(' ')[0]).Distinct()];
        Assert.Empty(ExportLines.Names.Except(covered));
        Assert.Empty(covered.Except(ExportLines.Names));
        // What the catalogue has and is not written: docs/reference/networks.md names them. Grids are undone first.
        Assert.Equal(
            ["argsort", "atan2", "attention", "bitwise_and", "bitwise_not", "bitwise_or", "bitwise_xor", "cdist", "copysign", "cosine_similarity",
                "cummax", "cummin", "cumprod", "det", "diag_embed", "diagonal", "digamma", "erfinv", "fmax", "fmin", "fold", "grid", "i0", "index_add",
                "index_put", "inverse", "layer_norm_with_statistics", "lgamma", "logcumsumexp", "matrix_exp", "max_pool2d_with_indices",
                "meshgrid", "min_and_max", "nan_to_num", "nonzero", "sinc", "take_along_dim", "unfold", "ungrid", "windows", "xlogy"],
            Operators.All.Select(one => one.Name).Except(ExportLines.Names).Order(StringComparer.Ordinal));
    }

    /// <summary>
    /// Whole numbers are places in a dimension of three, below zero too; variances are positive, others about one and unlike each other.
    /// </summary>
    private static Tensor Fill(string key, Tensor weight) =>
        weight.dtype == int64 ? (arange(weight.numel()) * 2 % 5 - 2).reshape(weight.shape)
        : (key is "variance" or "bn.running_var") ? Samples.Normal(weight.shape, key, ScalarType.Float32).abs() + 0.5
        : Samples.Normal(weight.shape, key, ScalarType.Float32) * 0.7;
}
