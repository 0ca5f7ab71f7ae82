using System.Text.Json;
using Fovea.Checkpoints;
using Fovea.IO;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Sparse;

/// <summary>
/// An autoencoder as a folder in SAELens' layout: <c>sae_weights.safetensors</c> (names and shapes of
/// <see cref="SparseAutoencoder.Parameters"/>, float32 or float64) and <c>cfg.json</c>, written last. Weights act on raw activations.
/// </summary>
public static class AutoencoderFile
{
    /// <summary>The document that makes a folder an autoencoder.</summary>
    public const string ConfigurationName = SaeConfiguration.FileName;

    /// <summary>The parameters.</summary>
    public const string WeightsName = "sae_weights.safetensors";

    /// <summary>Writes the folder; each file whole or not at all.</summary>
    /// <param name="folder">Made if absent.</param>
    /// <param name="autoencoder">What to save; its scale must have been folded.</param>
    /// <param name="training">What training was asked for, kept in <c>cfg.json</c>.</param>
    /// <exception cref="FoveaException">The folder cannot be written.</exception>
    public static void Save(string folder, SparseAutoencoder autoencoder, AutoencoderOptions? training = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(autoencoder);
        Safetensors.Write(Path.Combine(folder, WeightsName), autoencoder.Parameters);
        JsonFile.Write(Path.Combine(folder, ConfigurationName), Describe(autoencoder, training));
    }

    /// <summary>Reads a folder that <see cref="Save"/> wrote; gradients are off.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="device">Where the autoencoder is to live; null: in main memory.</param>
    /// <exception cref="FoveaException">Data: a file is missing or damaged, or tensors are missing, unexpected or of another shape.
    /// Numerical: a weight is NaN or infinite.</exception>
    public static SparseAutoencoder Load(string folder, Device? device = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var configuration = SaeConfiguration.Read(Path.Combine(folder, ConfigurationName));
        string path = Path.Combine(folder, WeightsName);
        using var file = SafetensorsFile.Open(path);
        using var scope = NewDisposeScope();
        var stored = file.Tensors.Keys.ToDictionary(name => name, file.ToTensor, StringComparer.Ordinal);
        var dtype = stored.TryGetValue(SparseAutoencoder.DecoderWeightName, out var decoder) ? decoder.dtype : ScalarType.Float32;
        if (dtype is not (ScalarType.Float32 or ScalarType.Float64))
            throw FoveaException.BadData($"{path} holds {dtype} weights; autoencoders are read in float32 or float64.");
        var autoencoder = Build(configuration, dtype, folder);
        try
        {
            CopyParameters(autoencoder, stored, path);
            if (device is not null) autoencoder.MoveTo(device);
            return autoencoder;
        }
        catch
        {
            autoencoder.Dispose();
            throw;
        }
    }

    /// <summary>Copies stored tensors into an autoencoder's parameters; every difference is listed in one error.</summary>
    internal static void CopyParameters(SparseAutoencoder autoencoder, IReadOnlyDictionary<string, Tensor> stored, string what)
    {
        var wrong = new List<string>();
        foreach (var (name, parameter) in autoencoder.Parameters)
        {
            if (!stored.TryGetValue(name, out var tensor)) wrong.Add($"{name} is missing");
            else if (!tensor.shape.AsSpan().SequenceEqual(parameter.shape))
                wrong.Add($"{name} is [{string.Join(", ", tensor.shape)}], expected [{string.Join(", ", parameter.shape)}]");
        }
        wrong.AddRange(stored.Keys.Where(name => !autoencoder.Parameters.ContainsKey(name)).Select(name => $"{name} is unexpected"));
        if (wrong.Count > 0)
            throw FoveaException.BadData($"{what} does not hold a {autoencoder.Architecture} autoencoder: {string.Join("; ", wrong)}.");
        using var frozen = no_grad();
        foreach (var (name, parameter) in autoencoder.StoredParameters) parameter.copy_(stored[name]);
        FiniteWeights.Require(autoencoder);
        if (autoencoder.Tied
            && !stored[SparseAutoencoder.EncoderWeightName].t().equal(stored[SparseAutoencoder.DecoderWeightName]).all().item<bool>())
            throw FoveaException.BadData($"{what} says that weights are tied, but W_enc is not the transpose of W_dec.");
    }

