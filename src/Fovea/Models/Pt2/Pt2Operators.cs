using Fovea.Models.Graph;
using Fovea.Models.Import;

namespace Fovea.Models.Pt2;

/// <summary>
/// PyTorch's operators in the catalogue's: a line for each, which says the catalogue's name and copies the arguments. What works in place
/// has the line of its twin that does not. An operator that only looks at its input's numbers in another way is marked as a view.
/// </summary>
internal static partial class Pt2Operators
{
    private static readonly Dictionary<string, Func<Pt2Call, Pt2Step>> Lines = new(StringComparer.Ordinal);

    static Pt2Operators()
    {
        AddLayers();
        AddNumbers();
        AddShapes();
        AddMakers();
        AddStatistics();
        AddResampling();
        AddComposed();
        AddAttention();
        AddSequences();
        AddProducts();
        AddWriting();
        AddOthers();
        AddRandom();
    }

    /// <summary>PyTorch's names of all of them.</summary>
    public static IReadOnlyCollection<string> Names => Lines.Keys;

    /// <summary>A step in the catalogue's terms; null where there is no line for it.</summary>
    /// <exception cref="Pt2RefusedException">The arguments ask for something that is not done.</exception>
    public static Pt2Step? Translate(Pt2Call call) =>
        call.Node.IsAten && Lines.TryGetValue(call.Node.Name, out var line) ? line(call) : null;

