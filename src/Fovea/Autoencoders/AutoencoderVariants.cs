using static TorchSharp.torch;

namespace Fovea.Autoencoders;

/// <summary>One variant of sparse autoencoder in the catalogue.</summary>
/// <param name="Name">Its name in recipes and files.</param>
/// <param name="FileArchitecture">SAELens' name for it, written to <c>cfg.json</c>.</param>
/// <param name="DefaultSparsity">The sparsity setting where none is given.</param>
/// <param name="SparsityMeaning">For people: what the setting is.</param>
/// <param name="Create">Makes one with zero parameters for vectors of the given length; its last argument is the sparsity setting.</param>
public sealed record AutoencoderVariant(
    string Name, string FileArchitecture, double DefaultSparsity, string SparsityMeaning,
    Func<AutoencoderOptions, int, ScalarType, double, SparseAutoencoder> Create);

/// <summary>The variants by name. Adding one is a folder and a line here.</summary>
public static class AutoencoderVariants
{
    /// <summary>Every variant, in the order of the paper's section 8.2.</summary>
    public static IReadOnlyList<AutoencoderVariant> All { get; } =
    [
        new(L1Autoencoder.VariantName, "standard", 2, "coefficient of the L1 norm", (options, inputs, dtype, sparsity) =>
            new L1Autoencoder(inputs, options.LatentsFor(inputs), sparsity, options.Clip, options.Tied, options.Biases, dtype)),
        new(TopKAutoencoder.VariantName, "topk", 32, "k, active latents a vector", (options, inputs, dtype, sparsity) =>
            new TopKAutoencoder(inputs, options.LatentsFor(inputs), WholeNumber(sparsity), dtype)),
        new(JumpReLUAutoencoder.VariantName, "jumprelu", 1, "coefficient of the number of active latents", (options, inputs, dtype, sparsity) =>
            new JumpReLUAutoencoder(inputs, options.LatentsFor(inputs), sparsity, options.Bandwidth, options.InitialThreshold, dtype)),
    ];

    /// <summary>The variant called <paramref name="name"/> (case does not matter).</summary>
    /// <exception cref="FoveaException">Configuration: there is none; the message lists the names.</exception>
    public static AutoencoderVariant Get(string name) =>
        All.FirstOrDefault(variant => string.Equals(variant.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw FoveaException.BadConfiguration($"There is no autoencoder variant '{name}'. The variants are: {string.Join(", ", All.Select(variant => variant.Name))}.");

    /// <summary>An autoencoder with zero parameters, as the options say.</summary>
    /// <param name="options">Variant, sizes and settings.</param>
    /// <param name="inputSize">Length of the vectors.</param>
    /// <param name="dtype">float32 or float64.</param>
    /// <exception cref="FoveaException">Configuration: a value cannot be used.</exception>
    public static SparseAutoencoder Create(AutoencoderOptions options, int inputSize, ScalarType dtype = ScalarType.Float32)
    {
        ArgumentNullException.ThrowIfNull(options);
        var variant = Get(options.Architecture);
        return variant.Create(options, inputSize, dtype, options.Sparsity ?? variant.DefaultSparsity);
    }

    private static int WholeNumber(double k) =>
        k is >= 1 and <= int.MaxValue && Math.Floor(k) == k ? (int)k : throw FoveaException.BadConfiguration($"TopK's sparsity is k, a whole number above 0, not {k}.");
}
