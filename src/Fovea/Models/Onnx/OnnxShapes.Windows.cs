using Fovea.Models.Graph;

namespace Fovea.Models.Onnx;

/// <summary>Sizes of what operations over windows make.</summary>
internal static partial class OnnxShapes
{
    private const long MostPositions = 1 << 20;

    private static long[]? OverWindows(string name, OperatorAttributes a, long[]?[] x) => name switch
    {
        "conv1d" => Convolution(a, x, 1),
        "conv2d" => Convolution(a, x, 2),
        "conv3d" => Convolution(a, x, 3),
        "conv_transpose1d" => Transposed(a, x, 1),
        "conv_transpose2d" => Transposed(a, x, 2),
        "conv_transpose3d" => Transposed(a, x, 3),
        "max_pool2d" or "avg_pool2d" => Windows(a, x[0]!, 2),
        "max_pool3d" => Windows(a, x[0]!, 3),
        "avg_pool_uneven" or "lp_pool" => Windows(a, x[0]!, a.Ints("kernel").Length),
        _ => null,
    };

    private static long[] Convolution(OperatorAttributes a, long[]?[] x, int rank)
    {
        (long[] input, long[] weight) = Weighted(x, rank);
        long groups = a.Int("groups", 1);
        if (groups < 1 || weight[1] * groups != input[1] || weight[0] % groups != 0
            || a.Has("kernel") && !a.Ints("kernel").AsSpan().SequenceEqual(weight.AsSpan(2))) throw Unfit(weight, groups, input);
        Vector(x.ElementAtOrDefault(2), weight[0]);
        return [input[0], weight[0], .. Enumerable.Range(0, rank).Select(i => Along(a, rank, i, input[i + 2], weight[i + 2]))];
    }

    // Dumoulin and Visin 2016, relationship 14, with positions between the inputs and more of them at the end.
    private static long[] Transposed(OperatorAttributes a, long[]?[] x, int rank)
    {
        (long[] input, long[] weight) = Weighted(x, rank);
        long groups = a.Int("groups", 1);
        if (groups < 1 || weight[0] != input[1] || weight[0] % groups != 0) throw Unfit(weight, groups, input);
        Vector(x.ElementAtOrDefault(2), weight[1] * groups);
        return [input[0], weight[1] * groups, .. Enumerable.Range(0, rank).Select(Made)];

        long Made(int i)
        {
            long stride = Of(a, "stride", rank, i, 1), dilation = Of(a, "dilation", rank, i, 1), padding = Of(a, "padding", rank, i, 0);
            long more = Of(a, "output_padding", rank, i, 0);
            if (input[i + 2] is < 1 or > MostPositions || stride is < 1 or > MostPositions || dilation is < 1 or > MostPositions
                || padding is < 0 or > MostPositions || more is < 0 or > MostPositions || weight[i + 2] > MostPositions)
                throw new OnnxRefusedException($"its windows do not move, or lie on {input[i + 2]} positions");
            return (input[i + 2] - 1) * stride - 2 * padding + dilation * (weight[i + 2] - 1) + more + 1;
        }
    }

    private static long[] Windows(OperatorAttributes a, long[] input, int rank)
    {
        if (rank is < 1 or > 3 || input.Length != rank + 2)
            throw new OnnxRefusedException($"its windows have {rank} dimensions, and its input is [{string.Join(", ", input)}]");
        return [input[0], input[1], .. Enumerable.Range(0, rank).Select(i => Along(a, rank, i, input[i + 2], Of(a, "kernel", rank, i, 1)))];
    }

    private static long Along(OperatorAttributes a, int rank, int i, long positions, long size)
    {
        long fallback = !a.Has("stride") && a.Has("kernel") ? size : 1;
        long stride = Of(a, "stride", rank, i, fallback), dilation = Of(a, "dilation", rank, i, 1), padding = Of(a, "padding", rank, i, 0);
        long end = Of(a, "end", rank, i, padding);
        if (positions is < 1 or > MostPositions || size is < 1 or > MostPositions || stride is < 1 or > MostPositions
            || dilation is < 1 or > MostPositions || padding is < 0 or > MostPositions || end is < 0 or > MostPositions)
            throw new OnnxRefusedException($"its windows have no size, do not move, or lie on {positions} positions");
        bool ceil = a.Flag("ceil", false);
        if (!ceil && positions + padding + end < (size - 1) * dilation + 1)
            throw new OnnxRefusedException($"its windows of {(size - 1) * dilation + 1} are larger than the {positions} positions that they lie on");
        return SpatialReach.AxisWindow.Count(positions, size, stride, padding, end, dilation, ceil);
    }

    private static (long[] Input, long[] Weight) Weighted(long[]?[] x, int rank)
    {
        (long[] input, long[] weight) = (x[0]!, x[1]!);
        return input.Length == rank + 2 && weight.Length == rank + 2 && weight.All(size => size > 0) ? (input, weight)
            : throw Unfit(weight, 1, input);
    }

    private static OnnxRefusedException Unfit(long[] weight, long groups, long[] input) =>
        new($"weights [{string.Join(", ", weight)}] in {groups} groups do not fit a value of [{string.Join(", ", input)}]");

    private static long Of(OperatorAttributes a, string name, int rank, int i, long fallback)
    {
        if (!a.Has(name)) return fallback;
        long[] given = a.Ints(name);
        return given.Length == rank ? given[i]
            : throw new OnnxRefusedException($"it has {given.Length} numbers for '{name}' where {rank} are needed");
    }
}