    private static void AddLayers()
    {
        Lines["conv2d"] = c => Convolution(c, c.Argument("padding") is Pt2Argument.Text);
        // The decomposed form of all of them: lines and solids have other weights.
        Lines["convolution"] = c => (c.Flag("transposed", false) ? "conv_transpose" : "conv", c.Tensor("weight").Shape?.Count) switch
        {
            (var kind, 3) => Lines[kind + "1d"](c),
            ("conv", 5) => Lines["conv3d"](c),
            ("conv", _) => Convolution(c, false),
            _ => Transposed(c, "input"),
        };
        Lines["batch_norm"] = Normalisation;
        Lines["_native_batch_norm_legit"] = Normalisation;
        Lines["_native_batch_norm_legit_no_training"] = Normalisation;
        Lines["_native_batch_norm_legit_functional"] = Normalisation;
        Lines["layer_norm"] = Lines["native_layer_norm"] = c =>
            new("layer_norm", new() { ["shape"] = c.Ints("normalized_shape"), ["eps"] = c.Number("eps", 1e-5) },
                [c.Tensor("input"), c.Optional("weight"), c.Optional("bias")]);
        Lines["group_norm"] = c =>
            new("group_norm", new() { ["groups"] = c.Int("num_groups", 1), ["eps"] = c.Number("eps", 1e-5) },
                [c.Tensor("input"), c.Optional("weight"), c.Optional("bias")]);
        Lines["native_group_norm"] = c =>
            new("group_norm", new() { ["groups"] = c.Int("group", 1), ["eps"] = c.Number("eps", 1e-5) },
                [c.Tensor("input"), c.Optional("weight"), c.Optional("bias")]);
        // With running statistics it is batch normalisation's evaluation.
        Lines["instance_norm"] = c => c.Flag("use_input_stats", true)
            ? new("instance_norm", new() { ["eps"] = c.Number("eps", 1e-5) }, [c.Tensor("input"), c.Optional("weight"), c.Optional("bias")])
            : Normalisation(c);
        // PyTorch's default: the smallest step above 1 of single precision.
        Lines["rms_norm"] = c => new("rms_norm",
            new() { ["count"] = (long)c.Ints("normalized_shape").Length, ["eps"] = c.Number("eps", MathF.BitIncrement(1) - 1) },
            [c.Tensor("input"), c.Optional("weight")]);
        Lines["_weight_norm"] = c => c.Tensor("v").Shape is { Count: var rank } && c.Int("dim", 0) is var dim && dim >= 0 && dim < rank
            ? new("weight_norm", new() { ["dim"] = dim }, [c.Tensor("v"), c.Tensor("g")])
            : throw new Pt2RefusedException("it normalises a whole weight");
        Lines["embedding"] = c => new("take", new() { ["dim"] = 0L }, [c.Tensor("weight"), c.Tensor("indices")]);
        Lines["linear"] = c => new("linear", OperatorAttributes.None, [c.Tensor("input"), c.Tensor("weight"), c.Optional("bias")]);
        Lines["addmm"] = c => Plain(c, "beta", "alpha") && TransposeOf(c.Tensor("mat2")) is { } weight
            ? new("linear", OperatorAttributes.None, [c.Tensor("mat1"), weight, c.Tensor("self")])
            : Plain(c, "beta", "alpha") ? new("addmm", OperatorAttributes.None, [c.Tensor("self"), c.Tensor("mat1"), c.Tensor("mat2")])
            : Sum(c, c.Before("matmul", OperatorAttributes.None, c.Tensor("mat1"), c.Tensor("mat2")));
        Lines["mm"] = c => TransposeOf(c.Tensor("mat2")) is { } weight
            ? new("linear", OperatorAttributes.None, [c.Tensor("self"), weight, null])
            : new("matmul", OperatorAttributes.None, [c.Tensor("self"), c.Tensor("mat2")]);
        Lines["bmm"] = c => new("matmul", OperatorAttributes.None, [c.Tensor("self"), c.Tensor("mat2")]);
        Lines["mv"] = c => new("matmul", OperatorAttributes.None, [c.Tensor("self"), c.Tensor("vec")]);
        Lines["dot"] = c => new("matmul", OperatorAttributes.None, [c.Tensor("self"), c.Tensor("tensor")]);
        Lines["vdot"] = c => new("matmul", OperatorAttributes.None, [c.Tensor("self"), c.Tensor("other")]);
        Lines["matmul"] = c => new("matmul", OperatorAttributes.None, [c.Tensor("self"), c.Tensor("other")]);
        Lines["einsum"] = c => new("einsum", new() { ["equation"] = c.Text("equation", "") }, c.Tensors("tensors"));
        Lines["scaled_dot_product_attention"] = c =>
        {
            bool groups = c.Flag("enable_gqa", false);
            return new("scaled_dot_product_attention",
                new() { ["causal"] = c.Flag("is_causal", false), ["scale"] = c.Number("scale", 0) },
                [c.Tensor("query"), groups ? Repeated(c, "key") : c.Tensor("key"), groups ? Repeated(c, "value") : c.Tensor("value"),
                    c.Optional("attn_mask")]);
        };
        Lines["max_pool2d"] = Lines["max_pool2d_with_indices"] = c => new("max_pool2d", Windows(c, new()
        {
            ["padding"] = c.Pair("padding", 0, 0),
            ["dilation"] = c.Pair("dilation", 1, 1),
            ["ceil"] = c.Flag("ceil_mode", false),
        }), [c.Tensor("self")]);
        Lines["avg_pool2d"] = Averages;
        Lines["adaptive_avg_pool2d"] = Lines["_adaptive_avg_pool2d"] = c => c.Pair("output_size") is [var height, var width]
            && height == width
            ? new("adaptive_avg_pool2d", new() { ["size"] = height }, [c.Tensor("self")])
            : new("adaptive_avg_pool2d", new() { ["grid"] = c.Pair("output_size") }, [c.Tensor("self")]);
        Lines["adaptive_max_pool2d"] = c => new("adaptive_max_pool2d", new() { ["grid"] = c.Pair("output_size") }, [c.Tensor("self")]);
        // What drops in training hands its input on in evaluation: the same numbers, seen under two names.
        Lines["dropout"] = c => new("dropout", new() { ["p"] = c.Number("p", 0.5) }, [c.Tensor(Given(c))], View: true);
        Lines["native_dropout"] = c => new("dropout", new() { ["p"] = c.Number("p", 0.5) }, [c.Tensor("input")]);
        Lines["feature_dropout"] = Lines["alpha_dropout"] = Lines["feature_alpha_dropout"] = c => c.Number("p", 0.5) is >= 0
            ? new("identity", OperatorAttributes.None, [c.Tensor(Given(c))], View: true) : throw new Pt2RefusedException("its share is below 0");
    }

