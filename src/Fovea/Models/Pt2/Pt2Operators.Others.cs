using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models.Pt2;

/// <summary>Operators that PyTorch keeps whole when it exports, though they are made of others.</summary>
internal static partial class Pt2Operators
{
    private static void AddOthers()
    {
        foreach (string name in (string[])["cumprod", "logcumsumexp", "cummax", "cummin"])
            Lines[name] = c => new(name, new() { ["dim"] = c.Int("dim", 0) }, [c.Tensor("self")]);
        Lines["argsort"] = c => new("argsort", new() { ["dim"] = c.Int("dim", -1), ["descending"] = c.Flag("descending", false) }, [c.Tensor("self")]);
        // The lower one of the two in the middle.
        Lines["median"] = c =>
        {
            long dim = c.Has("dim") ? c.Int("dim", 0) : throw new Pt2RefusedException("it runs over everything: name the dimension");
            long length = Length(c, "self", ref dim);
            return Placed(c, dim, length, (length - 1) / 2);
        };
        Lines["diff"] = c =>
        {
            long dim = c.Int("dim", -1), length = Length(c, "self", ref dim), times = c.Int("n", 1);
            List<Pt2Slot> joined = [];
            foreach (string name in (string[])["prepend", "self", "append"])
            {
                if (!c.Has(name)) continue;
                if (name != "self") length += Length(c, name, ref dim);
                joined.Add(c.Tensor(name));
            }
            Pt2Slot row = joined.Count == 1 ? joined[0] : c.Before("cat", new() { ["dim"] = dim }, [.. joined]);
            if (times < 1 || times >= length || times > 16) throw new Pt2RefusedException($"it takes {times} differences of {length} numbers");
            for (; times > 1; times--) row = Of(c, "sub", Part(c, row, dim, 1, length), Part(c, row, dim, 0, --length));
            return new("sub", OperatorAttributes.None, [Part(c, row, dim, 1, length), Part(c, row, dim, 0, length - 1)]);
        };
        Lines["count_nonzero"] = c => new("sum", Over(c, new()), [c.Before("to", new() { ["type"] = "int64" }, c.Before("ne", Zero(), c.Tensor("self")))]);
        AddFunctions();
        AddComparing();
        AddTurned();
        AddParts();
        AddTables();
    }

    private static void AddTurned()
    {
        foreach (string name in (string[])["numpy_T", "matrix_H"])
            Lines[name] = c => Permuted(c, [.. Enumerable.Range(0, Rank(c.Tensor("self"))).Select(i => (long)i).Reverse()]);
        Lines["ravel"] = c => new("flatten", new() { ["start"] = 0L, ["end"] = -1L }, [c.Tensor("self")], View: true);
        foreach (var (name, least) in ((string, int)[])[("atleast_1d", 1), ("atleast_2d", 2), ("atleast_3d", 3)])
            Lines[name] = c => c.Tensor("self") is var self && (self.Shape?.Count ?? 0) >= least
                ? new("identity", OperatorAttributes.None, [self], View: true) { IsSure = true }
                : throw new Pt2RefusedException("it adds dimensions");
        Lines["fliplr"] = c => new("flip", new() { ["dims"] = new[] { 1L } }, [c.Tensor("self")]);
        // Quarter turns from the first of two dimensions to the second.
        Lines["rot90"] = c =>
        {
            long[] dims = c.Ints("dims", 0, 1);
            if (dims.Length != 2) throw new Pt2RefusedException("it turns about other than two dimensions");
            OperatorAttributes turned = new() { ["dim0"] = dims[0], ["dim1"] = dims[1] };
            Pt2Slot self = c.Tensor("self");
            long quarters = (c.Int("k", 1) % 4 + 4) % 4;
            return quarters switch
            {
                0 => new("identity", OperatorAttributes.None, [self]),
                1 => new("transpose", turned, [c.Before("flip", new() { ["dims"] = new[] { dims[1] } }, self)]),
                2 => new("flip", new() { ["dims"] = dims }, [self]),
                _ => new("flip", new() { ["dims"] = new[] { dims[1] } }, [c.Before("transpose", turned, self)]),
            };
        };
        Lines["channel_shuffle"] = Lines["native_channel_shuffle"] = c =>
        {
            long dim = 1, channels = Length(c, "self", ref dim), groups = c.Int("groups", 1);
            if (groups < 1 || channels % groups != 0) throw new Pt2RefusedException("its groups do not divide the channels");
            long[] from = [.. Enumerable.Range(0, (int)channels).Select(i => i % groups * (channels / groups) + i / groups)];
            return new("take", new() { ["dim"] = 1L }, [c.Tensor("self"), Pt2Call.Known(tensor(from))]);
        };
        Lines["diagonal"] = c => new("diagonal", new() { ["offset"] = c.Int("offset", 0), ["dim1"] = c.Int("dim1", 0), ["dim2"] = c.Int("dim2", 1) },
            [c.Tensor("self")], View: true);
        Lines["diag_embed"] = c => new("diag_embed",
            new() { ["offset"] = c.Int("offset", 0), ["dim1"] = c.Int("dim1", -2), ["dim2"] = c.Int("dim2", -1) }, [c.Tensor("self")]);
        Lines["diag"] = c => new(Rank(c.Tensor("self")) == 1 ? "diag_embed" : "diagonal", new() { ["offset"] = c.Int("diagonal", 0) }, [c.Tensor("self")]);
        Lines["trace"] = c => new("sum", OperatorAttributes.None, [c.Before("diagonal", OperatorAttributes.None, c.Tensor("self"))]);
    }

