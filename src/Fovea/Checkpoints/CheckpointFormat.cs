using System.Buffers.Binary;
using Fovea.Checkpoints.PyTorch;
using Fovea.IO;

namespace Fovea.Checkpoints;

/// <summary>The forms in which weights are stored.</summary>
public enum CheckpointFormat
{
    /// <summary>PyTorch's zip form, <c>.pth</c> or <c>.pt</c>.</summary>
    PyTorch,

    /// <summary>PyTorch's form of before version 1.6, pickles and raw storages one after the other; read, not written.</summary>
    PyTorchStream,

    /// <summary>safetensors, <c>.safetensors</c>.</summary>
    Safetensors,
}

internal static class CheckpointFormats
{
    // Where a tar archive says that it is one.
    private const int TarWord = 257;
    private const int StartBytes = 512;

    /// <summary>Finds the form from the first bytes; a file's name decides nothing.</summary>
    /// <exception cref="FoveaException">The file is missing or of no form that is read.</exception>
    public static CheckpointFormat Detect(string path)
    {
        LfsPointer.Refuse(path);
        Span<byte> start = stackalloc byte[StartBytes];
        int length;
        try
        {
            using FileStream stream = PlainFile.OpenRead(path);
            length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FoveaException.BadData($"Cannot read the weights {path}: {e.Message}", e);
        }
        start = start[..length];
        if (start.StartsWith("PK"u8)) return CheckpointFormat.PyTorch;
        if (PyTorchStream.Begins(start)) return CheckpointFormat.PyTorchStream;
        if (start.Length >= 9 && start[8] == '{') return CheckpointFormat.Safetensors;
        if (start.Length > 1 && start[0] == 0x80 && start[1] is >= 2 and <= 5)
        {
            throw FoveaException.BadData($"{path} is a bare Python pickle that torch.save did not write (or one that is cut short). "
                + $"Only tensors "
                + "that PyTorch saved are read. If you trust the file, load it with what wrote it and save its tensors under a new name: "
                + "torch.save(tensors_by_name, \"weights.pth\").");
        }
        if (start.Length > TarWord + 5 && start[TarWord..].StartsWith("ustar"u8))
        {
            throw FoveaException.BadData($"{path} is a tar archive. The first PyTorch (2016) saved weights in one; that form is not "
                + $"read. If you trust "
                + "the file, load it in PyTorch with torch.load(path, weights_only=False) and save the weights under a new name: "
                + "torch.save(state_dict, \"weights.pth\").");
        }
        throw FoveaException.BadData(
            $"{path} is neither a PyTorch checkpoint nor a safetensors file: {Describe(start)}. Fetch or export it again.");
    }

    /// <exception cref="FoveaException">The file is missing or of another form than <paramref name="format"/>.</exception>
    public static void Expect(string path, CheckpointFormat format)
    {
        CheckpointFormat found = Detect(path);
        if (found == CheckpointFormat.PyTorchStream) found = CheckpointFormat.PyTorch;
        if (found != format) throw FoveaException.BadData($"{path} is a {found} file, not a {format} file: StateDict.Load reads either.");
    }

    /// <summary>The form a file to be written has by its name.</summary>
    /// <exception cref="FoveaException">The extension is none of .pth, .pt, .safetensors.</exception>
    public static CheckpointFormat FromExtension(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".safetensors" => CheckpointFormat.Safetensors,
        ".pth" or ".pt" => CheckpointFormat.PyTorch,
        var other => throw FoveaException.BadConfiguration(
            $"{path} ends in \"{other}\": weights are written to .safetensors, .pth or .pt files, and the ending says which form is "
                + $"meant."),
    };

    private static string Describe(ReadOnlySpan<byte> start) => start.Length switch
    {
        0 => "it is empty",
        < 9 => $"it has only {start.Length} bytes",
        _ when start[0] == '<' => "it looks like a web page",
        _ => $"it starts with the bytes "
            + $"{Convert.ToHexString(start[..8])} ({BinaryPrimitives.ReadUInt64LittleEndian(start)} as a header length)",
    };
}
