using Fovea.Checkpoints;
using Fovea.Models.Graph;

namespace Fovea.Models.Pt2;

/// <summary>Operators that reorder, cut and join, and those that make tensors from nothing.</summary>
internal static partial class Pt2Operators
{
    private static void AddShapes()
    {
        // A view shows the same numbers or there is none; a reshape may copy them.
        Lines["view"] = c => Reshape(c, "size") with { IsSure = true };
        Lines["_unsafe_view"] = c => Reshape(c, "size");
        Lines["reshape"] = c => Reshape(c, "shape");
        Lines["flatten"] = c =>
            new("flatten", new() { ["start"] = c.Int("start_dim", 0), ["end"] = c.Int("end_dim", -1) }, [c.Tensor("self")], View: true);
        Lines["unflatten"] = c =>
        {
            var attributes = new OperatorAttributes { ["dim"] = c.Int("dim", 0) };
            c.Sizes("sizes", attributes, null, fill: true);
            return new("unflatten", attributes, [c.Tensor("self")], View: true) { IsSure = true };
        };
        Lines["permute"] = c => Permuted(c, c.Ints("dims"));
        Lines["t"] = c => Permuted(c, 1, 0);
        Lines["transpose"] = c =>
            new("transpose", new() { ["dim0"] = c.Int("dim0", 0), ["dim1"] = c.Int("dim1", 1) }, [c.Tensor("self")], View: true)
            {
                TransposeOf = c.Tensor("self") is { Shape.Count: 2 } matrix ? matrix : null,
            };
        Lines["swapaxes"] = c =>
            new("transpose", new() { ["dim0"] = c.Int("axis0", 0), ["dim1"] = c.Int("axis1", 1) }, [c.Tensor("self")], View: true);
        foreach (string turned in (string[])["mT", "mH", "adjoint"])
            Lines[turned] = c => new("transpose", new() { ["dim0"] = -2L, ["dim1"] = -1L }, [c.Tensor("self")], View: true);
        Lines["expand"] = c =>
        {
            var attributes = new OperatorAttributes();
            c.Sizes("size", attributes, c.Tensor("self"), fill: false);
            return new("expand", attributes, [c.Tensor("self")], View: true);
        };
        Lines["broadcast_to"] = Lines["expand"];
        Lines["repeat"] = c =>
        {
            var attributes = new OperatorAttributes();
            c.Sizes("repeats", attributes, null, fill: false);
            return new("repeat", attributes, [c.Tensor("self")]);
        };
        // What the exporter writes of a mean over the positions of images with channels last: numbers in a row, said once more.
        Lines["as_strided"] = c =>
        {
            Pt2Slot self = c.Tensor("self");
            bool row = self.Shape is [_, { Length: { } channels }, { Length: 1 }, { Length: 1 }] && c.Int("storage_offset", 0) == 0
                && c.Argument("size") is Pt2Argument.Sizes { Items: [_, (var second, null), (1, null), (1, null)] } && second == channels
                && c.Argument("stride") is Pt2Argument.Sizes { Items: [(var between, null), (1, null), _, _] } && between == channels;
            return row ? new("identity", OperatorAttributes.None, [self], View: true) { IsSure = true }
                : throw new Pt2RefusedException("it sees numbers as they lie in memory, which is not known here");
        };
        Lines["unsqueeze"] = c => new("unsqueeze", new() { ["dim"] = c.Int("dim", 0) }, [c.Tensor("self")], View: true);
        Lines["squeeze"] = c => new("squeeze", new() { ["dims"] = c.Has("dim") ? c.Ints("dim") : Ones(c) }, [c.Tensor("self")], View: true);
        Lines["select"] = c =>
            new("select", new() { ["dim"] = c.Int("dim", 0), ["index"] = c.Int("index", 0) }, [c.Tensor("self")], View: true);
        Lines["slice"] = c => new("slice",
            new()
            {
                ["dim"] = c.Int("dim", 0),
                ["start"] = c.Int("start", 0),
                ["end"] = c.Int("end", long.MaxValue),
                ["step"] = c.Int("step", 1)
            }, [c.Tensor("self")], View: true);
        Lines["narrow"] = c => new("slice",
            new() { ["dim"] = c.Int("dim", 0), ["start"] = c.Int("start", 0), ["end"] = c.Int("start", 0) + c.Int("length", 0) },
                [c.Tensor("self")], View: true);
        Lines["index"] = c => new("index", OperatorAttributes.None, [c.Tensor("self"), .. c.Tensors("indices")]);
        Lines["index_select"] = c => new("index_select", new() { ["dim"] = c.Int("dim", 0) }, [c.Tensor("self"), c.Tensor("index")]);
        Lines["roll"] = c => new("roll", new() { ["shifts"] = c.Ints("shifts"), ["dims"] = c.Ints("dims") }, [c.Tensor("self")]);
        Lines["flip"] = c => new("flip", new() { ["dims"] = c.Ints("dims") }, [c.Tensor("self")]);
        Lines["pad"] = c => c.Text("mode", "constant") == "constant" ? Padded(c) : Continued(c, c.Text("mode", ""));
        Lines["reflection_pad2d"] = c => Continued(c, "reflect");
        Lines["replication_pad2d"] = c => Continued(c, "replicate");
        Lines["expand_as"] = c => new("expand_as", OperatorAttributes.None, [c.Tensor("self"), c.Tensor("other")], View: true);
        Lines["reshape_as"] = c => new("reshape_as", OperatorAttributes.None, [c.Tensor("self"), c.Tensor("other")], View: true);
        Lines["view_as"] = c => Lines["reshape_as"](c) with { IsSure = true };
        Lines["type_as"] = c => Typed(c, c.TypeOf("other") ?? throw new Pt2RefusedException("the file says no type that it makes numbers of"));
        Lines["gather"] = c => new("gather", new() { ["dim"] = c.Int("dim", 0) }, [c.Tensor("self"), c.Tensor("index")]);
        foreach (string name in (string[])["movedim", "moveaxis"])
            Lines[name] = c => Moved(c, c.Ints("source"), c.Ints("destination"));
        Lines["swapdims"] = c =>
            new("transpose", new() { ["dim0"] = c.Int("dim0", 0), ["dim1"] = c.Int("dim1", 1) }, [c.Tensor("self")], View: true);
        Lines["tril"] = c => new("tril", new() { ["diagonal"] = c.Int("diagonal", 0) }, [c.Tensor("self")]);
        Lines["triu"] = c => new("triu", new() { ["diagonal"] = c.Int("diagonal", 0) }, [c.Tensor("self")]);
        Lines["constant_pad_nd"] = Padded;
        Lines["cat"] = Lines["concat"] = c => new("cat", new() { ["dim"] = c.Int("dim", 0) }, c.Tensors("tensors"));
        Lines["stack"] = c => new("stack", new() { ["dim"] = c.Int("dim", 0) }, c.Tensors("tensors"));
        Lines["chunk"] = c =>
            new("chunk", new() { ["chunks"] = c.Int("chunks", 1), ["dim"] = c.Int("dim", 0) }, [c.Tensor("self")], View: true);
        Lines["split"] = c =>
            new("split", new() { ["sizes"] = c.Ints(c.Has("split_size") ? "split_size" : "split_sizes"), ["dim"] = c.Int("dim", 0) },
                [c.Tensor("self")], View: true);
        Lines["split_with_sizes"] = c => c.Ints("split_sizes") is { Length: > 1 } sizes
            ? new("split", new() { ["sizes"] = sizes, ["dim"] = c.Int("dim", 0) }, [c.Tensor("self")], View: true)
                : throw new Pt2RefusedException("it splits into one");
        Lines["unbind"] = c => new("unbind", new() { ["dim"] = c.Int("dim", 0) }, [c.Tensor("self")], View: true);
        Lines["pixel_shuffle"] = c => new("pixel_shuffle", new() { ["factor"] = c.Int("upscale_factor", 1) }, [c.Tensor("self")]);
        Lines["contiguous"] = c => new("identity", OperatorAttributes.None, [c.Tensor("self")], View: true);
        foreach (string same in (string[])["detach", "alias"])
            Lines[same] = c => new("identity", OperatorAttributes.None, [c.Tensor("self")], View: true) { IsSure = true };
        foreach (string copy in (string[])["clone", "lift_fresh_copy", "lift_fresh"])
            Lines[copy] = c => new("identity", OperatorAttributes.None, [c.Tensor("self")]);
        Lines["to"] = c => Typed(c, c.Has("other") ? c.TypeOf("other") : c.Argument("dtype") is Pt2Argument.Type type ? Numbers(type.Number) : null);
        Lines["_to_copy"] = c => Lines["to"](c) with { View = false, IsSure = false };
    }