    private static void AddParts()
    {
        Lines["tile"] = c =>
        {
            long[] times = c.Ints("dims");
            return new("repeat", new() { ["shape"] = (long[])[.. Enumerable.Repeat(1L, Math.Max(0, Rank(c.Tensor("self")) - times.Length)), .. times] },
                [c.Tensor("self")]);
        };
        Lines["repeat_interleave"] = c =>
        {
            if (!c.Has("dim")) throw new Pt2RefusedException("it runs over everything: name the dimension");
            long dim = c.Int("dim", 0), length = Length(c, "self", ref dim);
            if (c.Argument("repeats") is Pt2Argument.Value)
            {
                // Each number as often as a table says.
                if (c.Tensor("repeats").Value is not Pt2Value.Known { Tensor: var counts } || counts.dim() != 1 || counts.numel() != length
                    || counts.lt(0).any().item<bool>() || counts.sum().to(int64).item<long>() > 1 << 20)
                    throw new Pt2RefusedException("how often it repeats is not fixed");
                return new("take", new() { ["dim"] = dim }, [c.Tensor("self"), Pt2Call.Known(arange(length, int64).repeat_interleave(counts.to(int64)))]);
            }
            long times = c.Int("repeats", 1);
            if (times < 1 || times * length > 1 << 20) throw new Pt2RefusedException($"it repeats {length} numbers {times} times");
            return new("take", new() { ["dim"] = dim }, [c.Tensor("self"), Pt2Call.Known(arange(length * times, int64).div(times, RoundingMode.floor))]);
        };
        Lines["unsafe_chunk"] = Lines["chunk"];
        Lines["unsafe_split"] = Lines["split"];
        Lines["unsafe_split_with_sizes"] = Lines["split_with_sizes"];
        Lines["tensor_split"] = c => c.Has("indices") ? Apart(c, c.Int("dim", 0), c.Ints("indices"), null) : Apart(c, c.Int("dim", 0), null, c.Int("sections", 1));
        foreach (var (name, dim) in ((string, long)[])[("vsplit", 0), ("hsplit", 1), ("dsplit", 2)])
            Lines[name] = c => c.Has("indices") ? Apart(c, dim, c.Ints("indices"), null) : Apart(c, dim, null, c.Int("sections", 1));
        Lines["concatenate"] = Lines["cat"];
        foreach (var (name, dim, least) in ((string, long, int)[])[("hstack", 1, 2), ("column_stack", 1, 2), ("vstack", 0, 2), ("dstack", 2, 3)])
            Lines[name] = c => c.Tensors("tensors") is { Count: > 0 } parts && parts.All(part => part is not null && Rank(part) >= least)
                ? new("cat", new() { ["dim"] = dim }, parts) : throw new Pt2RefusedException("it adds dimensions to what it puts together");
        Lines["meshgrid"] = c => new("meshgrid", new() { ["indexing"] = c.Text("indexing", "ij") }, c.Tensors("tensors"));
    }

