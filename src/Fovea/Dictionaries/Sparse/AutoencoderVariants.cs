using static TorchSharp.torch;

namespace Fovea.Dictionaries.Sparse;

/// <summary>One variant of sparse autoencoder in the catalogue.</summary>
/// <param name="Name">Its name in recipes and files.</param>
/// <param name="FileArchitecture">SAELens' name for it, written to <c>cfg.json</c>.</param>
/// <param name="SparsityMeaning">For people: what the sparsity setting is.</param>
/// <param name="Defaults">Its own options, as they are where nothing is said.</param>
/// <param name="DefaultAuxiliary">The coefficient of AuxK where none is given.</param>
public sealed record AutoencoderVariant(
    string Name, string FileArchitecture, string SparsityMeaning, VariantOptions Defaults, double DefaultAuxiliary = 0)
{
    private static readonly double[] Steps = [0.25, 0.5, 1, 2, 4];

    /// <summary>Whether the sparsity setting is a number of latents, at most n.</summary>
    public bool TakesK { get; init; }

    /// <summary>Settings round the default, each twice the one before: what a sweep compares where it is not told.</summary>
    /// <param name="latents">n; no more latents are active than there are.</param>
    public IReadOnlyList<double> SparsityLadder(int latents)
    {
        double[] ladder = [.. Steps.Select(step => Defaults.Sparsity * step).Where(value => !TakesK || value <= latents)];
        return ladder.Length > 0 ? ladder : [latents];
    }
}

/// <summary>The variants by name. Adding one is a folder and a line here.</summary>
public static class AutoencoderVariants
{
    /// <summary>Gao et al.'s α: where k latents are chosen, nothing but AuxK reaches those that never are.</summary>
    private const double Revival = 1.0 / 32;

    /// <summary>
    /// Every variant: those of the paper's section 8.2 in its order, then the others. Of several with one SAELens name a file without our
    /// fields is the first.
    /// </summary>
    public static IReadOnlyList<AutoencoderVariant> All { get; } =
    [
        new(L1Autoencoder.VariantName, "standard", "coefficient of the L1 norm", new L1Options()),
        new(TopKAutoencoder.VariantName, "topk", "k, active latents a vector", new TopKOptions(), Revival) { TakesK = true },
        new(JumpReLUAutoencoder.VariantName, "jumprelu", "coefficient of the number of active latents", new JumpReLUOptions()),
        new(GatedAutoencoder.VariantName, "gated", "coefficient of the L1 norm of the gates", new GatedOptions()),
        new(BatchTopKAutoencoder.VariantName, "jumprelu", "k, active latents a vector on average", new BatchTopKOptions(),
            Revival) { TakesK = true },
        new(MatryoshkaAutoencoder.VariantName, "jumprelu", "k, active latents a vector on average", new MatryoshkaOptions(),
            Revival) { TakesK = true },
        new(MatchingPursuitAutoencoder.VariantName, "matching_pursuit", "k, steps of the pursuit and active latents a vector at most",
            new MatchingPursuitOptions(), Revival) { TakesK = true },
        new(ArchetypalAutoencoder.VariantName, "topk", "k, active latents a vector", new ArchetypalOptions(), Revival) { TakesK = true },
    ];

    /// <summary>The variant called <paramref name="name"/> (case does not matter).</summary>
    /// <exception cref="FoveaException">Configuration: there is none; the message lists the names.</exception>
    public static AutoencoderVariant Get(string name) =>
        All.FirstOrDefault(variant => string.Equals(variant.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw FoveaException.BadConfiguration(
            $"There is no autoencoder variant '{name}'. The variants are: {string.Join(", ", All.Select(variant => variant.Name))}.");

    /// <summary>An autoencoder with zero parameters, as the options say.</summary>
    /// <param name="options">Variant, sizes and settings.</param>
    /// <param name="inputSize">Length of the vectors.</param>
    /// <param name="dtype">float32 or float64.</param>
    /// <exception cref="FoveaException">Configuration: a value cannot be used.</exception>
    public static SparseAutoencoder Create(AutoencoderOptions options, int inputSize, ScalarType dtype = ScalarType.Float32)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Variant.Create(inputSize, options.LatentsFor(inputSize), dtype);
    }
}
