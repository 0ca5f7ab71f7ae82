using Fovea.Checkpoints.PyTorch;

namespace Fovea.Checkpoints;

/// <summary>What a checkpoint holds, read without loading any tensor.</summary>
/// <param name="Path">The file.</param>
/// <param name="Format">Its form, found from its content.</param>
/// <param name="FileBytes">Its size.</param>
/// <param name="Metadata">Free words stored with the tensors; empty for PyTorch files.</param>
/// <param name="StateDicts">The sets of weights in the file; one without a key where it is one itself.</param>
/// <param name="Chosen">The key of the set whose tensors are listed.</param>
/// <param name="Tensors">The tensors in the file's order, under the names <see cref="StateDict.Load"/> gives them.</param>
public sealed record WeightsInspection(
    string Path,
    CheckpointFormat Format,
    long FileBytes,
    IReadOnlyDictionary<string, string> Metadata,
    IReadOnlyList<StateDictEntry> StateDicts,
    string Chosen,
    IReadOnlyList<TensorInspection> Tensors)
{
    /// <summary>Elements of all tensors together.</summary>
    public long Elements => Tensors.Sum(tensor => tensor.Elements);

    /// <summary>Reads a checkpoint's table of contents; all checks of shapes and places against the file's size are made.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">The set of weights whose tensors are listed; null: the one that is read without a key.</param>
    /// <exception cref="FoveaException">As <see cref="StateDict.Load"/>.</exception>
    public static WeightsInspection Open(string path, string? key = null)
    {
        CheckpointFormat format = CheckpointFormats.Detect(path);
        long bytes = new FileInfo(path).Length;
        if (format == CheckpointFormat.Safetensors)
        {
            using var file = SafetensorsFile.Open(path);
            var metadata = new Dictionary<string, string>(file.Metadata);
            SafetensorsTensor[] all = [.. file.Tensors.Values];
            string[] names = WeightNames.WithoutWrappers([.. all.Select(tensor => tensor.Name)], out _);
            return new(path, format, bytes, metadata, [new StateDictEntry("", all.Length, false)], "",
                [.. all.Select((tensor, i) => new TensorInspection(names[i], tensor.Type.TorchName(), tensor.Shape))]);
        }
        using var checkpoint = PyTorchCheckpoint.Open(path, key);
        var tensors = checkpoint.Tensors.Select(t => new TensorInspection(t.Name, t.Type.TorchName(), t.Shape));
        return new(path, format, bytes, new Dictionary<string, string>(), checkpoint.StateDicts, checkpoint.Chosen, [.. tensors]);
    }
}

/// <summary>One tensor of a checkpoint.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Dtype">PyTorch's name of its type, such as <c>float32</c>.</param>
/// <param name="Shape">Its sizes; empty for a scalar.</param>
public sealed record TensorInspection(string Name, string Dtype, IReadOnlyList<long> Shape)
{
    /// <summary>Product of the sizes.</summary>
    public long Elements => Shape.Aggregate(1L, (product, size) => product * size);
}