    private static void AddTables()
    {
        Lines["linspace"] = c => Table(linspace(c.Number("start", 0), c.Number("end", 0), Steps(c)));
        Lines["logspace"] = c => Table(logspace(c.Number("start", 0), c.Number("end", 0), Steps(c), c.Number("base", 10)));
        Lines["triu_indices"] = c => Table(Triangle(c, (row, column, offset) => column >= row + offset));
        Lines["tril_indices"] = c => Table(Triangle(c, (row, column, offset) => column <= row + offset));
        // Whoever reads what nobody wrote may find anything there.
        Lines["empty"] = Lines["zeros"];
        Lines["new_empty"] = Lines["new_zeros"];
        Lines["empty_like"] = Lines["zeros_like"];
        foreach (var (name, make) in ((string, Func<long, bool, Tensor>)[])[("hann", (size, periodic) => hann_window(size, periodic)),
            ("hamming", (size, periodic) => hamming_window(size, periodic)), ("bartlett", (size, periodic) => bartlett_window(size, periodic)),
            ("blackman", (size, periodic) => blackman_window(size, periodic))])
            Lines[$"{name}_window"] = c => c.Int("window_length", 1) is > 0 and <= 1 << 20 and var size
                ? Table(make(size, c.Flag("periodic", true))) : throw new Pt2RefusedException("its length cannot be");
        foreach (var (name, of) in Same) Lines[name] = Lines[of];
    }

    private static Pt2Step Table(Tensor known) => new("identity", OperatorAttributes.None, [Pt2Call.Known(known)]);

    private static long Steps(Pt2Call c) => c.Int("steps", 100) is > 0 and <= 1 << 20 and var steps
        ? steps : throw new Pt2RefusedException("its number of steps cannot be");

    private static Tensor Triangle(Pt2Call c, Func<long, long, long, bool> inside)
    {
        if (c.Int("row", 1) is not (> 0 and <= 1 << 11 and var rows) || c.Int("col", 1) is not (> 0 and <= 1 << 11 and var columns))
            throw new Pt2RefusedException("its sizes cannot be");
        long offset = c.Int("offset", 0);
        long[] places = [.. Enumerable.Range(0, (int)(rows * columns)).Select(i => (long)i).Where(i => inside(i / columns, i % columns, offset))];
        return tensor([.. places.Select(i => i / columns), .. places.Select(i => i % columns)], [2, places.Length]);
    }

    /// <summary>The length of a dimension, which must be fixed; the dimension from the front.</summary>
    private static long Length(Pt2Call c, string name, ref long dim)
    {
        Pt2Slot slot = c.Tensor(name);
        int rank = Rank(slot);
        if (dim < -rank || dim >= rank) throw new Pt2RefusedException($"it runs along dimension {dim} of {rank}");
        if (dim < 0) dim += rank;
        long? length = slot.Value is Pt2Value.Known known ? known.Tensor.shape[dim] : slot.Shape?[(int)dim].Length;
        return length is > 0 and <= 1 << 20 ? length.Value : throw new Pt2RefusedException("how long the dimension is that it runs along is not fixed");
    }

    private static Pt2Slot Part(Pt2Call c, Pt2Slot whole, long dim, long from, long to) =>
        c.Before("slice", new() { ["dim"] = dim, ["start"] = from, ["end"] = to }, whole);

    /// <summary>Parts between places, or so many of nearly one length, the longer ones first.</summary>
    private static Pt2Step Apart(Pt2Call c, long dim, long[]? places, long? sections)
    {
        long length = Length(c, "self", ref dim);
        List<long> sizes = [];
        if (sections is { } count)
        {
            if (count < 1 || count > length) throw new Pt2RefusedException($"it cuts {length} numbers into {count} parts");
            for (long i = 0; i < count; i++) sizes.Add(length / count + (i < length % count ? 1 : 0));
        }
        else
        {
            long from = 0;
            foreach (long to in (long[])[.. places!.Select(place => Math.Clamp(place < 0 ? place + length : place, 0, length)), length])
            {
                if (to < from) throw new Pt2RefusedException("its parts overlap");
                sizes.Add(to - from);
                from = to;
            }
        }
        return sizes.Count > 1 ? new("split", new() { ["sizes"] = sizes.ToArray(), ["dim"] = dim }, [c.Tensor("self")], View: true)
            : throw new Pt2RefusedException("it splits into one");
    }
}
