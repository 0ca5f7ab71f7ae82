using Fovea.Dictionaries.Sparse;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Foreign;

/// <summary>
/// State dicts of overcomplete (Fel et al.; <c>torch.save(sae.state_dict(), …)</c>) with its linear encoder, tied or not, with batch
/// normalisation or without. It has no bias of the inputs and subtracts nothing:
/// <code>
/// z = x E + b              JumpSAE   f = z where z ≥ e^thresholds and z &gt; 0       TopKSAE   the k largest of max(z, 0)
/// x̂ = f e^m D              D = the weights, rows brought to a length; RA: D = W C + Λ, rows of W ≥ 0 with sum 1, of Λ up to δ long
/// MpSAE                    k rounds of r · e^m D, no encoder
/// </code>
/// Which class it was, k, BatchTopK's threshold and δ are not in the state dict: they are asked for.
/// </summary>
internal static class OvercompleteForm
{
    public const string Library = "overcomplete";

    private const string Weights = "dictionary._weights", Points = "dictionary.C", Multiplier = "dictionary.multiplier";
    private const double BatchNormEpsilon = 1e-5, LengthEpsilon = 1e-8, UsualDelta = 1;

    public static bool Is(ForeignForm form) => form.Has(Weights) || form.Has(Points);

    public static SparseAutoencoder Read(ForeignForm form, ForeignOptions options)
    {
        string variant = options.Architecture
            ?? (form.Has("thresholds") ? JumpReLUAutoencoder.VariantName
                : options.Threshold is not null ? BatchTopKAutoencoder.VariantName
                : options.K is not null ? TopKAutoencoder.VariantName
                : throw FoveaException.BadConfiguration($"{form.Path} is a state dict of {Library}, which does not say what it is of: "
                    + $"say --k K for a TopK, "
                    + "--threshold X (its running_threshold) for a BatchTopK, --architecture matchingpursuit --k K, or --architecture "
                        + "l1 for a plain ReLU."));
        if (form.Has("Q"))
            throw FoveaException.BadData($"{form.Path}: codes of a QSAE are steps that it has learned, for which there is no variant here. "
                + $"Its directions alone can be compared: they are {Weights}.");
        var dictionary = Dictionary(form, options);
        if (variant == MatchingPursuitAutoencoder.VariantName) return Pursuit(form, dictionary, K(form, options));
        var (encoder, bias) = Encoder(form, dictionary);
        form.Set(SparseAutoencoder.EncoderWeightName, encoder);
        form.Set(SparseAutoencoder.EncoderBiasName, bias);
        form.Set(SparseAutoencoder.DecoderWeightName, dictionary);
        form.Set(SparseAutoencoder.DecoderBiasName, zeros(dictionary.shape[1], ScalarType.Float64));
        switch (variant)
        {
            case JumpReLUAutoencoder.VariantName:
                // It keeps z ≥ θ where we keep z > θ: ours is the largest float below its own.
                form.Set(SparseAutoencoder.ThresholdName, Below(form.Shaped("thresholds", dictionary.shape[0]).exp(), form.IsWide));
                return form.Make(new JumpReLUOptions { Sparsity = 0 });
            case BatchTopKAutoencoder.VariantName:
                double threshold = options.Threshold
                    ?? throw FoveaException.BadConfiguration($"{form.Path}: {Library} keeps a BatchTopK's threshold out of its state "
                        + $"dict: say --threshold X, the module's running_threshold.");
                form.Set(SparseAutoencoder.ThresholdName, Below(full([dictionary.shape[0]], threshold, ScalarType.Float64), form.IsWide));
                return form.Make(new BatchTopKOptions { Sparsity = options.K ?? Math.Min(32, dictionary.shape[0]) });
            case TopKAutoencoder.VariantName:
                return form.Make(new TopKOptions { Sparsity = K(form, options) });
            case L1Autoencoder.VariantName:
                return form.Make(new L1Options { Sparsity = 0, Clip = 0 });
            default:
                throw FoveaException.BadConfiguration($"{Library} has no {variant}: --architecture is l1, topk, batchtopk, jumprelu or "
                    + $"matchingpursuit.");
        }
    }

    private static SparseAutoencoder Pursuit(ForeignForm form, Tensor dictionary, int k)
    {
        // Its class is made with an encoder that it does not use.
        form.Ignore([.. form.Names.Where(name => name.StartsWith("encoder.", StringComparison.Ordinal))]);
        form.Set(SparseAutoencoder.EncoderWeightName, dictionary.t());
        form.Set(SparseAutoencoder.EncoderBiasName, zeros(dictionary.shape[0], ScalarType.Float64));
        form.Set(SparseAutoencoder.DecoderWeightName, dictionary);
        form.Set(SparseAutoencoder.DecoderBiasName, zeros(dictionary.shape[1], ScalarType.Float64));
        form.Notes.Add($"{Library} goes on where no direction has a product above 0 with what is left, with codes below 0; here a "
            + $"vector's steps end there.");
        return form.Make(new MatchingPursuitOptions { Sparsity = k });
    }