    /// <summary>What SAELens has no key for.</summary>
    internal static SaeOrigin Origin(SparseAutoencoder autoencoder, AutoencoderOptions? training = null) => new()
    {
        Variant = autoencoder.Architecture,
        Axis = autoencoder.Axis,
        Layer = autoencoder.Layer,
        Network = autoencoder.Network,
        Settings = JsonSerializer.SerializeToNode(autoencoder.Settings, JsonFile.Options)!.AsObject(),
        // How often a checkpoint is written has no effect on the result.
        Training = training is null
            ? null : JsonSerializer.SerializeToNode(training with { CheckpointEverySteps = null }, JsonFile.Options)!.AsObject(),
        InputScale = autoencoder.InputScale,
    };

    /// <summary>The same of an autoencoder that is written as another variant, whose codes are the same.</summary>
    internal static SaeOrigin Origin(SparseAutoencoder autoencoder, VariantOptions settings) => Origin(autoencoder) with
    {
        Variant = settings.Architecture,
        Settings = JsonSerializer.SerializeToNode(settings, JsonFile.Options)!.AsObject(),
    };

    /// <summary>The variant's settings.</summary>
    /// <exception cref="FoveaException">Data: they are of no variant that is known.</exception>
    internal static VariantOptions Settings(SaeOrigin origin, string path)
    {
        try
        {
            return origin.Settings.Deserialize<VariantOptions>(JsonFile.Options)
                ?? throw FoveaException.BadData($"Cannot read {path}: it has no settings.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw FoveaException.BadData($"Cannot read {path}: {e.Message}", e);
        }
    }

    private static SaeConfiguration Describe(SparseAutoencoder autoencoder, AutoencoderOptions? training) => new()
    {
        Architecture = AutoencoderVariants.Get(autoencoder.Architecture).FileArchitecture,
        InputSize = autoencoder.InputSize,
        LatentSize = autoencoder.LatentSize,
        DType = autoencoder.DType == ScalarType.Float64 ? "float64" : "float32",
        Device = "cpu",
        ApplyDecoderBiasToInput = true,
        NormalizeActivations = autoencoder.Normalization.Word(),
        ReshapeActivations = "none",
        K = (autoencoder as TopKAutoencoder)?.K,
        ResidualThreshold = (autoencoder as MatchingPursuitAutoencoder)?.Tolerance,
        Metadata = [],
        Fovea = Origin(autoencoder, training),
    };

    private static SparseAutoencoder Build(SaeConfiguration file, ScalarType dtype, string folder)
    {
        string path = Path.Combine(folder, ConfigurationName);
        if (file.InputSize is not { } inputs || file.LatentSize is not { } latents || inputs < 1 || latents < 1)
            throw FoveaException.BadData($"{path} lacks d_in and d_sae, two whole numbers above 0.");
        if (file.ApplyDecoderBiasToInput == false || InputNormalizationWords.Of(file.NormalizeActivations) is not { } normalization
            || (normalization == InputNormalization.LayerNorm && inputs < 2))
            throw FoveaException.BadData($"{folder}: only autoencoders with apply_b_dec_to_input and with normalize_activations \"none\", "
                + "\"layer_norm\" (of two components or more) or \"constant_norm_rescale\" are read.");
        VariantOptions settings = file.Fovea is { } ours ? Settings(ours, path)
            : AutoencoderVariants.All.FirstOrDefault(known => known.FileArchitecture == file.Architecture)?.Defaults.Stored(file.K ?? 0)
                ?? throw FoveaException.BadData($"{path}: architecture '{file.Architecture}' is not one that Fovea reads.");
        var autoencoder = settings.Create(inputs, latents, dtype);
        autoencoder.Axis = file.Fovea?.Axis ?? 1;
        autoencoder.InputScale = file.Fovea?.InputScale ?? 1;
        autoencoder.Normalization = normalization;
        (autoencoder.Layer, autoencoder.Network) = (file.Fovea?.Layer, file.Fovea?.Network);
        return autoencoder;
    }
}
