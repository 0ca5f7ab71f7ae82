using static TorchSharp.torch;

namespace Fovea.Checkpoints.PyTorch;

/// <summary>The weights of an open PyTorch checkpoint: found in its pickle, checked against its storages, read when asked for.</summary>
internal sealed class PyTorchCheckpoint : IDisposable
{
    private const int MostTensors = 100_000;
    private const int MostDimensions = 64;
    private const long Allowance = 1L << 20;

    private static readonly string[] Nests = ["", "state_dict", "model_state_dict", "model", "network", "net"];

    private readonly IPyTorchContent _archive;
    private readonly Dictionary<(string Key, ElementType Type), Tensor> _storages = [];
    private readonly List<(string Name, PickleTensor Tensor, long[] Sizes, long[] Strides)> _tensors = [];
    private long _bytesRead;

    private PyTorchCheckpoint(string path, IPyTorchContent archive, string? key, bool exact)
    {
        _archive = archive;
        object root = archive.ReadRoot();
        // A program's constants may be none at all.
        var weights = exact && root is OrderedDictionary<object, object> { Count: 0 } ? [] : FindWeights(path, root, key);
        if (weights.Count > MostTensors) throw archive.Bad($"it lists {weights.Count} tensors");
        string removed = "";
        string[] names = exact ? [.. weights.Keys] : WeightNames.WithoutWrappers([.. weights.Keys], out removed);
        Removed = removed;
        int index = 0;
        foreach (PickleTensor tensor in weights.Values)
        {
            string name = names[index++];
            long[] sizes = Integers(name, "sizes", tensor.Sizes), strides = Integers(name, "strides", tensor.Strides);
            Check(name, tensor, sizes, strides);
            _tensors.Add((name, tensor, sizes, strides));
        }
    }

    /// <summary>Names, types and shapes, in the file's order.</summary>
    public IEnumerable<(string Name, ElementType Type, long[] Shape)> Tensors =>
        _tensors.Select(item => (item.Name, item.Tensor.Type, item.Sizes));

    /// <summary>The sets of weights that the file holds; <see cref="Chosen"/> is the one that is read.</summary>
    public IReadOnlyList<StateDictEntry> StateDicts { get; private set; } = [];

    /// <summary>The key of the set that is read; empty for the file itself.</summary>
    public string Chosen { get; private set; } = "";

    /// <summary>What wrappers had put before every name.</summary>
    public string Removed { get; }

    /// <param name="path">The file.</param>
    /// <param name="key">The set of weights to read; null: found.</param>
    public static PyTorchCheckpoint Open(string path, string? key = null) => Open(
        path, CheckpointFormats.Detect(path) == CheckpointFormat.PyTorchStream ? PyTorchStream.Open(path) : PyTorchArchive.Open(path),
        key, exact: false);

    /// <summary>Tensors inside another file, under the names they have there.</summary>
    /// <param name="bytes">All of its bytes; the stream becomes the checkpoint's.</param>
    /// <param name="path">What to call it in messages.</param>
    public static PyTorchCheckpoint Open(Stream bytes, string path) => Open(path, PyTorchArchive.Open(bytes, path), "", exact: true);

