namespace Fovea.Interventions.Effects;

/// <summary>
/// What in an image makes a unit fire at one position. Values f are a neuron's activation or a latent's pre-activation there; areas are of
/// (f − f₀) / (f(image) − f₀) over the share of patches, f₀ on the mean colour alone.
/// </summary>
/// <param name="Value">f on the image.</param>
/// <param name="Baseline">f₀.</param>
/// <param name="Patches">What each patch adds, row-major <c>[grid][grid]</c>: integrated gradients, summed over its pixels and
/// colours.</param>
/// <param name="Deletion">Area while patches become the mean colour, the largest attribution first: the lower, the better the map.</param>
/// <param name="DeletionRandom">The same in random orders, their mean.</param>
/// <param name="Insertion">Area while patches are put into the mean colour, the largest attribution first: the higher, the better.</param>
/// <param name="InsertionRandom">The same in random orders, their mean.</param>
public sealed record FiringMap(
    double Value, double Baseline, IReadOnlyList<IReadOnlyList<float>> Patches, double Deletion, double DeletionRandom, double Insertion,
    double InsertionRandom);
