using Fovea.Dictionaries.Sparse;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.SaeLens;

/// <summary>
/// What a <c>cfg.json</c> may ask for around the weights, put into the weights (in float64, rounded once), so that z = (x − b_dec) W_enc +
/// b_enc and x̂ = f W_dec + b_dec hold with the same codes f. What is done to each vector by numbers of its own goes before all of that and
/// stays with the autoencoder (<see cref="InputNormalization"/>).
/// </summary>
internal static class SaeLensFolding
{
    /// <summary>
    /// Folds; <paramref name="tensors"/> has the names and shapes of the architecture, results belong to the current dispose scope.
    /// </summary>
    /// <param name="file">The document.</param>
    /// <param name="tensors">Changed in place.</param>
    /// <param name="inputScale">s, the number that activations were multiplied by in training, where the document says that they
    /// were.</param>
    /// <param name="path">For messages.</param>
    /// <exception cref="FoveaException">Data: the document asks for what weights cannot say, or s is missing or unasked for.</exception>
    public static void Apply(SaeConfiguration file, Dictionary<string, Tensor> tensors, double? inputScale, string path)
    {
        Scale(file.Normalization(), tensors, inputScale, path, file.Architecture == SaeLensArchitectures.MatchingPursuit);
        // Before the decoder changes its lengths: the bias does not care, W_enc does.
        if (file.RescaleByDecoderNorm == true && (file.Architecture == "topk" || SaeLensTraining.IsOfBatch(file)))
        {
            RescaleByDecoderNorm(tensors);
            // θ was found among z‖d‖ of scaled vectors; with the scale in the decoder they are in the raw vectors' scale.
            if (inputScale is { } s && tensors.ContainsKey(SparseAutoencoder.ThresholdName))
                Change(tensors, SparseAutoencoder.ThresholdName, threshold => threshold / s);
        }
        if (file.ApplyDecoderBiasToInput == false && file.Architecture != SaeLensArchitectures.MatchingPursuit) CentreInput(tensors);
        // SAELens takes the ReLU of z whatever θ is; here a θ below 0 would let negative codes through.
        if (tensors.ContainsKey(SparseAutoencoder.ThresholdName))
            Change(tensors, SparseAutoencoder.ThresholdName, threshold => threshold.clamp_min(0));
    }

    /// <summary>
    /// Codes of s·x, reconstructions divided by s: W_enc·s, W_dec/s, b_dec/s, which is SAELens' <c>fold_activation_norm_scaling_factor</c>.
    /// </summary>
    private static void Scale(string normalization, Dictionary<string, Tensor> tensors, double? inputScale, string path, bool pursuit)
    {
        switch (normalization)
        {
            case "none" when inputScale is null:
                return;
            case "layer_norm" when tensors[SparseAutoencoder.DecoderBiasName].shape[0] < 2:
                throw FoveaException.BadData($"{path}: one number has no standard deviation (normalize_activations is \"layer_norm\").");
            // The autoencoder does it to each vector, before anything that is folded here.
            case "layer_norm" or "constant_norm_rescale" when inputScale is null:
                return;
            case "none" or "layer_norm" or "constant_norm_rescale":
                throw FoveaException.BadData($"{path} says that activations are not multiplied by one number (normalize_activations is "
                    + $"\"{normalization}\"): leave the input scale out.");
            case "expected_average_only_in" when inputScale is { } scale && double.IsFinite(scale) && scale > 0:
                // Encoder and decoder of a pursuit are one: its codes are in the raw vectors' scale by themselves.
                if (pursuit)
                {
                    Change(tensors, SparseAutoencoder.DecoderBiasName, bias => bias / scale);
                    return;
                }
                Change(tensors, SparseAutoencoder.EncoderWeightName, weight => weight * scale);
                Change(tensors, SparseAutoencoder.DecoderWeightName, weight => weight / scale);
                Change(tensors, SparseAutoencoder.DecoderBiasName, bias => bias / scale);
                return;
            case "expected_average_only_in":
                throw FoveaException.BadData(
                    $"{path} was trained on activations times one number (normalize_activations is \"{normalization}\"), which the file "
                        + $"does not hold. "
                    + "Give it as the input scale, a number above 0 (--input-scale; SAELens: √d_in over the mean length of a vector).");
            default:
                throw FoveaException.BadData($"{path}: normalize_activations is \"{normalization}\"; read are none, "
                    + "expected_average_only_in, layer_norm and constant_norm_rescale.");
        }
    }

    /// <summary>
    /// x W_enc + b_enc = (x − b_dec) W_enc + (b_enc + b_dec W_enc); of gated, so for the gates, and e^r times that for the magnitudes.
    /// </summary>
    private static void CentreInput(Dictionary<string, Tensor> tensors)
    {
        var shift = Wide(tensors, SparseAutoencoder.DecoderBiasName).matmul(Wide(tensors, SparseAutoencoder.EncoderWeightName));
        bool gated = tensors.ContainsKey(GatedAutoencoder.GateBiasName);
        Change(tensors, gated ? GatedAutoencoder.GateBiasName : SparseAutoencoder.EncoderBiasName, bias => bias + shift);
        if (gated) Change(
            tensors, GatedAutoencoder.MagnitudeBiasName, bias => bias + shift * Wide(tensors, GatedAutoencoder.MagnitudeScaleName).exp());
    }

    /// <summary>
    /// Latents compete by z‖d‖ and are divided by ‖d‖ before the decoder: the lengths go from W_dec to W_enc and b_enc. A row of zeros
    /// stays as it is.
    /// </summary>
    private static void RescaleByDecoderNorm(Dictionary<string, Tensor> tensors)
    {
        var length = Wide(tensors, SparseAutoencoder.DecoderWeightName).norm(1, false, 2);
        Change(tensors, SparseAutoencoder.EncoderWeightName, weight => weight * length);
        Change(tensors, SparseAutoencoder.EncoderBiasName, bias => bias * length);
        Change(tensors, SparseAutoencoder.DecoderWeightName, weight => weight / where(length.eq(0), ones_like(length), length)
            .unsqueeze(1));
    }

    private static Tensor Wide(Dictionary<string, Tensor> tensors, string name) => tensors[name].to_type(ScalarType.Float64);

    private static void Change(Dictionary<string, Tensor> tensors, string name, Func<Tensor, Tensor> change) =>
        tensors[name] = change(Wide(tensors, name)).to_type(tensors[name].dtype);
}
