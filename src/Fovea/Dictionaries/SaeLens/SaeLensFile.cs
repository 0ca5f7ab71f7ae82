using System.Text.Json.Nodes;
using Fovea.Checkpoints;
using Fovea.Dictionaries.Sparse;
using Fovea.IO;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.SaeLens;

/// <summary>
/// Autoencoders for SAELens and from it: a folder of <c>cfg.json</c> and <c>sae_weights.safetensors</c> that <c>SAE.load_from_disk</c>
/// reads as an inference SAE with the same codes (docs/reference/saelens.md). <see cref="AutoencoderFile"/> is the form of a run folder,
/// which keeps what SAELens has no word for.
/// </summary>
public static class SaeLensFile
{
    /// <summary>Writes an autoencoder as SAELens means it; <c>cfg.json</c> comes last.</summary>
    /// <param name="folder">Made if absent.</param>
    /// <param name="autoencoder">On raw activations: its scale must have been folded.</param>
    /// <param name="modelName">The network, kept in SAELens' metadata.</param>
    /// <param name="layer">The layer, kept there as <c>hook_name</c>; null: the autoencoder's own.</param>
    /// <param name="scores">What was measured of it, kept as <c>l0</c> and <c>num_dead_features</c>; null: nothing.</param>
    /// <exception cref="FoveaException">The folder cannot be written, or SAELens has no word for the autoencoder.</exception>
    public static void Export(
        string folder, SparseAutoencoder autoencoder, string? modelName = null, string? layer = null, AutoencoderScores? scores = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(autoencoder);
        if (layer is not null) autoencoder.RequireLayer(layer);
        using var scope = NewDisposeScope();
        var form = SaeLensForm.Of(autoencoder);
        var metadata = new JsonObject { ["sae_lens_version"] = SaeLensVersions.Layout, ["sae_lens_training_version"] = null };
        if (modelName is not null) metadata["model_name"] = modelName;
        if ((layer ?? autoencoder.Layer) is { } hook) metadata["hook_name"] = hook;
        SaeLensTraining.Describe(metadata, autoencoder, scores);
        Safetensors.Write(Path.Combine(folder, AutoencoderFile.WeightsName), form.Tensors);
        JsonFile.Write(Path.Combine(folder, AutoencoderFile.ConfigurationName), new SaeConfiguration
        {
            Architecture = form.Architecture,
            InputSize = autoencoder.InputSize,
            LatentSize = autoencoder.LatentSize,
            DType = autoencoder.DType == ScalarType.Float64 ? "float64" : "float32",
            Device = "cpu",
            ApplyDecoderBiasToInput = true,
            NormalizeActivations = autoencoder.Normalization.Word(),
            ReshapeActivations = "none",
            K = form.K,
            RescaleByDecoderNorm = form.K is null ? null : false,
            ResidualThreshold = (autoencoder as MatchingPursuitAutoencoder)?.Tolerance,
            Metadata = metadata,
            Fovea = form.Origin(autoencoder) with { Layer = layer ?? autoencoder.Layer },
        });
    }

    /// <summary>
    /// Reads a folder of SAELens' or of <see cref="Export"/>; gradients are off. Weights of 16 bits become float32. What the document says
    /// beside the weights is folded into them; where it was written by <see cref="Export"/> and still says the same as the weights, the
    /// variant and its settings are restored.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="inputScale">The number that activations were multiplied by in training, where the document says
    /// <c>expected_average_only_in</c>.</param>
    /// <exception cref="FoveaException">Data: a file is missing or damaged, tensors do not fit, or the document asks for what Fovea cannot
    /// say. Numerical: a weight is NaN or infinite.</exception>
    public static SparseAutoencoder Import(string folder, double? inputScale = null) => Read(folder, inputScale, []);

