using static TorchSharp.torch;

namespace Fovea.Visualization.Objectives;

/// <summary>
/// How unlike the pictures of one feature are, so that they show its different sides; added to the feature's own objective with a weight.
/// Of each picture the Gram matrix of the layer's channels (its texture), flattened and at unit length; the figure is minus the mean inner
/// product with those of the other pictures of the same unit: −1 where all are alike, up to 0 (lucid's <c>diversity</c>; Olah et al. 2017).
/// Pictures of different units do not mix.
/// </summary>
public sealed class DiversityObjective : LayerObjective
{
    /// <summary>One picture for each entry of <paramref name="units"/>; equal entries are pictures of one feature.</summary>
    /// <param name="layer">Where texture is compared; the feature's layer or one before it.</param>
    /// <param name="units">The units of the feature's objective, which this one is added to.</param>
    /// <exception cref="FoveaException">A unit is negative.</exception>
    public DiversityObjective(string layer, IReadOnlyList<int> units) : this(layer, PictureKey.Number(layer, units))
    {
    }

    private DiversityObjective(string layer, IReadOnlyList<PictureKey> keys) : base(layer, keys)
    {
    }

    /// <inheritdoc/>
    public override bool CanSplitAt(int picture) => !Units.Take(picture).Intersect(Units.Skip(picture)).Any();

    /// <inheritdoc/>
    public override IObjective Slice(int start, int count)
    {
        if (!CanSplitAt(start) || !CanSplitAt(start + count))
            throw FoveaException.BadConfiguration(
                $"Pictures {start} to {start + count - 1} leave out some of a feature whose pictures are compared with each other.");
        return new DiversityObjective(Layer, KeysOf(start, count));
    }

    /// <inheritdoc/>
    public override Tensor Evaluate(Tensor activation)
    {
        using var scope = NewDisposeScope();
        Tensor products = GramProducts(Positions.AsMaps(activation, Units).flatten(2));
        Tensor lengths = products.diagonal().clamp_min(1e-10).rsqrt();
        Tensor others = tensor(Others(), float64).reshape(Units.Count, Units.Count).to(products.dtype, products.device);
        return (products * lengths * lengths.unsqueeze(1) * others).sum(1).neg().MoveToOuterDisposeScope();
    }

    /// <summary>The figure itself.</summary>
    public override Tensor Peak(Tensor activation)
    {
        using var quiet = no_grad();
        return Evaluate(activation);
    }

    /// <inheritdoc/>
    protected override string Caption(int? unit) => $"diversity of the pictures of {(unit is null ? "a unit" : $"unit {unit}")} at {Layer}";

    /// <summary>
    /// ⟨G_i, G_j⟩ of all pictures, G = F·Fᵀ of <c>F [C, P]</c>: <c>[N, C, P]</c> → <c>[N, N]</c>. It is ‖F_iᵀ·F_j‖² as well, which holds
    /// N²·P² numbers instead of N·C²: whichever are fewer.
    /// </summary>
    private static Tensor GramProducts(Tensor maps)
    {
        long pictures = maps.shape[0], channels = maps.shape[1], positions = maps.shape[2];
        if (pictures * positions * positions < channels * channels)
        {
            Tensor vectors = maps.transpose(1, 2).reshape(pictures * positions, channels);
            return vectors.mm(vectors.t()).square().reshape(pictures, positions, pictures, positions).sum([1L, 3L]);
        }
        Tensor grams = maps.bmm(maps.transpose(1, 2)).flatten(1);
        return grams.mm(grams.t());
    }

    /// <summary>Row i averages over the other pictures of i's unit; 0 for one that has none.</summary>
    private double[] Others()
    {
        int count = Units.Count;
        var pictures = Units.CountBy(unit => unit).ToDictionary();
        var weights = new double[count * count];
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < count; j++)
                if (i != j && Units[i] == Units[j]) weights[i * count + j] = 1.0 / (pictures[Units[i]] - 1);
        }
        return weights;
    }
}
