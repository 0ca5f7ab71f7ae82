using Fovea.Models.Graph;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models;

/// <summary>Derivatives of the catalogue's operations against central differences, in double precision.</summary>
public sealed class OperatorGradientTests
{
    private static readonly Dictionary<string, (OperatorAttributes Attributes, long[][] Inputs)> Samples = new()
    {
        ["acos"] = (OperatorAttributes.None, [[2, 3]]),
        ["asinh"] = (OperatorAttributes.None, [[2, 3]]),
        ["tan"] = (OperatorAttributes.None, [[2, 3]]),
        ["softsign"] = (OperatorAttributes.None, [[2, 3]]),
        ["selu"] = (OperatorAttributes.None, [[2, 3]]),
        ["celu"] = (new() { ["alpha"] = 2.0 }, [[2, 3]]),
        ["threshold"] = (new() { ["threshold"] = -0.2 }, [[2, 3]]),
        ["shrink"] = (new() { ["lambda"] = 0.1, ["bias"] = 0.05 }, [[2, 3]]),
        ["hardsigmoid"] = (new() { ["alpha"] = 0.3, ["beta"] = 0.4 }, [[2, 3]]),
        ["prelu_broadcast"] = (OperatorAttributes.None, [[2, 3, 4], [3, 1]]),
        ["sum_of"] = (OperatorAttributes.None, [[2, 3], [3], [2, 1]]),
        ["maximum_of"] = (OperatorAttributes.None, [[2, 3], [3], [2, 1]]),
        ["conv1d"] = (new() { ["kernel"] = Two(3)[..1], ["padding"] = Two(1)[..1] }, [[1, 2, 6], [2, 2, 3], [2]]),
        ["conv_transpose2d"] = (
            new() { ["kernel"] = Two(3), ["stride"] = Two(2), ["padding"] = Two(1), ["output_padding"] = Two(1) },
            [[1, 2, 3, 4], [2, 3, 3, 3], [3]]),
        ["avg_pool_uneven"] = (
            new() { ["kernel"] = Two(3), ["stride"] = Two(2), ["padding"] = Two(1), ["end"] = Two(0), ["count_include_pad"] = false },
            [[1, 2, 6, 7]]),
        ["lp_pool"] = (new() { ["kernel"] = Two(2), ["p"] = 3.0 }, [[1, 2, 4, 4]]),
        ["instance_norm"] = (OperatorAttributes.None, [[2, 3, 4, 4], [3], [3]]),
        ["layer_norm_with_statistics"] = (new() { ["count"] = 2 }, [[2, 3, 4], [3, 4], [3, 4]]),
        ["rms_norm"] = (new() { ["count"] = 1 }, [[2, 3, 4], [4]]),
        ["local_response_norm"] = (new() { ["before"] = 1, ["after"] = 2, ["alpha"] = 0.5 }, [[1, 5, 3, 3]]),
        ["standardise"] = (new() { ["dims"] = new long[] { 1, 2 } }, [[2, 3, 4]]),
        ["normalise"] = (new() { ["dim"] = 1 }, [[2, 3, 4]]),
        ["attention"] = (new() { ["causal"] = true, ["past"] = 1 }, [[1, 4, 3, 5], [1, 2, 4, 5], [1, 2, 4, 6], [3, 4]]),
        ["prod"] = (new() { ["dims"] = new long[] { 1, 2 } }, [[2, 3, 2]]),
        ["logsumexp"] = (new() { ["dims"] = new long[] { 0, 2 }, ["keepdim"] = true }, [[2, 3, 2]]),
        ["l2_norm"] = (new() { ["dims"] = new long[] { 1 } }, [[2, 3]]),
        ["sum_square"] = (OperatorAttributes.None, [[2, 3]]),
        ["cumsum"] = (new() { ["dim"] = 1, ["exclusive"] = true, ["reverse"] = true }, [[2, 4]]),
        ["topk"] = (new() { ["count"] = 2 }, [[2, 5]]),
        ["pad_by"] = (
            new() { ["before"] = new long[] { 0, 0, 2, 1 }, ["after"] = new long[] { 0, 0, 1, 2 }, ["mode"] = "reflect" }, [[1, 2, 4, 4]]),
        ["broadcast"] = (new() { ["shape"] = new long[] { 2, 1, 4 } }, [[3, 1]]),
        ["depth_to_space"] = (new() { ["block"] = 2 }, [[1, 8, 2, 2]]),
        ["space_to_depth"] = (new() { ["block"] = 2 }, [[1, 2, 4, 4]]),
        ["slice"] = (new() { ["dim"] = 1, ["start"] = -1, ["end"] = long.MinValue, ["step"] = -2 }, [[2, 5]]),
        ["resize"] = (new()
        {
            ["axes"] = new long[] { 2, 3 },
            ["sizes"] = new long[] { 3, 9 },
            ["mode"] = "cubic",
            ["antialias"] = true,
        }, [[1, 2, 5, 4]]),
        ["resize nearest"] = (
            new() { ["axes"] = new long[] { 2, 3 }, ["sizes"] = new long[] { 3, 9 }, ["mode"] = "nearest" }, [[1, 2, 5, 4]]),
        ["grid_sample"] = (new() { ["padding"] = "border" }, [[1, 2, 4, 4], [1, 3, 3, 2]]),
    };

    public static TheoryData<string> Names => [.. Samples.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_derivative_is_the_limit_of_differences(string name)
    {
        using var scope = NewDisposeScope();
        using var mode = new ForwardMode();
        var (attributes, shapes) = Samples[name];
        var (one, many) = Operators.Get(name.Split(' ')[0]).Bind(attributes);
        random.manual_seed(1);
        Tensor[] inputs = [.. shapes.Select(shape => (rand(shape, dtype: float64) - 0.5).requires_grad_())];
        Tensor weights = randn(Run(inputs).shape, dtype: float64);
        (Run(inputs) * weights).sum().backward();
        double moved = 0;
        foreach (Tensor input in inputs)
        {
            Tensor direction = randn(input.shape, dtype: float64), gradient = input.grad
                ?? throw new InvalidOperationException($"{name} hands no derivative to an input of [{string.Join(", ", input.shape)}].");
            const double step = 1e-6;
            using var quiet = no_grad();
            double difference = (At(step) - At(-step)) / (2 * step), expected = (gradient * direction).sum().item<double>();
            Assert.True(Math.Abs(difference - expected) < 1e-6 * Math.Max(1, Math.Abs(expected)), $"{name}: {expected} and {difference}");
            moved += Math.Abs(expected);

            double At(double far)
            {
                Tensor[] there = [.. inputs.Select(other => ReferenceEquals(other, input) ? other + direction * far : other)];
                return (Run(there) * weights).sum().item<double>();
            }
        }
        Assert.True(moved > 0);

        Tensor Run(Tensor[] given)
        {
            var call = new OperatorCall(given, mode, 0, 1);
            return one is not null ? one(call) : many!(call)[0];
        }
    }

    private static long[] Two(long size) => [size, size];
}
