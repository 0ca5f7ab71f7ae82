namespace Fovea.Models.Onnx;

/// <summary>A module around a node.</summary>
/// <param name="Path">Where it stands in the network: <c>layer4.1</c>.</param>
/// <param name="Class">Its class in Python; "" where the file does not say.</param>
/// <param name="Call">Which call of it the node is of, from 0; null where the file does not say.</param>
internal readonly record struct OnnxModule(string Path, string Class, int? Call);

/// <summary>Where a node stands.</summary>
/// <param name="Modules">The modules from the outermost to the innermost, the network itself apart.</param>
/// <param name="Operator">What the exporter made it of: PyTorch's operator, or the node's own.</param>
/// <param name="Step">The step that it is of, alone or with others.</param>
internal sealed record OnnxPlace(IReadOnlyList<OnnxModule> Modules, string Operator, string Step)
{
    /// <summary>Of a node of which nothing is known.</summary>
    public static OnnxPlace Unknown { get; } = new([], "", "");
}