    /// <summary>The directions as its <c>eval()</c> leaves them, <c>[n, d]</c>.</summary>
    private static Tensor Dictionary(ForeignForm form, ForeignOptions options)
    {
        double scale = form.Has(Multiplier) ? Math.Exp(form.Number(Multiplier)) : 1;
        if (form.Has(Points))
        {
            var points = form.Matrix(Points);
            var mixing = form.Matrix("dictionary.W").relu();
            mixing = mixing / (mixing.sum(1, keepdim: true) + LengthEpsilon);
            if (mixing.shape[1] != points.shape[0]) throw FoveaException.BadData($"{form.Path}: dictionary.W does not fit dictionary.C.");
            form.Notes.Add("It is archetypal; its directions are kept as they are, without the points that they are mixtures of.");
            return (mixing.mm(points) + Relaxation(form, options.Delta, mixing.shape[0], points.shape[1])) * scale;
        }
        var rows = form.Matrix(Weights);
        Tensor l2 = rows.norm(1, true, 2), l1 = rows.norm(1, true, 1);
        return scale * (options.Normalization switch
        {
            null or "l2" => rows / (l2 + LengthEpsilon),
            "max_l2" => rows / l2.max(),
            "l1" => rows / (l1 + LengthEpsilon),
            "max_l1" => rows / l1.max(),
            "identity" => rows,
            _ => throw FoveaException.BadConfiguration($"{Library} brings its dictionary to a length by l2, max_l2, l1, max_l1 or "
                + $"identity, not by \"{options.Normalization}\"."),
        });
    }

    /// <summary>
    /// How far directions stand off their mixtures: a training's last step may leave rows longer than δ, which <c>eval()</c> brings to it.
    /// </summary>
    private static Tensor Relaxation(ForeignForm form, double? delta, long n, long d)
    {
        if (delta is not null and not (>= 0 and <= double.MaxValue))
            throw FoveaException.BadConfiguration($"{form.Path}: δ is a number not below 0, not {delta}.");
        double most = delta ?? UsualDelta;
        var rows = form.Shaped("dictionary.Relax", n, d);
        var lengths = rows.norm(1, true, 2);
        long longer = lengths.gt(most).sum().item<long>();
        if (longer == 0) return rows;
        form.Notes.Add(FormattableString.Invariant($"{longer} of its {n} directions stood further off the hull than δ = {most}, and were ")
            + "brought to it, as its eval() does" + (delta is null ? "; where it was trained with another δ, say --delta X." : "."));
        return rows * (most / lengths).clamp_max(1);
    }

    private static (Tensor Weight, Tensor Bias) Encoder(ForeignForm form, Tensor dictionary)
    {
        long n = dictionary.shape[0], d = dictionary.shape[1];
        if (!form.Names.Any(name => name.StartsWith("encoder.", StringComparison.Ordinal)))
            throw FoveaException.BadData($"{form.Path} has no encoder, as the pursuits of {Library}: say --architecture matchingpursuit "
                + "--k K where it is a MpSAE. An OMPSAE, which solves for all of its codes again at each step, is not read.");
        if (form.Has("encoder.final_block.0.weight"))
        {
            if (form.Names.Any(name => name.StartsWith("encoder.mlp_blocks.", StringComparison.Ordinal)))
                throw Nonlinear(form, "has hidden layers");
            Tensor weight = form.Shaped("encoder.final_block.0.weight", n, d).t(), bias = form.Shaped("encoder.final_block.0.bias", n);
            return form.Has("encoder.final_block.1.weight") ? Normalized(form, weight, bias, n) : (weight, bias);
        }
        Tensor? own = null;
        if (form.Has("encoder.weight")) own = form.Shaped("encoder.weight", n, d).t();
        else if (!form.Names.Any(name => name.StartsWith("encoder.tied_to.", StringComparison.Ordinal)))
            throw Nonlinear(form, "is none of its linear ones");
        form.Ignore([.. form.Names.Where(name => name.StartsWith("encoder.tied_to.", StringComparison.Ordinal))]);
        return (own ?? dictionary.t(), form.Has("encoder.bias") ? form.Shaped("encoder.bias", n) : zeros(n, ScalarType.Float64));
    }

    /// <summary>Batch normalisation by its running statistics, put into the layer before it.</summary>
    private static (Tensor Weight, Tensor Bias) Normalized(ForeignForm form, Tensor weight, Tensor bias, long n)
    {
        const string Norm = "encoder.final_block.1.";
        if (!form.Has(Norm + "running_var")) throw Nonlinear(form, "normalises each vector's pre-activations (LayerNorm)");
        form.Ignore(Norm + "num_batches_tracked");
        var factor = form.Shaped(Norm + "weight", n) / (form.Shaped(Norm + "running_var", n) + BatchNormEpsilon).sqrt();
        return (weight * factor, (bias - form.Shaped(Norm + "running_mean", n)) * factor + form.Shaped(Norm + "bias", n));
    }

    /// <summary>The largest numbers below, in the weights' type, and not below 0.</summary>
    private static Tensor Below(Tensor thresholds, bool wide)
    {
        double[] values = [.. thresholds.data<double>()];
        return tensor(values.Select(value => Math.Max(0, wide ? Math.BitDecrement(value) : MathF.BitDecrement((float)value))).ToArray());
    }

    private static int K(ForeignForm form, ForeignOptions options) =>
        options.K ?? throw FoveaException.BadConfiguration($"{form.Path}: {Library} keeps k out of its state dict: say --k K.");

    private static FoveaException Nonlinear(ForeignForm form, string why) => FoveaException.BadData(
        $"{form.Path}: the encoder {why}; only linear encoders are read. Its directions alone can be compared: they are "
            + $"dictionary._weights.");
}
