using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models.Pt2;

/// <summary>Operators that write numbers to places: by index, by mask, along a dimension.</summary>
internal static partial class Pt2Operators
{
    private static void AddWriting()
    {
        Lines["index_put"] = Lines["_unsafe_index_put"] = c => new("index_put", new() { ["accumulate"] = c.Flag("accumulate", false) },
            [c.Tensor("self"), c.Tensor("values"), .. c.Tensors("indices")]);
        Lines["scatter"] = c =>
        {
            if (c.Has("reduce") && c.Text("reduce", "") != "add") throw new Pt2RefusedException("it multiplies what it writes with what is there");
            OperatorAttributes value = new();
            Pt2Slot source = c.Has("src") ? c.Tensor("src") : c.ScalarOr("value", value) is null ? c.Before("fill", value,
                c.Before("to", new() { ["type"] = "float32" }, c.Tensor("index"))) : throw new Pt2RefusedException("it writes a tensor's number");
            OperatorAttributes along = new() { ["dim"] = c.Int("dim", 0) };
            if (c.Has("reduce")) along["reduce"] = "add";
            return new("scatter", along, [c.Tensor("self"), c.Tensor("index"), source]);
        };
        Lines["scatter_add"] = c => new("scatter", new() { ["dim"] = c.Int("dim", 0), ["reduce"] = "add" },
            [c.Tensor("self"), c.Tensor("index"), c.Tensor("src")]);
        Lines["index_add"] = c => new("index_add", new() { ["dim"] = c.Int("dim", 0), ["alpha"] = c.Number("alpha", 1) },
            [c.Tensor("self"), c.Tensor("index"), c.Tensor("source")]);
        Lines["fill_diagonal"] = c =>
        {
            if (c.Flag("wrap", false) || c.Tensor("self").Shape is not [{ Length: > 0 and <= 1 << 11 and var rows }, { Length: > 0 and <= 1 << 11 and var columns }])
                throw new Pt2RefusedException("it fills other than the diagonal of a matrix of fixed sizes");
            OperatorAttributes fill = new();
            return c.ScalarOr("fill_value", fill) is null
                ? new("masked_fill", fill, [c.Tensor("self"), Pt2Call.Known(eye(rows, columns, ScalarType.Bool))])
                : throw new Pt2RefusedException("it is filled with a tensor");
        };
        // What stood there is taken out of a table of both.
        Lines["index_copy"] = c =>
        {
            var (dim, length, places) = Positions(c);
            long[] from = [.. Enumerable.Range(0, (int)length).Select(i => (long)i)];
            for (int i = 0; i < places.Length; i++) from[places[i]] = length + i;
            Pt2Slot both = c.Before("cat", new() { ["dim"] = (long)dim }, c.Tensor("self"), c.Tensor("source"));
            return new("take", new() { ["dim"] = (long)dim }, [both, Pt2Call.Known(tensor(from))]);
        };
        Lines["index_fill"] = c =>
        {
            var (dim, length, places) = Positions(c);
            OperatorAttributes attributes = new();
            Pt2Slot? value = c.ScalarOr("value", attributes);
            long[] shape = [.. Enumerable.Repeat(1L, Rank(c.Tensor("self")))];
            shape[dim] = length;
            Pt2Slot mask = Pt2Call.Known(tensor([.. Enumerable.Range(0, (int)length).Select(i => places.Contains(i))], shape));
            return new("masked_fill", attributes, value is null ? [c.Tensor("self"), mask] : [c.Tensor("self"), mask, value]);
        };
        Lines["one_hot"] = c => c.Int("num_classes", -1) is > 0 and <= 1 << 16 and var classes
            ? new("to", new() { ["type"] = "int64" }, [c.Before("eq", OperatorAttributes.None,
                c.Before("unsqueeze", new() { ["dim"] = -1L }, c.Tensor("self")), Pt2Call.Known(arange(classes, int64)))])
            : throw new Pt2RefusedException("how many classes it has is not fixed");
        // As gather, of both in the sizes that they have together.
        Lines["take_along_dim"] = c => c.Has("dim") ? new("take_along_dim", new() { ["dim"] = c.Int("dim", 0) }, [c.Tensor("self"), c.Tensor("indices")])
            : throw new Pt2RefusedException("it runs over everything, the images of a batch included: name the dimension");
    }

    /// <summary>The dimension that is written along, its length, and fixed positions in it.</summary>
    private static (int Dim, long Length, int[] Places) Positions(Pt2Call c)
    {
        long dim = c.Int("dim", 0), length = Length(c, "self", ref dim);
        if (c.Tensor("index").Value is not Pt2Value.Known index) throw new Pt2RefusedException("where it writes depends on the images");
        using Tensor whole = index.Tensor.to(int64).flatten();
        long[] places = [.. whole.data<long>().Select(place => place < 0 ? place + length : place)];
        return places.All(place => place >= 0 && place < length) ? ((int)dim, length, [.. places.Select(place => (int)place)])
            : throw new Pt2RefusedException("it writes where nothing is");
    }
}
