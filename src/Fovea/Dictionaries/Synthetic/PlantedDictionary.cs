using Fovea.Activations;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Synthetic;

/// <summary>
/// Vectors whose features are known: what a dictionary has found is then a fact and not an opinion.
/// <code>
/// x = Σ aᵢ dᵢ + ε        over exactly k active features i; dᵢ random of length 1, aᵢ > 0
/// </code>
/// The features of a row are drawn one after the other, each uniform over those not chosen yet, except that groups pull their members along
/// (<see cref="PlantedDictionaryOptions.GroupCorrelation"/>) and children are out of reach without their parent
/// (<see cref="PlantedDictionaryOptions.ChildrenPerParent"/>: parents are then active more often). Every number is drawn from (seed, row),
/// nothing is stored but the n directions: the same row gives the same vector at any time, on any thread, in any order.
/// </summary>
public sealed class PlantedDictionary : IVectorSource
{
    private readonly float[] _directions;

    /// <summary>Draws the directions.</summary>
    /// <param name="options">Sizes and settings.</param>
    /// <exception cref="FoveaException">Configuration: an option cannot be used.</exception>
    public PlantedDictionary(PlantedDictionaryOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Options = options;
        _directions = new float[(long)options.LatentSize * options.InputSize];
        var direction = new double[options.InputSize];
        for (int latent = 0; latent < options.LatentSize; latent++)
        {
            var random = new CounterRandom(options.Seed, "planted/direction", latent);
            double squares = 0;
            for (int i = 0; i < direction.Length; i++)
            {
                direction[i] = random.NextGaussian();
                squares += direction[i] * direction[i];
            }
            var row = Direction(latent);
            for (int i = 0; i < direction.Length; i++) row[i] = (float)(direction[i] / Math.Sqrt(squares));
        }
    }

    /// <summary>Sizes and settings.</summary>
    public PlantedDictionaryOptions Options { get; }

    /// <inheritdoc/>
    public int Dimension => Options.InputSize;

    /// <inheritdoc/>
    public long Count => Options.Rows;

    /// <summary>The true directions, <c>[n, d]</c> float32, rows of length 1; a new tensor, owned by the caller.</summary>
    public Tensor Directions() => tensor(_directions, [Options.LatentSize, Options.InputSize]);

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A row is not 0 … Count − 1.</exception>
    public void Read(ReadOnlySpan<long> rows, Span<float> destination)
    {
        for (int i = 0; i < rows.Length; i++)
        {
            var vector = destination.Slice(i * Dimension, Dimension);
            vector.Clear();
            var (features, coefficients, random) = Draw(rows[i]);
            for (int feature = 0; feature < features.Length; feature++)
            {
                var direction = Direction(features[feature]);
                for (int j = 0; j < vector.Length; j++) vector[j] += coefficients[feature] * direction[j];
            }
            if (Options.Noise == 0) continue;
            double deviation = Options.Noise / Math.Sqrt(Dimension);
            for (int j = 0; j < vector.Length; j++) vector[j] += (float)(deviation * random.NextGaussian());
        }
    }

    /// <summary>The true codes of some rows: k entries each, without the noise.</summary>
    /// <param name="rows">Row numbers.</param>
    /// <returns>Float32 codes over n latents, owned by the caller.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A row is not 0 … Count − 1.</exception>
    public SparseCodes Codes(ReadOnlySpan<long> rows)
    {
        int k = Options.Active, entries = checked(rows.Length * k);
        var offsets = new long[rows.Length + 1];
        var latents = new int[entries];
        var values = new float[entries];
        for (int i = 0; i < rows.Length; i++)
        {
            var (features, coefficients, _) = Draw(rows[i]);
            features.CopyTo(latents, i * k);
            coefficients.CopyTo(values, i * k);
            offsets[i + 1] = (i + 1L) * k;
        }
        return new SparseCodes(tensor(offsets), tensor(latents), tensor(values), Options.LatentSize);
    }

    /// <summary>Active features in rising order, their coefficients, and the row's generator from here on.</summary>
    private (int[] Features, float[] Coefficients, CounterRandom Random) Draw(long row)
    {
        if (row < 0 || row >= Count) throw new ArgumentOutOfRangeException(nameof(row), row, $"The source has {Count} rows.");
        var random = new CounterRandom(Options.Seed, "planted/row", row);
        var chosen = new HashSet<int>(Options.Active);
        for (int last = -1; chosen.Count < Options.Active; chosen.Add(last)) last = Next(random, chosen, last);
        int[] features = [.. chosen.Order()];
        var coefficients = new float[features.Length];
        for (int i = 0; i < coefficients.Length; i++)
        {
            coefficients[i] = Options.Coefficients == PlantedCoefficients.Uniform
                ? (float)random.NextDouble(0.5, 1.5)
                // Not exactly 0, which would not be active; the smallest normal number adds nothing to a vector.
                : Math.Max((float)Math.Abs(random.NextGaussian()), 1.17549435e-38f);
        }
        return (features, coefficients, random);
    }

    private int Next(CounterRandom random, HashSet<int> chosen, int last)
    {
        bool Eligible(int feature) =>
            !chosen.Contains(feature) && (Options.Parent(feature) is var parent && (parent < 0 || chosen.Contains(parent)));

        if (last >= 0 && Options.GroupSize > 1 && random.NextDouble() < Options.GroupCorrelation)
        {
            int first = last / Options.GroupSize * Options.GroupSize;
            int[] left = [.. Enumerable.Range(first, Options.GroupSize).Where(Eligible)];
            if (left.Length > 0) return left[random.NextInt(left.Length)];
        }
        // Until one fits: at least one in 1 + c does while k is small, and there always is one while k ≤ n.
        while (true)
        {
            int feature = random.NextInt(Options.LatentSize);
            if (Eligible(feature)) return feature;
        }
    }

    private Span<float> Direction(int latent) => _directions.AsSpan(latent * Options.InputSize, Options.InputSize);
}
