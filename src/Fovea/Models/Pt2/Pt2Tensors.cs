using Fovea.Checkpoints;
using static TorchSharp.torch;

namespace Fovea.Models.Pt2;

/// <summary>
/// Tensors of an exported network: a list of names with sizes, strides and the file each lies in, and files of raw bytes. Every element
/// that sizes, strides and offset reach must lie in its file; together the tensors may take twice the archive and a small allowance,
/// whatever their strides say.
/// </summary>
internal sealed class Pt2Tensors(StoredArchive zip, string path, string folder, Pt2Json config)
{
    private const long Allowance = 1 << 20;
    private const long Strided = 7;
    private readonly Dictionary<(string File, ElementType Type), Tensor> _files = [];
    private long _bytes;

    /// <summary>All of them, contiguous. Names of one file with one layout (tied weights) get one tensor.</summary>
    public Dictionary<string, Tensor> ReadAll()
    {
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var views = new Dictionary<(string, string), Tensor>();
        foreach (var (name, entry) in config["config"].Members())
        {
            string file = entry["path_name"].Text();
            if (entry.Optional("use_pickle") is { IsNull: false } pickled && pickled.Flag())
            {
                throw FoveaException.BadData(
                    $"{path}: {name} is a tensor of a class of its own (quantised, sparse, distributed), which is kept as a Python object. "
                    + "Objects of a file are never built. Export the network with plain weights.");
            }
            Pt2Json meta = entry.Optional("tensor_meta");
            if (meta.IsNull) continue; // an object of Python's: refused where a step needs it
            ElementType type = Pt2Program.TypeOf(meta["dtype"].Integer())
                ?? throw entry.Bad($"has the type of numbers {meta["dtype"].Integer()}, which is not read");
            if (meta["layout"].Integer() != Strided)
                throw entry.Bad($"has the layout {meta["layout"].Integer()}: only plain (strided) tensors are read");
            long[] sizes = Lengths(meta["sizes"]), strides = Lengths(meta["strides"]);
            long offset = Pt2Size.Read(meta["storage_offset"]).Length ?? throw meta["storage_offset"].Bad("is no number");
            var key = (file, $"{type} {string.Join(',', sizes)} {string.Join(',', strides)} {offset}");
            if (!views.TryGetValue(key, out Tensor? tensor)) views[key] = tensor = Read(name, file, type, sizes, strides, offset, entry);
            tensors[name] = tensor;
        }
        return tensors;
    }

    private Tensor Read(string name, string file, ElementType type, long[] sizes, long[] strides, long offset, Pt2Json entry)
    {
        if (sizes.Length != strides.Length || sizes.Any(size => size < 0) || strides.Any(stride => stride < 0) || offset < 0)
            throw entry.Bad(
                $"has impossible sizes [{string.Join(", ", sizes)}], strides [{string.Join(", ", strides)}] or offset {offset}");
        Int128 count = 1, last = offset;
        for (int i = 0; i < sizes.Length; i++)
        {
            count *= sizes[i];
            if (count > long.MaxValue / 16) throw entry.Bad($"has impossible sizes [{string.Join(", ", sizes)}]");
            last += (Int128)Math.Max(0, sizes[i] - 1) * strides[i];
        }
        long stored = zip.LengthOf(folder + file);
        if (count > 0 && (last + 1) * type.SizeInBytes() > stored)
            throw entry.Bad($"reaches to element {last + 1} of {stored / type.SizeInBytes()} in {file} (truncated?)");
        Tensor raw = File(name, file, type, stored);
        Reserve(name, (long)count * type.SizeInBytes());
        using var quiet = no_grad();
        using Tensor view = raw.as_strided(sizes, strides, offset);
        return view.contiguous().clone();
    }

    private Tensor File(string name, string file, ElementType type, long stored)
    {
        if (_files.TryGetValue((file, type), out Tensor? known)) return known;
        Reserve(name, stored);
        Tensor raw = empty([stored / type.SizeInBytes()], dtype: type.ToScalarType());
        zip.Read(folder + file, stream => TensorBytes.Read(raw, stream));
        return _files[(file, type)] = raw;
    }

    private void Reserve(string name, long bytes)
    {
        if (bytes > 2 * zip.Length + Allowance - _bytes)
            throw zip.Bad(
                $"with tensor {name} it would unfold to more than twice its own {zip.Length} bytes (expanded or overlapping tensors)");
        _bytes += bytes;
    }

    private static long[] Lengths(Pt2Json sizes) =>
        [.. Pt2Program.ReadSizes(sizes).Select(size => size.Length ?? throw sizes.Bad("are no numbers"))];
}