    /// <summary>As <see cref="Import"/>, with what was decided and might surprise.</summary>
    internal static SparseAutoencoder Read(string folder, double? inputScale, List<string> notes)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string path = Path.Combine(folder, AutoencoderFile.ConfigurationName), weights = Path.Combine(folder, AutoencoderFile.WeightsName);
        var file = SaeConfiguration.Read(path).Modern();
        if ((file.ReshapeActivations ?? "none") != "none")
            throw FoveaException.BadData(
                $"{path}: vectors of attention heads (reshape_activations is \"{file.ReshapeActivations}\") are not read.");
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var tensors = Read(weights);
        file = SaeLensTraining.ToInference(file, tensors, path);
        var variant = SaeLensArchitectures.Variant(file, path);
        SaeLensShapes.Check(file, tensors, path, weights);
        SaeLensTraining.Remark(file, folder, notes);
        var normalization = InputNormalizationWords.Of(file.Normalization()) ?? InputNormalization.None;
        if (normalization.Sentence() is { } sentence) notes.Add(sentence);
        if (file.Fovea is { } ours && inputScale is null) return Restore(file, ours, tensors, path);
        inputScale ??= SaeLensTraining.ScaleOf(file, folder);
        SaeLensFolding.Apply(file, tensors, inputScale, path);
        var settings = SaeLensTraining.Settings(file, tensors) ?? variant.Defaults.Stored(file.K ?? 0);
        if (settings is MatchingPursuitOptions pursuit)
        {
            if (file.ApplyDecoderBiasToInput == false) tensors[SparseAutoencoder.DecoderBiasName].zero_();
            settings = pursuit with
            {
                Sparsity = file.LatentSize!.Value,
                Tolerance = (file.ResidualThreshold ?? SaeLensTraining.UsualResidual) / (inputScale ?? 1),
                StopAtRepeat = true,
            };
        }
        var autoencoder = Make(settings, file, tensors, weights);
        autoencoder.Normalization = normalization;
        return autoencoder;
    }

    private static Dictionary<string, Tensor> Read(string path)
    {
        using var file = SafetensorsFile.Open(path);
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (string name in file.Tensors.Keys)
        {
            var stored = file.ToTensor(name);
            if (!stored.is_floating_point())
                throw FoveaException.BadData($"{path}: {name} holds {stored.dtype}, not floating-point numbers.");
            tensors.Add(name, stored.dtype == ScalarType.Float64 ? stored : stored.to_type(ScalarType.Float32));
            if (!tensors[name].isfinite().all().item<bool>())
                throw FoveaException.NumericalFailure($"{path}: {name} holds NaN or infinity.");
        }
        // Versions before 6 could hold a factor for each latent; one that is 1 everywhere says nothing.
        foreach (string name in (string[])["scaling_factor", "finetuning_scaling_factor"])
        {
            if (tensors.TryGetValue(name, out var factor) && factor.eq(1).all().item<bool>()) tensors.Remove(name);
        }
        return tensors;
    }

    /// <summary>
    /// The autoencoder that <see cref="Export"/> was given. The block under <c>fovea</c> must not say something else than the weights,
    /// which others may have changed.
    /// </summary>
    private static SparseAutoencoder Restore(SaeConfiguration file, SaeOrigin ours, Dictionary<string, Tensor> tensors, string path)
    {
        var autoencoder = Make(AutoencoderFile.Settings(ours, path), file, tensors, path, surplus: true);
        autoencoder.Axis = ours.Axis;
        autoencoder.InputScale = ours.InputScale ?? 1;
        autoencoder.Normalization = InputNormalizationWords.Of(file.Normalization()) ?? InputNormalization.None;
        (autoencoder.Layer, autoencoder.Network) = (ours.Layer, ours.Network);
        // What a pursuit's encoder is follows from its decoder and is not in SAELens' file.
        var stored = file.Architecture != SaeLensArchitectures.MatchingPursuit ? tensors
            : tensors.Where(pair => pair.Key is not (SparseAutoencoder.EncoderWeightName or SparseAutoencoder.EncoderBiasName))
                .ToDictionary();
        if (SaeLensForm.Of(autoencoder).Equals(new SaeLensForm(file.Architecture!, (int?)file.K, stored)) && IsPlain(file))
            return autoencoder;
        autoencoder.Dispose();
        throw FoveaException.BadData(
            $"{path} says under \"fovea\" that it is a {ours.Variant} autoencoder, but its other fields and weights are not that one's. "
            + $"Take the block \"fovea\" out to read it as SAELens does.");
    }

    private static bool IsPlain(SaeConfiguration file) =>
        file.ApplyDecoderBiasToInput != false && InputNormalizationWords.Of(file.Normalization()) is not null
            && file.RescaleByDecoderNorm != true;

    private static SparseAutoencoder Make(
        VariantOptions settings, SaeConfiguration file, Dictionary<string, Tensor> tensors, string path, bool surplus = false)
    {
        SparseAutoencoder? autoencoder = null;
        try
        {
            autoencoder = settings.Create(
                file.InputSize!.Value, file.LatentSize!.Value, tensors[SparseAutoencoder.DecoderWeightName].dtype);
            var fitting = surplus ? tensors.Where(pair => autoencoder.Parameters.ContainsKey(pair.Key)).ToDictionary() : tensors;
            AutoencoderFile.CopyParameters(autoencoder, fitting, path);
            return autoencoder;
        }
        catch (FoveaException e)
        {
            autoencoder?.Dispose();
            // A setting of the file's, not of the user's.
            throw e.Kind == FailureKind.Configuration ? FoveaException.BadData($"{path}: {e.Message}", e) : e;
        }
    }
}
