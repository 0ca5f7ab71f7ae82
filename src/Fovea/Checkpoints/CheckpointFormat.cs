using System.Buffers.Binary;

namespace Fovea.Checkpoints;

/// <summary>The forms in which weights are stored.</summary>
public enum CheckpointFormat
{
    /// <summary>PyTorch's zip form, <c>.pth</c> or <c>.pt</c>.</summary>
    PyTorch,

    /// <summary>safetensors, <c>.safetensors</c>.</summary>
    Safetensors,
}

internal static class CheckpointFormats
{
    /// <summary>Finds the form from the first bytes; a file's name decides nothing.</summary>
    /// <exception cref="FoveaException">The file is missing or of neither form.</exception>
    public static CheckpointFormat Detect(string path)
    {
        Span<byte> start = stackalloc byte[9];
        int length;
        try
        {
            using FileStream stream = File.OpenRead(path);
            length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FoveaException.BadData($"Cannot read the weights {path}: {e.Message}", e);
        }
        start = start[..length];
        if (start.StartsWith("PK"u8)) return CheckpointFormat.PyTorch;
        if (start.Length == 9 && start[8] == '{') return CheckpointFormat.Safetensors;
        if (start.Length > 1 && start[0] == 0x80 && start[1] is >= 2 and <= 5)
        {
            throw FoveaException.BadData($"{path} is in PyTorch's form of before version 1.6 (a bare pickle), which is not read. " +
                "Load it in PyTorch and save it again: torch.save(torch.load(path), path).");
        }
        throw FoveaException.BadData(
            $"{path} is neither a PyTorch checkpoint (zip form) nor a safetensors file: {Describe(start)}. Fetch or export it again.");
    }

    /// <exception cref="FoveaException">The file is missing or of another form than <paramref name="format"/>.</exception>
    public static void Expect(string path, CheckpointFormat format)
    {
        CheckpointFormat found = Detect(path);
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
