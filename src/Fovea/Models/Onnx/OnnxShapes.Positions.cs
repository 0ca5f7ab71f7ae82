using Fovea.Models.Graph;

namespace Fovea.Models.Onnx;

/// <summary>Sizes of what operations make that read positions in another order, more of them, or one for many.</summary>
internal static partial class OnnxShapes
{
    private static long[]? OverPositions(string name, OperatorAttributes a, long[]?[] x)
    {
        switch (name)
        {
            case "take":
                int along = Dimension(a.Int("dim", 0), x[0]!);
                return [.. x[0]![..along], .. x[1]!, .. x[0]![(along + 1)..]];
            case "gather":
                if (x[1]!.Length != x[0]!.Length)
                    throw new OnnxRefusedException($"it reads [{string.Join(", ", x[0]!)}] at [{string.Join(", ", x[1]!)}]");
                return x[1];
            case "pad_by": return Bordered(a, x[0]!);
            case "resize":
                foreach (long axis in a.Ints("axes")) Dimension(axis, x[0]!);
                return OfOperation(() => Operators.Resizes(a, x[0]!)).Aggregate(x[0]!, (shape, one) => With(shape, one.Axis, one.Made));
            case "grid_sample":
                if (x[0] is not [var images, var channels, > 0, > 0] || x[1] is not [var grids, var height, var width, 2] || grids != images)
                    throw new OnnxRefusedException($"a grid of [{string.Join(", ", x[1]!)}] does not fit [{string.Join(", ", x[0]!)}]");
                return [images, channels, height, width];
            case "argmax" or "argmin": return Reduced([a.Int("dim", 0)], a.Flag("keepdim", false), x[0]!);
            case "l1_norm" or "logsumexp":
                return Reduced(a.Has("dims") ? a.Ints("dims") : [.. Enumerable.Range(0, x[0]!.Length)], a.Flag("keepdim", false), x[0]!);
            default: return null;
        }
    }

    private static long[] Bordered(OperatorAttributes a, long[] shape)
    {
        long[] before = a.Ints("before"), after = a.Ints("after");
        if (before.Length != after.Length || before.Length > shape.Length)
            throw new OnnxRefusedException($"it pads {before.Length} dimensions of [{string.Join(", ", shape)}]");
        OfOperation(() => Operators.Paddable(shape, Operators.Pads(before, after)));
        return [.. shape.Select((size, i) => i < before.Length ? before[i] + size + after[i] : size)];
    }

    /// <summary>What the operation itself says of sizes, or why it refuses them.</summary>
    private static T OfOperation<T>(Func<T> ask)
    {
        try
        {
            return ask();
        }
        catch (FoveaException e)
        {
            throw new OnnxRefusedException(e.Message);
        }
    }

    private static long[] Reduced(long[] dims, bool keep, long[] shape)
    {
        HashSet<int> gone = [.. dims.Select(dim => Dimension(dim, shape))];
        return keep ? [.. shape.Select((size, i) => gone.Contains(i) ? 1 : size)] : [.. shape.Where((_, i) => !gone.Contains(i))];
    }

    private static long[] With(long[] shape, int axis, long size)
    {
        long[] made = [.. shape];
        made[axis] = size;
        return made;
    }

    private static int Dimension(long dim, long[] shape)
    {
        long along = dim < 0 ? dim + shape.Length : dim;
        return along >= 0 && along < shape.Length ? (int)along
            : throw new OnnxRefusedException($"it goes along dimension {dim} of [{string.Join(", ", shape)}]");
    }
}
