using System.Text.Json;
using System.Text.Json.Nodes;
using Fovea.Checkpoints;
using Fovea.Dictionaries.Sparse;
using Fovea.IO;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.SaeLens;

/// <summary>
/// What SAELens keeps of a training: folders that a training left (<c>save_model</c>, checkpoints), what its <c>metadata</c> say of the
/// training of an inference SAE, the number that activations are multiplied by, how often latents fired.
/// </summary>
internal static class SaeLensTraining
{
    /// <summary>SAELens' residual_threshold where a document does not say it.</summary>
    public const double UsualResidual = 1e-2;

    private const string Batch = "batchtopk", Matryoshka = "matryoshka_batchtopk";
    private const string TopKThreshold = "topk_threshold", LogThreshold = "log_threshold";
    private const string Trained = "training_architecture", Details = "training_architecture_details";
    private const string L0 = "l0", DeadFeatures = "num_dead_features";
    private const string ScalerName = "activation_scaler.json", SparsityName = "sparsity.safetensors", SparsityTensor = "sparsity";
    private const long LongestScaler = 1 << 20;

    /// <summary>Latents that fire more rarely are called dead: SAELens' logarithm of a frequency of 0 is −10.</summary>
    private const double DeadLogarithm = -9.5;

    /// <summary>Whether a file in inference's words was a BatchTopK in training.</summary>
    public static bool IsOfBatch(SaeConfiguration file) => file.Architecture == "jumprelu"
        && Word(file.Metadata?[Trained]) is Batch or Matryoshka;

    /// <summary>
    /// A folder that a training left, in inference's words: BatchTopK's running threshold becomes one for each latent, a JumpReLU's
    /// logarithm its threshold.
    /// </summary>
    /// <exception cref="FoveaException">Data: it has no threshold, or one that is no number.</exception>
    public static SaeConfiguration ToInference(SaeConfiguration file, Dictionary<string, Tensor> tensors, string path)
    {
        if (file.Architecture == "jumprelu" && tensors.Remove(LogThreshold,
            out var logarithm)) tensors.Add(SparseAutoencoder.ThresholdName, logarithm.exp());
        if (file.Architecture == SaeLensArchitectures.MatchingPursuit && tensors.TryGetValue(SparseAutoencoder.DecoderWeightName,
            out var directions)
            && directions.dim() == 2)
        {
            tensors.TryAdd(SparseAutoencoder.EncoderWeightName, directions.t().contiguous());
            tensors.TryAdd(SparseAutoencoder.EncoderBiasName, zeros(directions.shape[0], directions.dtype));
        }
        if (file.Architecture is not (Batch or Matryoshka)) return file;
        if (!tensors.Remove(TopKThreshold, out var threshold) || threshold.numel() != 1)
            throw FoveaException.BadData($"{path}: {file.Architecture} lacks {TopKThreshold}, one number, which its training keeps. "
                + $"Save it with save_inference_model.");
        if (tensors.TryGetValue(SparseAutoencoder.EncoderBiasName, out var bias))
            tensors.Add(SparseAutoencoder.ThresholdName, full_like(bias, threshold.to_type(ScalarType.Float64).item<double>()));
        var metadata = file.Metadata?.DeepClone().AsObject() ?? [];
        metadata[Trained] = file.Architecture;
        if (metadata[Details] is not JsonObject) metadata[Details] = new JsonObject { ["k"] = file.K };
        // In training the norm of the decoder counts unless it is said not to.
        return file with
        {
            Architecture = "jumprelu",
            Metadata = metadata,
            RescaleByDecoderNorm = file.RescaleByDecoderNorm ?? true,
            K = null
        };
    }

    /// <summary>The variant that a JumpReLU was trained as, where one threshold for all latents says that nothing has changed
    /// since.</summary>
    public static VariantOptions? Settings(SaeConfiguration file, Dictionary<string, Tensor> tensors)
    {
        if (!IsOfBatch(file)) return null;
        var threshold = tensors[SparseAutoencoder.ThresholdName];
        return Number((file.Metadata?[Details] as JsonObject)?["k"]) is { } k && k > 0 && k <= file.LatentSize
            && threshold.eq(threshold[0]).all().item<bool>() ? new BatchTopKOptions { Sparsity = k } : null;
    }

