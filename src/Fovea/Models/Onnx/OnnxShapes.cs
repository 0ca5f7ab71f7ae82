using Fovea.Models.Graph;
using TorchSharp;
using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>
/// The sizes that operations of the catalogue make of sizes, so that they are known before anything is calculated. Operations without a
/// rule here are asked for them by libtorch's tensors without numbers, and where it has none for them by a run on zeros: whatever makes
/// more numbers than it is given has a rule, or a short file could ask for any memory.
/// </summary>
internal static partial class OnnxShapes
{
    /// <summary>The most numbers that one value may have for the few images of a point.</summary>
    public const long MostNumbers = 1 << 28;

    private const long MostTried = 1 << 22;

    /// <summary>Operations on each number by itself, with numbers of several values brought to one shape.</summary>
    public static HashSet<string> Pointwise { get; } =
    [
        "relu", "relu6", "leaky_relu", "add", "sub", "rsub", "mul", "div", "floor_divide", "remainder", "pow", "maximum", "minimum",
        "identity", "to", "neg", "abs", "exp", "log", "sqrt", "rsqrt", "erf", "reciprocal", "sigmoid", "tanh", "silu", "gelu", "mish",
        "softplus", "hardswish", "hardsigmoid", "hardtanh", "elu", "clamp", "eq", "ne", "lt", "le", "gt", "ge", "logical_not", "where",
        "dropout", "fill", "isnan", "isinf", "logical_and", "logical_or", "logical_xor", "softsign", "shrink", "prelu_broadcast",
    ];

    private static readonly HashSet<string> OfTruth =
    [
        "eq", "ne", "lt", "le", "gt", "ge", "logical_not", "logical_and", "logical_or", "logical_xor", "isnan", "isinf",
    ];

    private static readonly HashSet<string> AsTheyCame = ["softmax", "log_softmax", "roll", "flip", "cumsum"];

    /// <summary>The sizes and types of what an operation makes.</summary>
    /// <exception cref="OnnxRefusedException">The sizes do not fit, or are larger than any network needs.</exception>
    public static (long[] Sizes, ScalarType Type)[] Of(
        string name, OperatorAttributes attributes, (long[] Sizes, ScalarType Type)?[] inputs, long images, Func<Tensor?[]> zeros)
    {
        ScalarType type = inputs.Length > 0 && inputs[0] is { } first ? first.Type : ScalarType.Float32;
        (long[], ScalarType)[] made;
        if (Rule(name, attributes, [.. inputs.Select(input => input?.Sizes)], images) is { } sizes)
        {
            if (OfTruth.Contains(name)) type = ScalarType.Bool;
            else if (name == "where") type = inputs[1]!.Value.Type;
            else if (name == "to") type = TypeOf(attributes);
            else if (name is "argmax" or "argmin") type = ScalarType.Int64;
            made = [(sizes, type)];
        }
        else
        {
            made = Asked(name, attributes, inputs, images) ?? Tried(name, attributes, inputs, images, zeros);
        }
        foreach (var (result, _) in made)
        {
            if (result.Any(size => size < 0) || result.Aggregate((Int128)1, (all, size) => all > MostNumbers ? all : all * size)
                > MostNumbers)
                throw new OnnxRefusedException($"it makes [{string.Join(", ", result)}], more numbers than any network needs");
        }
        return made;
    }

    /// <summary>The common shape of several, as NumPy and ONNX bring them to one.</summary>
    public static long[] Broadcast(IEnumerable<long[]?> shapes)
    {
        long[] all = [];
        foreach (long[]? shape in shapes)
        {
            if (shape is null) continue;
            long[] wide = shape.Length > all.Length ? [.. Enumerable.Repeat(1L, shape.Length - all.Length), .. all] : [.. all];
            for (int i = 1; i <= shape.Length; i++)
            {
                if (wide[^i] == 1) wide[^i] = shape[^i];
                else if (shape[^i] != 1 && shape[^i] != wide[^i])
                    throw new OnnxRefusedException(
                        $"values of [{string.Join(", ", all)}] and [{string.Join(", ", shape)}] do not fit each other");
            }
            all = wide;
        }
        return all;
    }

