namespace Fovea.Models.Onnx;

/// <summary>
/// The versions of the format and of its operators that are known here. What an operator does is told by the version alone, so that a file
/// of another one could be read wrongly without a word.
/// </summary>
internal static class OnnxVersions
{
    /// <summary>Versions of ONNX's own operators: up to the last that ONNX Runtime 1.31.1 knows, which they are compared with.</summary>
    public const long FirstOpset = 1, LastOpset = 26;

    /// <summary>Versions of the format (IR).</summary>
    public const long FirstFormat = 3, LastFormat = 13;

    /// <summary>What is said of a file's versions.</summary>
    /// <param name="model">The file.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <exception cref="FoveaException">Data: its operators are of a version that is not known, or the format is older than what is
    /// read.</exception>
    public static IReadOnlyList<string> Require(OnnxModel model, string path)
    {
        foreach (var opsets in model.Functions.Values.Select(function => function.Opsets).Prepend(model.Opsets))
        {
            if (!opsets.TryGetValue("", out long version) || version is >= FirstOpset and <= LastOpset) continue;
            throw FoveaException.BadData(
                $"{path} says opset {version}, and ONNX's operators are known here from {FirstOpset} to {LastOpset}: what they do in another "
                    + $"version is not guessed. Export it with opset_version={LastOpset} or lower.");
        }
        if (model.Version < FirstFormat)
            throw FoveaException.BadData(
                $"{path} says version {model.Version} of the format (IR), and it is read from {FirstFormat} on. Export it again.");
        return model.Version <= LastFormat ? []
            : [$"The file says version {model.Version} of the format (IR), which is newer than {LastFormat}, the last that is known here: what "
                + "is new in it is passed over. Compare the answers with those of the tool that wrote it (fovea model run)."];
    }
}
