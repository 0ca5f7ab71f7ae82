namespace Fovea.Models;

/// <summary>The engine that reads some values of a network.</summary>
/// <param name="Name"><c>onnxruntime</c> or <c>torch</c>.</param>
/// <param name="Version">Its version.</param>
/// <param name="Reason">Of libtorch, why it is not ONNX Runtime; else null.</param>
public sealed record ReadingEngine(string Name, string Version, string? Reason)
{
    /// <summary>The name of ONNX Runtime.</summary>
    public const string OnnxRuntime = "onnxruntime";

    /// <summary>The name of libtorch.</summary>
    public const string Torch = "torch";

    /// <summary>The precision of its convolutions, where it is not single: <c>bf16</c>.</summary>
    public string? Precision { get; init; }

    /// <summary>What a trial of that precision showed; null: none was made.</summary>
    public string? Trial { get; init; }

    /// <summary>Name and version: engines whose values may differ in the last digits have different ones.</summary>
    public string Id => Precision is null ? $"{Name} {Version}" : $"{Name} {Version} {Precision}";

    /// <summary>For people: <c>ONNX Runtime 1.31.1</c>, <c>libtorch 2.10.0 (gradients are asked for)</c>.</summary>
    public string InWords =>
        $"{(Name == OnnxRuntime ? "ONNX Runtime" : "libtorch")} {Version}"
            + (Precision is null ? "" : $" in {Precision}")
            + (Reason is null && Trial is null ? "" : $" ({Trial ?? Reason})");

    /// <summary>libtorch, and why.</summary>
    internal static ReadingEngine OfTorch(string reason) => new(Torch, TorchSharp.torch.__version__, reason);
}