    private static PyTorchCheckpoint Open(string path, IPyTorchContent archive, string? key, bool exact)
    {
        try
        {
            return new PyTorchCheckpoint(path, archive, key, exact);
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Reads every tensor. A storage is read once and tensors lying in it row-major are views of it, as in PyTorch; others are copied out.
    /// Storages and copies together may take twice the file and a small allowance, so that every tensor may be strided, but strides of 0
    /// or a storage copied a thousand times cannot fill the memory.
    /// </summary>
    public StateDict ReadAll()
    {
        using var scope = NewDisposeScope();
        return new StateDict(_tensors.Select(t => KeyValuePair.Create(t.Name, Read(t.Name, t.Tensor, t.Sizes, t.Strides))).ToArray())
        {
            Notes = Notes(StateDicts, Chosen, Removed),
        };
    }

    /// <summary>Every tensor by its type and shape; no storage is read.</summary>
    public StateDict ReadShapes()
    {
        using var scope = NewDisposeScope();
        return new StateDict(
            Tensors.Select(tensor => KeyValuePair.Create(tensor.Name, StateDict.Shaped(tensor.Type, tensor.Shape))).ToArray())
        {
            Notes = Notes(StateDicts, Chosen, Removed),
        };
    }

    public void Dispose() => _archive.Dispose();

    /// <summary>What a user might not expect of the weights that were read.</summary>
    internal static IReadOnlyList<string> Notes(IReadOnlyList<StateDictEntry> all, string chosen, string removed)
    {
        var notes = new List<string>();
        string[] averaged = [.. all.Where(entry => entry.Averaged && entry.Key != chosen).Select(entry => entry.Key)];
        string[] others = [.. all.Where(entry => entry.Key != chosen && entry.Key.Length > 0).Select(entry => entry.Key)];
        string taken = chosen.Length > 0 ? $"taken are those under {chosen}" : "taken are those of the file itself";
        if (averaged.Length > 0)
            notes.Add($"The checkpoint holds averaged weights too ({string.Join(", ", averaged)}); {taken}. Ask for others by their key: "
                + $"--weights-key {averaged[0]}, in a recipe weights_key.");
        else if (others.Length > 0)
            notes.Add($"The checkpoint holds other weights too ({string.Join(", ", others)}); {taken}. Ask for others by their key: "
                + $"--weights-key {others[0]}, in a recipe weights_key.");
        if (averaged.Length == 0 && chosen.Length > 0 && all.Any(entry => entry.Averaged && entry.Key == chosen))
            notes.Add($"The weights are averaged ones ({chosen}).");
        if (removed.Length > 0) notes.Add($"The prefix {removed} of all names was taken off.");
        return notes;
    }

    private Tensor Read(string name, PickleTensor tensor, long[] sizes, long[] strides)
    {
        Tensor storage = Storage(name, tensor);
        if (IsRowMajor(sizes, strides)) return storage.as_strided(sizes, strides, tensor.Offset);
        Reserve(name, SizeInBytes(tensor.Type, sizes));
        using Tensor view = storage.as_strided(sizes, strides, tensor.Offset);
        return view.contiguous();
    }

    private Tensor Storage(string name, PickleTensor tensor)
    {
        var key = (tensor.Storage.Key, tensor.Type);
        if (_storages.TryGetValue(key, out Tensor? known)) return known;
        // The entry may be longer than the pickle says for this tensor: another tensor of the same storage may say more.
        long bytes = _archive.StorageLength(tensor.Storage.Key);
        Reserve(name, bytes);
        Tensor storage = empty([bytes / tensor.Type.SizeInBytes()], dtype: tensor.Type.ToScalarType());
        _archive.ReadStorage(tensor.Storage.Key, stream => TensorBytes.Read(storage, stream));
        return _storages[key] = storage;
    }

    private void Reserve(string name, long bytes)
    {
        if (bytes > 2 * _archive.Length + Allowance - _bytesRead)
            throw _archive.Bad(
                $"with tensor {name} it would unfold to more than twice its own {_archive.Length} bytes (expanded or overlapping tensors)");
        _bytesRead += bytes;
    }

    /// <summary>Every element that sizes, strides and offset reach must lie in the storage, and the storage in its entry.</summary>
    private void Check(string name, PickleTensor tensor, long[] sizes, long[] strides)
    {
        if (sizes.Length != strides.Length || sizes.Length > MostDimensions)
            throw _archive.Bad($"tensor {name} has {sizes.Length} sizes and {strides.Length} strides");
        if (!SafetensorsHeader.TryCountBytes(tensor.Type, sizes, out long bytes) || strides.Any(stride => stride < 0) || tensor.Offset < 0)
            throw _archive.Bad(
                $"tensor {name} has impossible sizes "
                    + $"[{string.Join(", ", sizes)}], strides [{string.Join(", ", strides)}] or offset {tensor.Offset}");

        int unit = tensor.Storage.Type?.SizeInBytes() ?? 1;
        long stored = _archive.StorageLength(tensor.Storage.Key);
        if (tensor.Storage.Count < 0 || tensor.Storage.Count > stored / unit)
            throw _archive.Bad(
                $"storage {tensor.Storage.Key} should hold {tensor.Storage.Count} elements of {unit} bytes, but has {stored} bytes "
                    + $"(truncated?)");

        Int128 last = tensor.Offset;
        for (int i = 0; i < sizes.Length; i++) last += (Int128)Math.Max(0, sizes[i] - 1) * strides[i];
        Int128 end = bytes == 0 ? tensor.Offset : last + 1;
        Int128 held = (Int128)(tensor.Storage.Start + tensor.Storage.Length) * unit;
        if (end * tensor.Type.SizeInBytes() > held)
            throw _archive.Bad($"tensor {name} reaches to element {end} of a storage of {held / tensor.Type.SizeInBytes()}");
    }

    private long[] Integers(string name, string what, object[] values) =>
        values.Length <= MostDimensions && values.All(value => value is long)
        ? [.. values.Cast<long>()]
        : throw _archive.Bad($"the {what} of tensor {name} are not integers, or more than {MostDimensions}");

    private static long SizeInBytes(ElementType type, long[] sizes) =>
        SafetensorsHeader.TryCountBytes(type, sizes, out long bytes) ? bytes : long.MaxValue;

    private static bool IsRowMajor(long[] sizes, long[] strides)
    {
        long expected = 1;
        for (int i = sizes.Length - 1; i >= 0; i--)
        {
            if (strides[i] != expected) return false;
            expected *= Math.Max(1, sizes[i]);
        }
        return true;
    }

    /// <summary>The state dict itself, or one nested in a training checkpoint.</summary>
    private OrderedDictionary<string, PickleTensor> FindWeights(string path, object root, string? key)
    {
        if (root is not OrderedDictionary<object, object> top)
        {
            throw FoveaException.BadData(
                $"{path} does not hold a state dict but {(root is PickleTensor ? "a single tensor" : "something else")}. " +
                "Save one with torch.save(model.state_dict(), \"weights.pth\").");
        }
        var found = new OrderedDictionary<string, OrderedDictionary<object, object>>();
        if (top.Any(IsWeight)) found.Add("", top);
        foreach (var (name, value) in top)
        {
            if (name is not string outer || value is not OrderedDictionary<object, object> inner || WeightNames.IsOfTraining(outer))
                continue;
            if (inner.Any(IsWeight)) found.TryAdd(outer, inner);
            foreach (var (nested, deeper) in inner)
            {
                if (nested is string word && deeper is OrderedDictionary<object, object> last && last.Any(IsWeight))
                    found.TryAdd($"{outer}.{word}", last);
            }
        }
        // Tensors beside a network's weights, such as the best accuracy so far, are no weights.
        if (found.TryGetValue("", out var loose) && found.Any(pair => pair.Key.Length > 0
            && pair.Value.Count(IsWeight) is var inside
                && (inside > loose.Count(IsWeight) || (inside == loose.Count(IsWeight) && Nests.Contains(pair.Key))))) found.Remove("");
        StateDicts = [.. found.Select(
            pair => new StateDictEntry(pair.Key, pair.Value.Count(IsWeight), WeightNames.SaysAveraged(pair.Key)))];
        string[] keys = [.. found.Keys];
        if (key is not null)
        {
            Chosen = found.ContainsKey(key) ? key : throw FoveaException.BadData($"{path} holds no weights under {key}; "
                + (keys.Any(one => one.Length > 0)
                    ? $"it holds {string.Join(", ", keys.Where(one => one.Length > 0))}."
                        : "it holds one set of weights, which needs no key."));
        }
        else if (keys.Length > 0)
        {
            // The usual keys first; then what is no average; then whatever there is.
            Chosen = Nests.FirstOrDefault(found.ContainsKey) ?? keys.FirstOrDefault(one => !WeightNames.SaysAveraged(one)) ?? keys[0];
        }
        else
        {
            throw FoveaException.BadData(
                $"{path} holds no tensors by name, neither directly nor under {string.Join(", ", Nests[1..])}; it holds " +
                $"{(top.Count == 0 ? "nothing" : string.Join(", ", top.Keys.Take(12)))}. Save the weights with "
                    + "torch.save(model.state_dict(), \"weights.pth\").");
        }
        // What is not a tensor (counters, a module's extra state) is no weight.
        return new(found[Chosen].Where(IsWeight).Select(pair => KeyValuePair.Create((string)pair.Key, TensorOf(pair.Value)!)));
    }

    private static bool IsWeight(KeyValuePair<object, object> pair) => pair.Key is string && TensorOf(pair.Value) is not null;

    private static PickleTensor? TensorOf(object value) => value as PickleTensor ?? (value as PickleHolder)?.Tensor;
}
