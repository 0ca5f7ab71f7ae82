using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>
/// What PyTorch's newer exporter writes for <c>as_strided</c>: all numbers of a batch in a row, and a table of their places.
/// </summary>
internal static partial class OnnxOperators
{
    /// <summary>
    /// Numbers picked from a row of those of all images, where each image's places are the first one's, moved on by what an image has:
    /// picked from the image's own; null where it is not so.
    /// </summary>
    private static OnnxValue? OfEachImage(OnnxCall c)
    {
        if (c[0] is not OnnxValue.InGraph { OfImages: true } || c[1] is not OnnxValue.Known places || c.SizesOf(c[0])
            is not [{ PerImage: true, Count: var each }] || c.Rank(places) == 0) return null;
        Tensor? own = null;
        foreach (var (table, images) in c.Tables(places))
        {
            if (table.shape[0] != images || images < 1 || table.numel() == 0) return null;
            Tensor first = table.narrow(0, 0, 1).squeeze(0);
            long[] moved = [images, .. Enumerable.Repeat(1L, (int)first.dim())];
            if (!table.equal(first.unsqueeze(0) + arange(images, int64).reshape(moved) * each).all().item<bool>()) return null;
            if (own is not null && !(own.shape.AsSpan().SequenceEqual(first.shape) && own.equal(first).all().item<bool>())) return null;
            if (first.min().item<long>() < 0 || first.max().item<long>() >= each) return null;
            own = first;
        }
        if (own is null) return null;
        if (places.IsFixed) c.Freed();
        OnnxSize one = new(1, true);
        OnnxSize[] sizes = [one, .. own.shape.Select(size => new OnnxSize(size, false))];
        if (own.numel() == each && own.reshape(-1).equal(arange(each, int64)).all().item<bool>()) return c.Reshape(c[0], sizes);
        OnnxValue rows = c.Reshape(c[0], [one, new OnnxSize(each, false)]);
        return c.Reshape(c.Add("take", new() { ["dim"] = 1L }, rows, OnnxCall.Constant(own.reshape(-1))), sizes);
    }
}
