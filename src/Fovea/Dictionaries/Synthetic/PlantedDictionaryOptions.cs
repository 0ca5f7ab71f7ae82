namespace Fovea.Dictionaries.Synthetic;

/// <summary>How large the coefficients of planted features are.</summary>
public enum PlantedCoefficients
{
    /// <summary>Uniform in [0.5, 1.5): well above noise, mean 1.</summary>
    Uniform,

    /// <summary>|N(0, 1)|: many are close to 0, and a learner has to decide which are there.</summary>
    HalfNormal,
}

/// <summary>What <see cref="PlantedDictionary"/> generates.</summary>
public sealed record PlantedDictionaryOptions
{
    /// <summary>d, components of a vector.</summary>
    public int InputSize { get; init; } = 64;

    /// <summary>n, planted directions.</summary>
    public int LatentSize { get; init; } = 128;

    /// <summary>k: exactly so many features are active in each vector, 1 … n.</summary>
    public int Active { get; init; } = 4;

    /// <summary>Number of rows; a row's vector does not depend on it.</summary>
    public long Rows { get; init; } = 100_000;

    /// <summary>The seed of directions and rows.</summary>
    public ulong Seed { get; init; }

    /// <summary>How coefficients are drawn.</summary>
    public PlantedCoefficients Coefficients { get; init; }

    /// <summary>Root mean squared length of the noise vector: each component is normal with standard deviation Noise / √d.</summary>
    public double Noise { get; init; }

    /// <summary>Features fire together in groups of this many neighbours (0 … g − 1, g … 2g − 1, …); 1 is none.</summary>
    public int GroupSize { get; init; } = 1;

    /// <summary>
    /// The chance, 0 … 1, that the next feature of a vector comes from the last one's group, where that has one left. 0 is none; 1 fills
    /// one group after the other.
    /// </summary>
    public double GroupCorrelation { get; init; }

    /// <summary>
    /// c: the first ⌈n / (1 + c)⌉ features are parents, and feature i after them is a child of parent (i − parents) / c (whole division). A
    /// child is active only where its parent is. 0 is no hierarchy.
    /// </summary>
    public int ChildrenPerParent { get; init; }

    /// <summary>Number of features that are active without a parent.</summary>
    public int ParentCount => ChildrenPerParent == 0 ? LatentSize : (int)((LatentSize + (long)ChildrenPerParent) / (1 + ChildrenPerParent));

    /// <summary>The parent of a feature, or −1.</summary>
    /// <param name="feature">0 … n − 1.</param>
    public int Parent(int feature)
    {
        int parents = ParentCount;
        return feature < parents ? -1 : (feature - parents) / ChildrenPerParent;
    }

    internal void Validate()
    {
        if (InputSize <= 0 || LatentSize <= 0 || Rows <= 0)
            throw FoveaException.BadConfiguration(
                $"Planted vectors need components, features and rows above 0, not {InputSize}, {LatentSize} and {Rows}.");
        if (Active < 1 || Active > LatentSize)
            throw FoveaException.BadConfiguration($"Active planted features must be 1 … {LatentSize}, not {Active}.");
        if (!double.IsFinite(Noise) || Noise < 0) throw FoveaException.BadConfiguration($"Noise is a length not below 0, not {Noise}.");
        if (GroupSize < 1 || LatentSize % GroupSize != 0)
            throw FoveaException.BadConfiguration($"{LatentSize} features cannot be put in groups of {GroupSize}. Use a divisor.");
        if (!(GroupCorrelation >= 0 && GroupCorrelation <= 1))
            throw FoveaException.BadConfiguration($"The groups' correlation is a chance, 0 … 1, not {GroupCorrelation}.");
        if (ChildrenPerParent < 0)
            throw FoveaException.BadConfiguration($"Children of a parent must not be below 0, not {ChildrenPerParent}.");
        if (!Enum.IsDefined(Coefficients)) throw FoveaException.BadConfiguration($"There are no coefficients of kind {Coefficients}.");
    }
}
