namespace Fovea.Activations.Filters;

/// <summary>A score that needs nothing of a layer but the vector at the position itself.</summary>
internal interface IVectorScore : IPatchScore
{
    /// <summary>The scores of some positions; as <see cref="IPatchScore.Score"/>, but for the order in which sums are added.</summary>
    /// <param name="vectors"><c>[positions, channels]</c>.</param>
    /// <param name="channels">Numbers of a vector.</param>
    /// <param name="scores"><c>[positions]</c>.</param>
    void Score(ReadOnlySpan<float> vectors, int channels, Span<float> scores);
}
