using System.Text.Json;
using System.Text.Json.Nodes;
using Fovea.Dictionaries.Sparse;
using Fovea.IO;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Foreign;

/// <summary>
/// State dicts of dictionary_learning (Marks, Karvonen and Mueller; its <c>ae.pt</c> with <c>config.json</c>), class by class, with the
/// codes that its own loader's objects give:
/// <code>
/// AutoEncoder              f = max((x − b) E + b_E, 0)                    decoder rows brought to length 1, lengths go to E and b_E
/// AutoEncoderNew           f = max(x E + b_E, 0)                          nothing is subtracted
/// AutoEncoderTopK          f = the k largest of max((x − b) E + b_E, 0)
/// BatchTopKSAE, Matryoshka f = z where z = max((x − b) E + b_E, 0) &gt; θ
/// GatedAutoEncoder         f = max(e^r (x − b) E + b_mag, 0) where (x − b) E + b_gate &gt; 0
/// JumpReluAutoEncoder      f = max(z, 0) where z = x W_enc + b_enc &gt; θ     nothing is subtracted
/// </code>
/// </summary>
internal static class DictionaryLearningForm
{
    public const string Library = "dictionary_learning";

    /// <summary>Its file of what a dictionary was trained with.</summary>
    public const string ConfigurationName = "config.json";

    /// <summary>Its file of weights.</summary>
    public const string WeightsName = "ae.pt";

    private const long LongestConfiguration = 16 << 20;

    public static bool Is(ForeignForm form) =>
        (form.Has("encoder.weight") && form.Has("decoder.weight")) || (form.Has("W_enc") && (form.Has("threshold")
            || form.Has("group_sizes")));

    /// <param name="form">The state.</param>
    /// <param name="options">k and the variant where nothing else says them.</param>
    /// <param name="configuration">The path of <c>config.json</c>; null: there is none.</param>
    public static SparseAutoencoder Read(ForeignForm form, ForeignOptions options, string? configuration)
    {
        JsonNode? trainer = configuration is null ? null : Trainer(configuration);
        string? kind = trainer?["dict_class"] is JsonValue word && word.TryGetValue(out string? said) ? said : null;
        if (form.Has("group_sizes")) return Matryoshka(form);
        if (form.Has("W_enc")) return JumpReLU(form);
        if (form.Has("r_mag")) return Gated(form);
        if (form.Has("b_dec")) return TopK(form, options, kind, trainer);
        if (form.Has("bias")) return Standard(form);
        return Uncentred(form);
    }

    private static SparseAutoencoder Standard(ForeignForm form)
    {
        var (encoder, decoder) = Linear(form);
        var bias = form.Shaped("encoder.bias", decoder.shape[0]);
        var lengths = decoder.norm(1, false, 2);
        if (!lengths.allclose(ones_like(lengths)))
        {
            if (lengths.eq(0).any().item<bool>()) throw FoveaException.BadData($"{form.Path}: a direction of its decoder is zero.");
            (encoder, bias, decoder) = (encoder * lengths, bias * lengths, decoder / lengths.unsqueeze(1));
            form.Notes.Add("Its directions were brought to length 1 and their lengths given to the encoder, as its own loader does.");
        }
        SetPlain(form, encoder, bias, decoder, form.Shaped("bias", decoder.shape[1]));
        return form.Make(new L1Options { Sparsity = 0, Clip = 0 });
    }

    private static SparseAutoencoder Uncentred(ForeignForm form)
    {
        var (encoder, decoder) = Linear(form);
        SetPlain(form, encoder, form.Shaped("encoder.bias", decoder.shape[0]), decoder, form.Shaped("decoder.bias", decoder.shape[1]));
        form.TakeUncentred();
        return form.Make(new L1Options { Sparsity = 0, Clip = 0 });
    }