    /// <summary>Means of windows; with a divisor of its own, their sums (the means by the kernel's size, padding counted) over it.</summary>
    private static Pt2Step Averages(Pt2Call c)
    {
        bool divided = c.Has("divisor_override"), ceil = c.Flag("ceil_mode", false), padded = c.Flag("count_include_pad", true);
        if (divided && ceil) throw new Pt2RefusedException("it divides by a number of its own, and its last windows may lie outside (ceil_mode)");
        OperatorAttributes attributes = Windows(c, new()
        {
            ["padding"] = c.Pair("padding", 0, 0),
            ["ceil"] = ceil,
            ["count_include_pad"] = divided || padded,
        });
        if (!divided) return new("avg_pool2d", attributes, [c.Tensor("self")]);
        long[] kernel = attributes.Ints("kernel");
        double divisor = c.Number("divisor_override", 1);
        if (divisor == 0) throw new Pt2RefusedException("it divides by 0");
        return new("mul", new() { ["scalar"] = kernel[0] * kernel[1] / divisor }, [c.Before("avg_pool2d", attributes, c.Tensor("self"))]);
    }

    /// <summary>Dropout's argument has another name where it works in place.</summary>
    private static string Given(Pt2Call c) => c.Has("input") ? "input" : "self";

    private static Pt2Step Convolution(Pt2Call c, bool named)
    {
        Pt2Slot weight = c.Tensor("weight");
        if (weight.Shape is [{ Length: null }, _, _, _])
            throw new Pt2RefusedException("it has as many kernels as the number of images says" + ImportedTrial.ExportForOne);
        if (weight.Shape is not [{ Length: > 0 }, { Length: > 0 }, { Length: { } height }, { Length: { } width }])
            throw new Pt2RefusedException("its weight has no four sizes: only convolutions of images are read");
        long[] dilation = c.Pair("dilation", 1, 1), padding = [0, 0];
        Pt2Slot input = c.Tensor("input");
        if (!named) padding = c.Pair("padding", 0, 0);
        else if (c.Text("padding", "") == "same")
        {
            long[] around = [dilation[0] * (height - 1), dilation[1] * (width - 1)];
            padding = [around[0] / 2, around[1] / 2];
            // Where it is odd the end gets one more.
            if (around.Any(one => one % 2 != 0)) input = OneMore(c, input, around[1] % 2, around[0] % 2);
        }
        long[] kernel = [height, width], stride = c.Pair("stride", 1, 1);
        Follow(c, input, SpatialReach.Window(kernel, stride, padding, dilation));
        return new("conv2d", new()
        {
            ["kernel"] = kernel,
            ["stride"] = stride,
            ["padding"] = padding,
            ["dilation"] = dilation,
            ["groups"] = c.Int("groups", 1),
        }, [input, weight, c.Optional("bias")]);
    }

    private static Pt2Slot OneMore(Pt2Call c, Pt2Slot input, long columns, long rows)
    {
        if (input.Shape is not [var images, var channels, { Length: { } height }, { Length: { } width }])
            throw new Pt2RefusedException("its padding 'same' differs on the two sides of an image whose size is not fixed");
        Pt2Slot padded = c.Before("pad", new() { ["pads"] = new long[] { 0, columns, 0, rows }, ["value"] = 0.0 }, input);
        return new Pt2Slot(padded.Value, shape: [images, channels, new(height + rows, "", null), new(width + columns, "", null)]);
    }