    /// <summary>The number that a training multiplied activations by and has not folded into the weights; null: none is kept.</summary>
    /// <exception cref="FoveaException">Data: the document is damaged, or activations were whitened.</exception>
    public static double? ScaleOf(SaeConfiguration file, string folder)
    {
        string path = Path.Combine(folder, ScalerName);
        if (file.Normalization() != "expected_average_only_in" || !File.Exists(path)) return null;
        JsonObject scaler;
        try
        {
            if (new FileInfo(path).Length > LongestScaler) throw FoveaException.BadData($"{path} is too large for a number.");
            scaler = StrictJson.Object(PlainFile.ReadAllBytes(path)) ?? throw FoveaException.BadData($"{path} is no JSON object.");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or InvalidOperationException
            or ArgumentException)
        {
            throw FoveaException.BadData($"Cannot read {path}: {e.Message}", e);
        }
        if (scaler["has_whitening"] is JsonValue flag && flag.TryGetValue(out bool whitened) && whitened)
            throw FoveaException.BadData($"{path}: activations were whitened in training, which is not read. Save the SAE at the end of "
                + $"its training.");
        return Number(scaler["scaling_factor"]);
    }

    /// <summary>Says what the folder says of the SAE's training.</summary>
    /// <exception cref="FoveaException">Data: the frequencies are damaged.</exception>
    public static void Remark(SaeConfiguration file, string folder, List<string> notes)
    {
        if (Word(file.Metadata?[Trained]) is { } trained && trained != file.Architecture)
        {
            double? k = Number((file.Metadata?[Details] as JsonObject)?["k"]);
            notes.Add($"It was trained as a {trained}{(k is { } said ? FormattableString.Invariant($" with k = {said}") : "")}.");
        }
        if (Number(file.Metadata?[L0]) is { } measured)
            notes.Add(FormattableString.Invariant($"Its training ended with an L0 of {measured:0.###}")
                + (Number(file.Metadata?[DeadFeatures]) is { } dead ? FormattableString.Invariant($" and {dead:0} dead latents.") : "."));
        string path = Path.Combine(folder, SparsityName);
        if (!File.Exists(path)) return;
        using var frequencies = SafetensorsFile.Open(path);
        if (!frequencies.Tensors.TryGetValue(SparsityTensor, out var entry) || entry.Shape is not [var count] || count != file.LatentSize)
            throw FoveaException.BadData($"{path} does not hold {SparsityTensor} of {file.LatentSize} latents. Delete it if it is of "
                + $"another SAE.");
        using var logarithms = frequencies.ToTensor(SparsityTensor);
        double[] values = [.. logarithms.to_type(ScalarType.Float64).data<double>()];
        string l0 = FormattableString.Invariant($"{values.Sum(value => Math.Pow(10, value)):0.###}");
        notes.Add($"{SparsityName}: an L0 of {l0}; {values.Count(value => value < DeadLogarithm)} of {values.Length} latents never fired.");
    }

    /// <summary>Writes what SAELens says of a training that it has made itself.</summary>
    public static void Describe(JsonObject metadata, SparseAutoencoder autoencoder, AutoencoderScores? scores)
    {
        (metadata[Trained], metadata[Details]) = autoencoder switch
        {
            MatryoshkaAutoencoder nested => (Matryoshka, new JsonObject
            {
                ["k"] = nested.Sparsity,
                ["matryoshka_widths"] = new JsonArray([.. nested.Prefixes.Select(width => JsonValue.Create(width))]),
            }),
            BatchTopKAutoencoder batch => (Batch, new JsonObject { ["k"] = batch.Sparsity }),
            TopKAutoencoder => ("topk", new JsonObject()),
            L1Autoencoder l1 => ("standard", new JsonObject { ["l1_coefficient"] = l1.Sparsity }),
            JumpReLUAutoencoder jump => ("jumprelu", new JsonObject
            {
                ["jumprelu_bandwidth"] = jump.Bandwidth,
                ["l0_coefficient"] = jump.Sparsity
            }),
            GatedAutoencoder gated => ("gated", new JsonObject { ["l1_coefficient"] = gated.Sparsity }),
            _ => (SaeLensArchitectures.MatchingPursuit, new JsonObject()),
        };
        if (scores is null) return;
        metadata[L0] = scores.L0;
        metadata[DeadFeatures] = (int)Math.Round(scores.DeadFraction * autoencoder.LatentSize);
    }

    private static double? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue(out double number)
        && double.IsFinite(number) ? number : null;

    private static string? Word(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
