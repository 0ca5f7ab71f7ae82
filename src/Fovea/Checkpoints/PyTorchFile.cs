using Fovea.Checkpoints.PyTorch;
using static TorchSharp.torch;

namespace Fovea.Checkpoints;

/// <summary>
/// Reads PyTorch checkpoints (the zip form that <c>torch.save</c> has written since version 1.6, and the stream of before) and writes them
/// (as zip) as data: the pickle inside is read by a machine that knows only tensors and containers, and nothing in it is ever executed
/// (docs/decisions/0004-checkpoints-as-data.md).
/// </summary>
public static class PyTorchFile
{
    /// <summary>
    /// Reads the weights: a state dict, or one nested under <c>state_dict</c>, <c>model_state_dict</c>, <c>model</c>, <c>network</c> or
    /// <c>net</c>; prefixes <c>module.</c> and <c>_orig_mod.</c> common to all names are taken off. Where there are several sets of weights
    /// (averaged ones beside the last ones), <paramref name="key"/> says which; the notes of the result name the others. Other things in
    /// the file (optimiser state, counters) are not read. Takes at most twice the file's size in memory, and 1 MiB.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="key">The key of the weights in the file, such as <c>state_dict_ema</c>; null: found.</param>
    /// <exception cref="FoveaException">
    /// The file is missing, truncated, damaged, big-endian, in the tar form of the first PyTorch, holds no state dict, or names an
    /// instruction or a
    /// Python object that is not on the list of what weights need; the message names it.
    /// </exception>
    public static StateDict Read(string path, string? key = null)
    {
        CheckpointFormats.Expect(path, CheckpointFormat.PyTorch);
        using var checkpoint = PyTorchCheckpoint.Open(path, key);
        return checkpoint.ReadAll();
    }

    /// <summary>The same weights without what is in them.</summary>
    internal static StateDict ReadShapes(string path, string? key)
    {
        CheckpointFormats.Expect(path, CheckpointFormat.PyTorch);
        using var checkpoint = PyTorchCheckpoint.Open(path, key);
        return checkpoint.ReadShapes();
    }

    /// <summary>Writes tensors of any device and layout as a state dict that <c>torch.load</c> reads, whole or not at all.</summary>
    /// <exception cref="FoveaException">A tensor's type has no stored form, or the place cannot be written.</exception>
    public static void Write(string path, IReadOnlyDictionary<string, Tensor> tensors) => PyTorchWriter.Write(path, tensors);
}
