using Fovea.Interpretation;

namespace Fovea.Interventions.Circuits;

/// <summary>
/// A layer whose units are nodes of a circuit, and what stands in the place of those that are taken out of it. The part of a vector that a
/// dictionary does not explain is a node of its own.
/// </summary>
/// <param name="Units">The layer's neurons, or the latents of a dictionary of it, which stays its owner's.</param>
public sealed record CircuitLayer(UnitGroup Units)
{
    /// <summary>
    /// The mean of each unit over training vectors, [units]; with <see cref="VectorMean"/> what ablated nodes become. Null: they become 0. Of
    /// neurons it is <see cref="VectorMean"/>, and is not looked at.
    /// </summary>
    public IReadOnlyList<float>? UnitMeans { get; init; }

    /// <summary>The mean vector, [C]; null: ablated nodes become 0. Both layers of a circuit have one, or neither.</summary>
    public IReadOnlyList<float>? VectorMean { get; init; }

    /// <summary>The layer's own neurons in place of these units, with the same mean vector.</summary>
    internal CircuitLayer Neurons() => new(UnitGroup.Neurons(Units.Layer)) { VectorMean = VectorMean };
}
