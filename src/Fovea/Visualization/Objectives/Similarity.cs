using static TorchSharp.torch;

namespace Fovea.Visualization.Objectives;

/// <summary>
/// How much of a direction v an activation a has. The dot product alone is soonest raised by whatever is large; a factor cosᵖ asks for the
/// direction itself (lucid's <c>cossim_pow</c>), the more the higher p.
/// </summary>
public sealed record Similarity
{
    // A cosine near 0 or below would switch off, or turn round, the gradient of the dot product: lucid's floor.
    private const double SmallestCosine = 0.1, Tiny = 1e-6;

    private readonly bool _dot;
    private readonly int _power;

    private Similarity(bool dot, int power) => (_dot, _power) = (dot, power);

    /// <summary>a·v; the length of v scales it.</summary>
    public static Similarity Dot { get; } = new(true, 0);

    /// <summary>cos(a, v), whatever the sizes.</summary>
    public static Similarity Cosine { get; } = new(false, 1);

    /// <summary>(a·v) · max(0.1, cos(a, v))ᵖ; p = 0 is <see cref="Dot"/>. Usual: 1, 2 or 4.</summary>
    /// <exception cref="FoveaException">p is negative or above 16.</exception>
    public static Similarity DotCosine(int power = 2) => power is >= 0 and <= 16 ? new(true, power)
        : throw FoveaException.BadConfiguration($"A cosine cannot be weighted with the power {power}: take 0, 1, 2 or 4.");

    /// <inheritdoc/>
    public override string ToString() => (_dot, _power) switch
    {
        (false, _) => "cosine",
        (_, 0) => "dot product",
        (_, 1) => "dot × cos",
        (_, 2) => "dot × cos²",
        (_, 4) => "dot × cos⁴",
        _ => $"dot × cos^{_power}",
    };

    /// <summary>The figure, over the given dimensions of both (which they lose).</summary>
    internal Tensor Of(Tensor activation, Tensor target, params long[] dimensions)
    {
        Tensor dot = (activation * target).sum(dimensions);
        if (_dot && _power == 0) return dot;
        // The root of a sum that is 0 has no gradient.
        Tensor sizes = (activation.square().sum(dimensions) + Tiny * Tiny).sqrt() * (target.square().sum(dimensions) + Tiny * Tiny).sqrt();
        Tensor cosine = dot / sizes;
        return _dot ? dot * cosine.clamp_min(SmallestCosine).pow(_power) : cosine;
    }
}