    /// <summary>A value as another type of numbers; null: its own. Of its own type it is the value itself where no copy is asked for, and
    /// no order in memory, of which a file does not say whether it is another.</summary>
    private static Pt2Step Typed(Pt2Call c, ElementType? type)
    {
        bool copy = c.Flag("copy", false), ordered = c.Argument("memory_format") is not null;
        ElementType? own = c.TypeOf("self");
        bool same = type is null || own == type, view = !copy && (same || own is null);
        Pt2Step step = type is null ? new("identity", OperatorAttributes.None, [c.Tensor("self")], View: view)
            : new("to", new() { ["type"] = NameOf(type.Value) }, [c.Tensor("self")], View: view);
        return step with { IsSure = view && same && !ordered };
    }

    private static void AddMakers()
    {
        foreach (var (name, sizes, value) in ((string, string, double)[])[("new_zeros", "size", 0), ("new_ones", "size", 1),
            ("zeros", "size", 0), ("ones", "size", 1)])
            Lines[name] = c => Made(c, sizes, new() { ["scalar"] = value });
        foreach (string name in (string[])["full", "new_full"])
        {
            Lines[name] = c =>
            {
                var attributes = new OperatorAttributes();
                return c.ScalarOr("fill_value", attributes) is null
                    ? Made(c, "size", attributes) : throw new Pt2RefusedException("it is filled with a tensor");
            };
        }
        foreach (var (name, value) in ((string, double)[])[("zeros_like", 0), ("ones_like", 1)])
            Lines[name] = c => Alike(c, new() { ["scalar"] = value });
        Lines["full_like"] = c =>
        {
            var attributes = new OperatorAttributes();
            return c.ScalarOr("fill_value", attributes) is null
                ? Alike(c, attributes) : throw new Pt2RefusedException("it is filled with a tensor");
        };
        Lines["eye"] = c => c.Int("n", 1) is > 0 and <= 1 << 11 and var rows && c.Int("m", rows) is > 0 and <= 1 << 11 and var columns
            ? new("eye", new() { ["rows"] = rows, ["columns"] = columns, ["type"] = Type(c, "float32") }, [])
            : throw new Pt2RefusedException("its sizes cannot be");
        Lines["scalar_tensor"] = c =>
            new("full", new() { ["shape"] = Array.Empty<long>(), ["scalar"] = c.Number("s", 0), ["type"] = Type(c, "float32") }, []);
        Lines["arange"] = c =>
        {
            bool whole = c.Argument("end") is Pt2Argument.Sizes
                && (!c.Has("step") || c.Argument("step") is Pt2Argument.Sizes);
            var attributes = new OperatorAttributes { ["type"] = Type(c, whole ? "int64" : "float32") };
            foreach (var (name, value) in ((string, long)[])[("start", 0), ("step", 1)])
                if (!c.Has(name)) attributes[name] = value;
                else if (c.ScalarOr(name, attributes, name) is not null) throw new Pt2RefusedException("its bounds are tensors");
            if (c.ScalarOr("end", attributes, "end") is not null) throw new Pt2RefusedException("its bounds are tensors");
            return new("arange", attributes, []);
        };
    }

