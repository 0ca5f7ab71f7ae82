using Fovea.Dictionaries.Plain;
using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Synthetic;

namespace Fovea.Bench;

/// <summary>
/// The kinds of planted vectors and the settings of every variant behind docs/reference/planted.md. The tests compile this file too: they
/// hold the easy kind to 0.95 with the settings that the table is printed from.
/// </summary>
internal static class PlantedSettings
{
    /// <summary>Rows to learn from, and rows after them to measure on.</summary>
    public const int TrainRows = 200_000, HeldOutRows = 10_000;

    /// <summary>d = 64, n = 128, 4 of them active, no noise: every variant must solve it.</summary>
    public static PlantedDictionaryOptions Easy { get; } = new()
    {
        InputSize = 64,
        LatentSize = 128,
        Active = 4,
        Rows = TrainRows
        + HeldOutRows,
        Seed = 1
    };

    /// <summary>The easy vectors, and those that differ from them in one thing.</summary>
    public static IReadOnlyList<(string Name, PlantedDictionaryOptions Options)> Kinds { get; } =
    [
        ("easy", Easy),
        ("noise", Easy with { Noise = 1 }),
        ("correlated", Easy with { GroupSize = 4, GroupCorrelation = 0.5 }),
        ("hierarchical", Easy with { ChildrenPerParent = 3 }),
    ];

    /// <summary>Every variant with the one setting that it has for all kinds; names are unique.</summary>
    public static IReadOnlyList<AutoencoderOptions> Variants { get; } =
    [
        Common with { Name = "l1", Variant = new L1Options { Sparsity = 1 } },
        Common with { Name = "l1 tied", Variant = new L1Options { Sparsity = 1, Tied = true } },
        Common with { Name = "topk", Variant = new TopKOptions { Sparsity = 4 } },
        Common with { Name = "multi-topk", Variant = new TopKOptions { Sparsity = 4, SecondK = 16 } },
        Common with { Name = "batchtopk", Variant = new BatchTopKOptions { Sparsity = 4 } },
        Common with { Name = "matryoshka", Variant = new MatryoshkaOptions { Sparsity = 4 }, Epochs = 10 },
        Common with { Name = "jumprelu step", Variant = new JumpReLUOptions { Sparsity = 0.5 } },
        Common with { Name = "jumprelu tanh", Variant = new JumpReLUOptions { Sparsity = 0.5, Penalty = JumpReLUPenalty.Tanh } },
        Common with { Name = "jumprelu target",
            Variant = new JumpReLUOptions { Sparsity = 1, Penalty = JumpReLUPenalty.Target, TargetL0 = 4 }, Epochs = 10 },
        Common with { Name = "gated", Variant = new GatedOptions { Sparsity = 2 } },
        Common with { Name = "matchingpursuit", Variant = new MatchingPursuitOptions { Sparsity = 4 } },
        Common with { Name = "archetypal", Variant = new ArchetypalOptions { Sparsity = 4 } },
    ];

    /// <summary>
    /// Plain dictionaries; <c>pca</c> and <c>ica</c> stop at d directions. <c>nmf</c> refuses vectors with negative components, and
    /// <c>neurons</c>, the axes, are one more set of directions that has nothing to do with the planted ones.
    /// </summary>
    public static IReadOnlyList<string> Plain { get; } =
    [
        RandomDirections.DictionaryName, PrincipalComponents.DictionaryName, IndependentComponents.DictionaryName, KMeans.DictionaryName,
        SemiNonNegativeFactorization.DictionaryName,
    ];

    /// <summary>As many directions as are planted, and as many active ones.</summary>
    public static BaselineOptions PlainOptions { get; } = new() { LatentSize = Easy.LatentSize, K = Easy.Active, Seed = 2 };

    private static AutoencoderOptions Common => new()
    {
        LatentSize = Easy.LatentSize,
        BatchSize = 512,
        LearningRate = 3e-3,
        Epochs = 4,
        Auxiliary = 1.0 / 32,
        DeadAfter = 10_000,
        Seed = 2,
    };
}
