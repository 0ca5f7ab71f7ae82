using static TorchSharp.torch;

namespace Fovea.Dictionaries.Comparison;

/// <summary>
/// How alike the directions are that one training of a sparse autoencoder finds from different seeds. Codes are never negative, so cosines
/// keep their sign: a direction and its opposite stand for different features.
/// </summary>
/// <param name="Seeds">How many.</param>
/// <param name="MatchedCosine">Mean over pairs of seeds of <see cref="DictionarySimilarity.MatchedCosine"/>.</param>
/// <param name="MaximumCosine">Mean over ordered pairs of <see cref="DictionarySimilarity.MeanMaximumCosine"/>.</param>
public sealed record SeedStability(int Seeds, double MatchedCosine, double MaximumCosine)
{
    /// <summary>Compares every pair.</summary>
    /// <param name="decoders">Directions of at least two seeds, <c>[n, d]</c> each.</param>
    /// <exception cref="ArgumentException">There are fewer than two, or they are empty or of other lengths.</exception>
    public static SeedStability Of(IReadOnlyList<Tensor> decoders)
    {
        ArgumentNullException.ThrowIfNull(decoders);
        if (decoders.Count < 2) throw new ArgumentException($"Stability needs two seeds or more, not {decoders.Count}.", nameof(decoders));
        (Tensor A, Tensor B)[] pairs = [.. decoders.SelectMany((one, i) => decoders.Skip(i + 1).Select(other => (one, other)))];
        return new SeedStability(decoders.Count, pairs.Average(pair => DictionarySimilarity.MatchedCosine(pair.A, pair.B, signed: true)),
            pairs.Average(pair => (Nearest(pair.A, pair.B) + Nearest(pair.B, pair.A)) / 2));
    }

    private static double Nearest(Tensor a, Tensor b) => DictionarySimilarity.MeanMaximumCosine(a, b, signed: true);
}