    /// <summary>The dimensions of size 1, for who drops all of them; never that of the images.</summary>
    private static long[] Ones(Pt2Call c)
    {
        if (c.Tensor("self").Shape is not { Count: > 0 } shape || shape[0].Length == 1)
            throw new Pt2RefusedException("it drops every dimension of size 1, that of a single image too: name the dimensions");
        return [.. Enumerable.Range(0, shape.Count).Where(i => shape[i].Length == 1).Select(i => (long)i)];
    }

    private static Pt2Step Made(Pt2Call c, string sizes, OperatorAttributes attributes)
    {
        c.Sizes(sizes, attributes, null, fill: false);
        // Where the type is not said it is the first tensor's; whole numbers are floating here only if they are of the images.
        string fallback = c.Has("self") && c.Tensor("self").Value is Pt2Value.Known known
            ? ElementTypes.Of(known.Tensor.dtype).TorchName() : "float32";
        attributes["type"] = Type(c, fallback);
        return new("full", attributes, []);
    }

    /// <summary>As large as a tensor, of its type where no other is said.</summary>
    private static Pt2Step Alike(Pt2Call c, OperatorAttributes attributes) => new("fill", attributes,
        [c.Has("dtype") ? c.Before("to", new() { ["type"] = Type(c, "float32") }, c.Tensor("self")) : c.Tensor("self")]);