    private static SparseAutoencoder TopK(ForeignForm form, ForeignOptions options, string? kind, JsonNode? trainer)
    {
        string? variant = kind switch
        {
            "AutoEncoderTopK" => TopKAutoencoder.VariantName,
            "BatchTopKSAE" => BatchTopKAutoencoder.VariantName,
            null => options.Architecture ?? (form.Has("threshold") ? null : TopKAutoencoder.VariantName),
            _ => throw FoveaException.BadData($"{form.Path} holds the tensors of a TopK, where {ConfigurationName} says {kind}."),
        };
        if (variant is not (TopKAutoencoder.VariantName or BatchTopKAutoencoder.VariantName))
            throw FoveaException.BadConfiguration($"{form.Path} may be a TopK or a BatchTopK of {Library}, whose tensors have the same "
                + $"names: put its "
                + $"{ConfigurationName} beside it, or say --architecture topk or --architecture batchtopk.");
        double? said = trainer?["k"] is JsonValue value && value.TryGetValue(out double number) ? number : null;
        double? k = form.Has("k") ? form.Number("k") : options.K ?? said;
        if (k is null) throw FoveaException.BadConfiguration($"{form.Path} does not hold k: say --k K.");
        var (encoder, decoder) = Linear(form);
        SetPlain(form, encoder, form.Shaped("encoder.bias", decoder.shape[0]), decoder, form.Shaped("b_dec", decoder.shape[1]));
        if (variant == TopKAutoencoder.VariantName)
        {
            form.Ignore("threshold");
            return form.Make(new TopKOptions { Sparsity = k.Value });
        }
        SetThreshold(form, decoder.shape[0]);
        return form.Make(new BatchTopKOptions { Sparsity = k.Value });
    }

    private static SparseAutoencoder Matryoshka(ForeignForm form)
    {
        var decoder = form.Matrix("W_dec");
        long n = decoder.shape[0], d = decoder.shape[1];
        SetPlain(form, form.Shaped("W_enc", d, n), form.Shaped("b_enc", n), decoder, form.Shaped("b_dec", d));
        SetThreshold(form, n);
        form.Ignore("group_sizes");
        form.Notes.Add("It is a Matryoshka: its codes are those of a BatchTopK, and so it is kept; the groups that it was trained with "
            + "are not.");
        return form.Make(new BatchTopKOptions { Sparsity = form.Number("k") });
    }

    private static SparseAutoencoder Gated(ForeignForm form)
    {
        var (encoder, decoder) = Linear(form);
        long n = decoder.shape[0];
        form.Set(SparseAutoencoder.EncoderWeightName, encoder);
        form.Set(SparseAutoencoder.DecoderWeightName, decoder);
        form.Set(SparseAutoencoder.DecoderBiasName, form.Shaped("decoder_bias", decoder.shape[1]));
        form.Set(GatedAutoencoder.GateBiasName, form.Shaped("gate_bias", n));
        form.Set(GatedAutoencoder.MagnitudeBiasName, form.Shaped("mag_bias", n));
        form.Set(GatedAutoencoder.MagnitudeScaleName, form.Shaped("r_mag", n));
        return form.Make(new GatedOptions { Sparsity = 0 });
    }

    private static SparseAutoencoder JumpReLU(ForeignForm form)
    {
        var decoder = form.Matrix("W_dec");
        long n = decoder.shape[0], d = decoder.shape[1];
        SetPlain(form, form.Shaped("W_enc", d, n), form.Shaped("b_enc", n), decoder, form.Shaped("b_dec", d));
        form.TakeUncentred();
        // Its ReLU follows its gate: a θ below 0 lets nothing below 0 through.
        form.Set(SparseAutoencoder.ThresholdName, form.Shaped("threshold", n).clamp_min(0));
        return form.Make(new JumpReLUOptions { Sparsity = 0 });
    }

    private static void SetThreshold(ForeignForm form, long latents)
    {
        double threshold = form.Number("threshold");
        if (threshold < 0)
            form.Notes.Add("Its threshold was never set (it is from before the step from which on that is done): every positive "
                + "pre-activation is a code.");
        form.Set(SparseAutoencoder.ThresholdName, full([latents], Math.Max(threshold, 0), ScalarType.Float64));
    }

    private static (Tensor Encoder, Tensor Decoder) Linear(ForeignForm form)
    {
        var encoder = form.Matrix("encoder.weight").t();
        return (encoder, form.Shaped("decoder.weight", encoder.shape[0], encoder.shape[1]).t());
    }

    private static void SetPlain(ForeignForm form, Tensor encoder, Tensor encoderBias, Tensor decoder, Tensor decoderBias)
    {
        form.Set(SparseAutoencoder.EncoderWeightName, encoder);
        form.Set(SparseAutoencoder.EncoderBiasName, encoderBias);
        form.Set(SparseAutoencoder.DecoderWeightName, decoder);
        form.Set(SparseAutoencoder.DecoderBiasName, decoderBias);
    }

    private static JsonNode? Trainer(string path)
    {
        try
        {
            if (new FileInfo(path).Length > LongestConfiguration) throw FoveaException.BadData($"{path} is too large for a configuration.");
            return StrictJson.Object(PlainFile.ReadAllBytes(path))?["trainer"] as JsonObject;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or InvalidOperationException
            or ArgumentException)
        {
            throw FoveaException.BadData($"Cannot read {path}: {e.Message}", e);
        }
    }
}
