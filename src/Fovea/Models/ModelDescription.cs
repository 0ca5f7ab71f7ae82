using Fovea.Datasets;
using Fovea.Imaging;

namespace Fovea.Models;

/// <summary>The document <c>model.json</c>.</summary>
public sealed record ModelDescription
{
    /// <summary>Version of this document.</summary>
    public int Schema { get; init; } = 1;

    /// <summary>The network's name in <see cref="Architectures"/>.</summary>
    public required string Architecture { get; init; }

    /// <summary>As published, or modified for better gradients.</summary>
    public required GradientFlow Flow { get; init; }

    /// <summary>What images go through first.</summary>
    public required Preprocessing Preprocessing { get; init; }

    /// <summary>Number of weights, buffers apart.</summary>
    public required long Parameters { get; init; }

    /// <summary>SHA-256 (hex) of <c>weights.safetensors</c>.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The classes in the order of the network's outputs.</summary>
    public required IReadOnlyList<ClassInfo> Classes { get; init; }
}