    /// <summary>
    /// With the running statistics, also where the network was exported in training mode: then its evaluation is what is run.
    /// </summary>
    private static Pt2Step Normalisation(Pt2Call c)
    {
        if (!c.Has("running_mean") || !c.Has("running_var")) return OwnStatistics(c);
        return new("batch_norm", new() { ["eps"] = c.Number("eps", 1e-5) },
            [c.Tensor("input"), c.Optional("weight"), c.Optional("bias"), c.Tensor("running_mean"), c.Tensor("running_var")]);
    }

    /// <summary>
    /// By each channel's own mean and variance: of weights (those that are standardised), and of a single row, as the exporter writes the
    /// normalisation of each image by itself.
    /// </summary>
    private static Pt2Step OwnStatistics(Pt2Call c)
    {
        Pt2Slot input = c.Tensor("input");
        if (input.Shape is not { Count: > 1 and var rank } || (input.Value is Pt2Value.InGraph { OfImages: true } && input.Shape[0].Length != 1))
            throw new Pt2RefusedException("it has no running statistics, so an image's answer would depend on the others of its batch");
        if (!c.Flag("training", true)) throw new Pt2RefusedException("it has no running statistics, and none are asked for");
        long[] dims = [.. Enumerable.Range(0, rank).Where(dim => dim != 1).Select(dim => (long)dim)];
        OperatorAttributes over = new() { ["dims"] = dims, ["keepdim"] = true };
        Pt2Slot centred = Of(c, "sub", input, c.Before("mean", over, input));
        Pt2Slot variance = c.Before("variance", new() { ["dims"] = dims, ["keepdim"] = true, ["correction"] = 0.0 }, input);
        Pt2Slot made = Of(c, "mul", centred, Of(c, "rsqrt", c.Before("add", new() { ["scalar"] = c.Number("eps", 1e-5) }, variance)));
        foreach (var (name, operation) in ((string, string)[])[("weight", "mul"), ("bias", "add")])
        {
            if (c.Optional(name) is not { } scale) continue;
            made = Of(c, operation, made, c.Before("unflatten", new() { ["dim"] = 0L, ["shape"] = (long[])[-1, .. Enumerable.Repeat(1L, rank - 2)] }, scale));
        }
        return new("identity", OperatorAttributes.None, [made]);
    }

    private static OperatorAttributes Windows(Pt2Call c, OperatorAttributes attributes)
    {
        long[] kernel = c.Pair("kernel_size");
        attributes["kernel"] = kernel;
        attributes["stride"] = c.Pair("stride", kernel);
        Follow(c, c.Tensor("self"),
            SpatialReach.Window(
                kernel, attributes.Ints("stride"), attributes.Ints("padding"), attributes.Has("dilation")
                    ? attributes.Ints("dilation") : [1],
            attributes.Flag("ceil", false)));
        return attributes;
    }

    /// <summary>Windows must make the sizes that the file says: one that lies about them could ask for any memory.</summary>
    private static void Follow(Pt2Call c, Pt2Slot input, SpatialReach reach)
    {
        if (reach is not SpatialReach.WindowOf { Rows: var rows, Columns: var columns } || rows.Stride < 1 || columns.Stride < 1
            || rows.Size < 1 || columns.Size < 1)
            throw new Pt2RefusedException("its windows have no size or do not move");
        if (input.Shape is not [_, _, var height, var width]) throw new Pt2RefusedException("its input has not the four sizes of images");
        if (c.OutputShape is not [_, _, var made, var across]) throw new Pt2RefusedException("its output has not the four sizes of images");
        if (Wrong(height, made, rows) || Wrong(width, across, columns))
            throw new Pt2RefusedException("its windows do not make the sizes that the file says");

        static bool Wrong(Pt2Size before, Pt2Size after, SpatialReach.AxisWindow window) =>
            before.Length is { } positions && after.Length is { } count
            && (positions is < 1 or > 1 << 20 || window.Count((int)positions) != count);
    }

    private static Pt2Slot? TransposeOf(Pt2Slot slot) => (slot.Value as Pt2Value.InGraph)?.TransposeOf;

    private static bool Plain(Pt2Call c, params string[] factors) => factors.All(factor => c.Number(factor, 1) == 1);
}
