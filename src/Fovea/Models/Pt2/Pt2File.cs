using Fovea.Checkpoints;
using Fovea.IO;
using Fovea.Models.Import;
using static TorchSharp.torch;

namespace Fovea.Models.Pt2;

/// <summary>
/// Reads what <c>torch.export.save</c> writes, <c>.pt2</c>, as data: a program as JSON, weights as raw bytes. Nothing in the file is
/// executed, and no object of it is built. Read are schema 8 (PyTorch 2.5 to 2.14), both forms of archive.
/// </summary>
public static class Pt2File
{
    /// <summary>Whether a file is one of these, from its content.</summary>
    /// <exception cref="FoveaException">It cannot be read.</exception>
    public static bool IsOne(string path)
    {
        Span<byte> start = stackalloc byte[4];
        try
        {
            using FileStream stream = PlainFile.OpenRead(path);
            if (stream.ReadAtLeast(start, 4, throwOnEndOfStream: false) < 4 || !start.StartsWith("PK"u8)) return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FoveaException.BadData($"Cannot read the network {path}: {e.Message}", e);
        }
        try
        {
            using var zip = StoredArchive.Open(path, "exported network");
            return Pt2Archive.IsOne(zip.Names);
        }
        catch (FoveaException)
        {
            // An archive that is damaged: opening it says how.
            return true;
        }
    }

    /// <summary>Reads a network; dispose it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="output">Which of its outputs is the answer; null: found by shape, with a note where that is a choice.</param>
    /// <param name="classes">How many classes the answer has, where that is known: it helps to choose.</param>
    /// <exception cref="FoveaException">
    /// The file is missing, damaged, of another schema, holds compiled code, or its answer depends on an operator, an object or a loop that
    /// is not run here; the message names it with the module in which it stands.
    /// </exception>
    public static ImportedNetwork Open(string path, string? output = null, int? classes = null)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using Pt2Archive archive = Pt2Archive.Open(path);
        Pt2Program program = archive.ReadProgram();
        Dictionary<string, Tensor> weights = archive.ReadWeights(), constants = archive.ReadConstants();
        return ImportedTrial.OpenForOne(one =>
        {
            if (one) program.TakeOneImage();
            return ImportedTrial.Open(free => Pt2Importer.Read(program, weights, constants, path, free).ToProgram(), output, classes);
        });
    }
}