    private static long[]? Rule(string name, OperatorAttributes a, long[]?[] x, long images)
    {
        if (Pointwise.Contains(name)) return Broadcast(x);
        if (AsTheyCame.Contains(name)) return x[0];
        switch (name)
        {
            case "adaptive_avg_pool2d" or "adaptive_max_pool2d":
                long[] grid = a.Ints("grid", a.Int("size", 1), a.Int("size", 1));
                return [.. Images(x[0]!)[..2], grid[0], grid[1]];
            case "batch_norm":
                foreach (long[]? vector in x.Skip(1).Take(4)) Vector(vector, x[0]!.Length > 1 ? x[0]![1] : 0);
                return x[0];
            case "instance_norm":
                if (x[0]!.Length < 3) throw new OnnxRefusedException($"it normalises the channels of [{string.Join(", ", x[0]!)}]");
                foreach (long[]? vector in x.Skip(1).Take(2)) Vector(vector, x[0]![1]);
                return x[0];
            case "group_norm":
                Vector(x.ElementAtOrDefault(1), x[0]!.Length > 1 ? x[0]![1] : 0);
                Vector(x.ElementAtOrDefault(2), x[0]!.Length > 1 ? x[0]![1] : 0);
                if (a.Int("groups") < 1 || x[0]![1] % a.Int("groups") != 0)
                    throw new OnnxRefusedException($"{x[0]![1]} channels are not {a.Int("groups")} groups");
                return x[0];
            case "layer_norm":
                long[] last = a.Ints("shape");
                if (x[0]!.Length < last.Length || !x[0]!.AsSpan()[^last.Length..].SequenceEqual(last))
                    throw new OnnxRefusedException($"it normalises [{string.Join(", ", last)}] of [{string.Join(", ", x[0]!)}]");
                if (x.Skip(1).Any(vector => vector is not null && !vector.AsSpan().SequenceEqual(last)))
                    throw new OnnxRefusedException("its weights have other sizes");
                return x[0];
            case "prelu":
                if (x[1]!.Aggregate(1L, (all, size) => all * size) is var slopes && slopes != 1 && slopes != x[0]!.ElementAtOrDefault(1))
                    throw new OnnxRefusedException($"it has {slopes} slopes for [{string.Join(", ", x[0]!)}]");
                return x[0];
            case "linear":
                if (x[0]!.Length < 1 || x[1] is not [var outputs, var width] || x[0]![^1] != width)
                    throw new OnnxRefusedException(
                        $"weights [{string.Join(", ", x[1]!)}] do not fit a value of [{string.Join(", ", x[0]!)}]");
                Vector(x.ElementAtOrDefault(2), outputs);
                return [.. x[0]![..^1], outputs];
            case "matmul": return Product(x[0]!, x[1]!);
            case "scaled_dot_product_attention": return Attention(x);
            case "expand": return Broadcast([x[0], [.. new SizeList(a).For(images).Select(size => size == -1 ? 1 : size)]]);
            case "full": return new SizeList(a).For(images);
            case "index_select":
                long dim = a.Int("dim") < 0 ? a.Int("dim") + x[0]!.Length : a.Int("dim");
                if (dim < 0 || dim >= x[0]!.Length || x[1]!.Length > 1)
                    throw new OnnxRefusedException($"it takes of dimension {a.Int("dim")} of [{string.Join(", ", x[0]!)}]");
                return [.. x[0]![..(int)dim], x[1]!.Length == 0 ? 1 : x[1]![0], .. x[0]![((int)dim + 1)..]];
            default: return OverWindows(name, a, x) ?? OverPositions(name, a, x);
        }
    }

    private static long[] Product(long[] a, long[] b)
    {
        if (a.Length == 0 || b.Length == 0) throw Unfit();
        long[] left = a.Length == 1 ? [1, a[0]] : a, right = b.Length == 1 ? [b[0], 1] : b;
        if (left[^1] != right[^2]) throw Unfit();
        List<long> made = [.. Broadcast([left[..^2], right[..^2]])];
        if (a.Length > 1) made.Add(left[^2]);
        if (b.Length > 1) made.Add(right[^1]);
        return [.. made];

        OnnxRefusedException Unfit() =>
            new($"values of [{string.Join(", ", a)}] and [{string.Join(", ", b)}] have no matrix product");
    }

    private static long[] Attention(long[]?[] x)
    {
        long[] query = x[0]!, key = x[1]!, value = x[2]!;
        if (query.Length < 2 || key.Length < 2 || value.Length < 2 || query[^1] != key[^1] || key[^2] != value[^2])
            throw new OnnxRefusedException($"queries [{string.Join(", ", query)}], keys [{string.Join(", ", key)}] and values "
                + $"[{string.Join(", ", value)}] do not fit");
        return [.. Broadcast([query[..^2], key[..^2], value[..^2]]), query[^2], value[^1]];
    }

    private static long[] Images(long[] sizes) => sizes.Length == 4
        ? sizes : throw new OnnxRefusedException($"its input is [{string.Join(", ", sizes)}]: only values of images are read here");

    private static void Vector(long[]? sizes, long length)
    {
        if (sizes is not null && (sizes.Length != 1 || sizes[0] != length))
            throw new OnnxRefusedException($"a weight of it is [{string.Join(", ", sizes)}] where [{length}] is needed");
    }

    /// <summary>libtorch's own rules, for operations that change sizes and calculate nothing; null where it has none.</summary>
    private static (long[], ScalarType)[]? Asked(
        string name, OperatorAttributes attributes, (long[] Sizes, ScalarType Type)?[] inputs, long images)
    {
        using var scope = NewDisposeScope();
        var nowhere = new Device(DeviceType.META);
        Tensor?[] shapes = [.. inputs.Select(input => input is { } one ? empty(one.Sizes, dtype: one.Type, device: nowhere) : null)];
        return Run(name, attributes, shapes, images, out _);
    }

    private static (long[], ScalarType)[] Tried(
        string name, OperatorAttributes attributes, (long[] Sizes, ScalarType Type)?[] inputs, long images, Func<Tensor?[]> zeros)
    {
        using var scope = NewDisposeScope();
        if (inputs.Any(input => input is { } one && one.Sizes.Aggregate((Int128)1, (all, size) => all * Math.Max(1, size)) > MostTried))
            throw new OnnxRefusedException("it is given more numbers than any network needs");
        return Run(name, attributes, zeros(), images, out string why) ?? throw new OnnxRefusedException(why);
    }

    private static (long[], ScalarType)[]? Run(
        string name, OperatorAttributes attributes, Tensor?[] inputs, long images, out string why)
    {
        using var mode = new ForwardMode();
        why = "";
        try
        {
            var (one, many) = Operators.Get(name).Bind(attributes);
            var call = new OperatorCall(inputs, mode, -1, images);
            return [.. (one is not null ? [one(call)] : many!(call)).Select(made => (made.shape, made.dtype))];
        }
        catch (Exception e) when (!Shortage.Is(e))
        {
            why = e.Message.Split('\n')[0];
            return null;
        }
    }

    private static ScalarType TypeOf(OperatorAttributes attributes) =>
        Checkpoints.ElementTypes.TryParseTorch(attributes.Text("type", "float32"), out var type)
            ? Checkpoints.ElementTypes.ToScalarType(type) : throw new OnnxRefusedException("it makes numbers of no known type");
}