    private static string Type(Pt2Call c, string fallback) =>
        c.Argument("dtype") is Pt2Argument.Type type ? TypeName(type.Number) : fallback;

    /// <summary>Floating-point numbers are single here, whatever the network was exported in.</summary>
    private static string TypeName(long number) => NameOf(Numbers(number));

    private static ElementType Numbers(long number) =>
        Pt2Program.TypeOf(number) ?? throw new Pt2RefusedException($"it makes numbers of the type {number}");

    private static string NameOf(ElementType type) => type.IsFloatingPoint() ? "float32" : type.TorchName();

    private static Pt2Step Reshape(Pt2Call c, string name)
    {
        if (!c.Has(name)) throw new Pt2RefusedException("it sees numbers as another type");
        var attributes = new OperatorAttributes();
        c.Sizes(name, attributes, c.Tensor("self"), fill: true);
        return new("reshape", attributes, [c.Tensor("self")], View: true);
    }

    private static Pt2Step Permuted(Pt2Call c, params long[] dims) =>
        new("permute", new() { ["dims"] = dims }, [c.Tensor("self")], View: true)
        {
            TransposeOf = dims is [1, 0] ? c.Tensor("self") : null,
        };

    /// <summary>The dimensions that are moved take their places, the others keep their order.</summary>
    private static Pt2Step Moved(Pt2Call c, long[] from, long[] to)
    {
        if (c.Tensor("self").Shape is not { Count: var rank } || from.Length != to.Length)
            throw new Pt2RefusedException("it moves dimensions of a value whose number of them is not known");
        long[] dims = [.. Enumerable.Repeat(-1L, rank)];
        for (int i = 0; i < from.Length; i++) dims[Place(to[i])] = Place(from[i]);
        Queue<long> others = new(Enumerable.Range(0, rank).Select(dim => (long)dim).Except(dims));
        return Permuted(c, [.. dims.Select(dim => dim >= 0 ? dim : others.Dequeue())]);

        long Place(long dim) => dim >= -rank && dim < rank ? (dim + rank) % rank
            : throw new Pt2RefusedException($"it moves dimension {dim} of {rank}");
    }

    /// <summary>
    /// Padding by what the map holds: reflect (without the edge), replicate (the edge), circular. The last dimension first.
    /// </summary>
    private static Pt2Step Continued(Pt2Call c, string mode)
    {
        long[] pads = c.Ints(c.Has("pad") ? "pad" : "padding");
        if (c.Tensor("self").Shape is not { Count: var rank } || pads.Length % 2 != 0 || pads.Length / 2 > rank
            || pads.Any(one => one is < 0 or > 1024))
            throw new Pt2RefusedException($"it pads by [{string.Join(", ", pads)}]");
        long[] before = new long[rank], after = new long[rank];
        for (int i = 0; i < pads.Length / 2; i++) (before[rank - 1 - i], after[rank - 1 - i]) = (pads[2 * i], pads[2 * i + 1]);
        return new("pad_by", new()
        {
            ["before"] = before,
            ["after"] = after,
            ["mode"] = mode switch
            {
                "reflect" => "reflect",
                "replicate" => "edge",
                "circular" => "wrap",
                _ => throw new Pt2RefusedException($"it pads by '{mode}'"),
            },
        }, [c.Tensor("self")]);
    }

    private static Pt2Step Padded(Pt2Call c)
    {
        long[] pads = c.Ints("pad");
        if (pads.Any(one => one is < -1024 or > 1024)) throw new Pt2RefusedException($"it pads by [{string.Join(", ", pads)}]");
        return new("pad", new() { ["pads"] = pads, ["value"] = c.Number("value", 0) }, [c.Tensor("self")]);
    }
}
