using System.Text.Json.Nodes;
using Fovea.Checkpoints;
using Fovea.Dictionaries.SaeLens;
using Fovea.Dictionaries.Sparse;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

/// <summary>
/// Folders as SAELens writes them: every convention that is folded, by loops over its formulas, and those that are refused.
/// </summary>
public sealed class SaeLensImportTests : IDisposable
{
    private const int Inputs = 5, Latents = 9, Rows = 40;

    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-saelens").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Weights => Path.Combine(_folder, AutoencoderFile.WeightsName);

    private static JsonObject Document(string architecture) => new()
    {
        ["architecture"] = architecture,
        ["d_in"] = Inputs,
        ["d_sae"] = Latents,
        ["dtype"] = "float32",
        ["device"] = "cuda",
        ["apply_b_dec_to_input"] = true,
        ["normalize_activations"] = "none",
        ["reshape_activations"] = "none",
        ["metadata"] =
            new JsonObject { ["sae_lens_version"] = "6.20.0", ["prepend_bos"] = true, ["seqpos_slice"] = new JsonArray { null } },
        ["something_new"] = 1,
    };

    private static Dictionary<string, Tensor> Tensors(string architecture, ScalarType dtype = ScalarType.Float32)
    {
        var tensors = new Dictionary<string, Tensor>
        {
            ["W_enc"] = Samples.Normal([Inputs, Latents], "W_enc", dtype),
            ["W_dec"] = Samples.Normal([Latents, Inputs], "W_dec", dtype),
            ["b_enc"] = Samples.Normal([Latents], "b_enc", dtype) * 0.3,
            ["b_dec"] = Samples.Normal([Inputs], "b_dec", dtype) * 0.5,
        };
        // Some thresholds are below 0: SAELens' ReLU makes 0 of them.
        if (architecture == "gated")
        {
            tensors["b_gate"] = tensors["b_enc"];
            tensors.Remove("b_enc");
            tensors["b_mag"] = Samples.Normal([Latents], "b_mag", dtype) * 0.5;
            tensors["r_mag"] = Samples.Normal([Latents], "r_mag", dtype) * 0.5;
        }
        if (architecture == "jumprelu") tensors["threshold"] = Samples.Normal([Latents], "threshold", dtype) * 0.5;
        return tensors;
    }

    private void Write(JsonObject document, Dictionary<string, Tensor> tensors)
    {
        Safetensors.Write(Weights, tensors);
        File.WriteAllText(Path.Combine(_folder, AutoencoderFile.ConfigurationName), document.ToJsonString());
    }

    /// <summary>The last column: after the scale is folded as SAELens folds it.</summary>
    public static TheoryData<string, bool, bool, double?> Conventions() => new()
    {
        { "standard", true, false, null }, { "standard", false, false, null }, { "standard", true, false, 0.25 },
            { "standard", false, false, 3 },
        { "topk", true, false, null }, { "topk", true, true, null }, { "topk", false, true, null }, { "topk", false, true, 2.5 },
        { "jumprelu", true, false, null }, { "jumprelu", false, false, null }, { "jumprelu", false, false, 0.5 },
        { "gated", true, false, null }, { "gated", false, false, null }, { "gated", false, false, 2 },
    };

    [Theory]
    [MemberData(nameof(Conventions))]
    public void Conventions_are_folded_into_the_weights(string architecture, bool centred, bool rescaled, double? scale)
    {
        using var scope = NewDisposeScope();
        var tensors = Tensors(architecture);
        var document = Document(architecture);
        document["apply_b_dec_to_input"] = centred;
        if (architecture == "topk") (document["k"], document["rescale_acts_by_decoder_norm"]) = (3, rescaled);
        if (scale is not null) document["normalize_activations"] = "expected_average_only_in";
        Write(document, tensors);
        using var loaded = SaeLensFile.Import(_folder, scale);

        var x = Samples.Vectors(Rows, Inputs, ScalarType.Float32);
        var (codes, output) = Reference(architecture, tensors, centred, rescaled, scale ?? 1, x);
        double[] ours = [.. loaded.EncodeDense(x).to(float64).data<double>()];
        Assert.Contains(codes, code => code > 0);
        for (int i = 0; i < codes.Length; i++) Assert.Equal(codes[i], ours[i], 1e-5);
        double[] back = [.. loaded.Reconstruct(x).to(float64).data<double>()];
        for (int i = 0; i < output.Length; i++) Assert.Equal(output[i], back[i], 2e-5);
    }

    /// <summary>SAELens' formulas, number by number.</summary>
    private static (double[] Codes, double[] Output) Reference(
        string architecture, Dictionary<string, Tensor> tensors, bool centred, bool rescaled, double scale, Tensor vectors)
    {
        double[] Values(string name) => [.. tensors[name].to(float64).contiguous().data<double>()];
        double[] encoder = [.. Values("W_enc").Select(w => w * scale)], decoder = [.. Values("W_dec").Select(w => w / scale)];
        double[] encoderBias = Values(
            architecture == "gated"
                ? "b_gate" : "b_enc"), decoderBias = [.. Values("b_dec").Select(b => b / scale)], x = [.. vectors.to(float64)
                    .data<double>()];
        var (codes, output) = (new double[Rows * Latents], new double[Rows * Inputs]);
        for (int row = 0; row < Rows; row++)
        {
            var z = new double[Latents];
            for (int latent = 0; latent < Latents; latent++)
            {
                z[latent] = encoderBias[latent];
                for (int i = 0; i < Inputs; i++)
                    z[latent] += (x[row * Inputs + i] - (centred ? decoderBias[i] : 0)) * encoder[i * Latents + latent];
                if (rescaled) z[latent] *= Length(latent);
            }
            double least = architecture == "topk" ? z.OrderDescending().ElementAt(2) : double.NegativeInfinity;
            for (int latent = 0; latent < Latents; latent++)
            {
                double threshold = architecture == "jumprelu" ? tensors["threshold"][latent].item<float>() : 0;
                double size = architecture == "gated"
                    ? Math.Max(0, (z[latent] - encoderBias[latent]) * Math.Exp(tensors["r_mag"][latent].item<float>())
                        + tensors["b_mag"][latent].item<float>()) : z[latent];
                double code = z[latent] >= least && z[latent] > Math.Max(threshold, 0) ? size : 0;
                codes[row * Latents + latent] = code;
                for (int i = 0; i < Inputs; i++)
                    output[row * Inputs + i] += code / (rescaled ? Length(latent) : 1) * decoder[latent * Inputs + i];
            }
            for (int i = 0; i < Inputs; i++) output[row * Inputs + i] += decoderBias[i];
        }
        return (codes, output);

        double Length(int latent) =>
            Math.Sqrt(Enumerable.Range(0, Inputs).Sum(i => decoder[latent * Inputs + i] * decoder[latent * Inputs + i]));
    }

    [Theory]
    [InlineData(ScalarType.Float16, ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16, ScalarType.Float32)]
    [InlineData(ScalarType.Float64, ScalarType.Float64)]
    public void Weights_of_other_types_keep_their_values(ScalarType stored, ScalarType read)
    {
        using var scope = NewDisposeScope();
        var tensors = Tensors("jumprelu", stored);
        tensors["threshold"] = tensors["threshold"].abs();
        Write(Document("jumprelu"), tensors);
        using var loaded = SaeLensFile.Import(_folder);
        Assert.Equal(read, loaded.DType);
        foreach (var (name, tensor) in tensors) Assert.True(
            tensor.to(float64).equal(loaded.Parameters[name].to(float64)).all().item<bool>(), name);
    }

    [Fact]
    public void A_document_of_version_5_is_read()
    {
        using var scope = NewDisposeScope();
        var tensors = Tensors("topk");
        tensors["scaling_factor"] = ones(Latents);
        Write(new JsonObject
        {
            ["d_in"] = Inputs,
            ["d_sae"] = Latents,
            ["activation_fn_str"] = "topk",
            ["activation_fn_kwargs"] = new JsonObject { ["k"] = 4 },
            ["normalize_activations"] = false
        }, tensors);
        using var loaded = SaeLensFile.Import(_folder);
        Assert.Equal(4, Assert.IsType<TopKAutoencoder>(loaded).K);
        Write(new JsonObject { ["d_in"] = Inputs, ["d_sae"] = Latents }, Tensors("standard"));
        using var standard = SaeLensFile.Import(_folder);
        Assert.Equal(0, Assert.IsType<L1Autoencoder>(standard).Clip);
    }

    public static TheoryData<string, string, string> Refused() => new()
    {
        { "normalize_activations", "\"layer_norm\"", "layer_norm" },
        { "normalize_activations", "\"constant_norm_rescale\"", "constant_norm_rescale" },
        { "normalize_activations", "\"expected_average_only_in\"", "--input-scale" },
        { "normalize_activations", "true", "--input-scale" },
        { "reshape_activations", "\"hook_z\"", "hook_z" },
        { "architecture", "\"matching_pursuit\"", "matching_pursuit" },
        { "architecture", "\"batchtopk\"", "save_inference_model" },
        { "architecture", "\"jumprelu\"", "threshold is missing" },
        { "architecture", "\"gated\"", "b_enc is unexpected" },
        { "activation_fn", "\"tanh-relu\"", "tanh-relu" },
        { "d_in", "6", "W_enc is [5, 9], expected [6, 9]" },
        { "d_in", "null", "d_in" },
        { "d_in", "-5", "d_in" },
        { "d_sae", "2147483647", "expected [5, 2147483647]" },
        { "d_sae", "99999999999999999999", "cfg.json" },
        { "k", "0", "k" },
        { "k", "10", "1 to 9" },
        { "k", "2.5", "2.5" },
        { "k", "null", "missing" },
        { "metadata", "[]", "cfg.json" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_cannot_be_said_or_does_not_fit_is_refused(string field, string value, string expected)
    {
        using var scope = NewDisposeScope();
        var document = Document(field == "k" ? "topk" : "standard");
        document[field] = JsonNode.Parse(value);
        Write(document, Tensors("standard"));
        AssertRefused(expected);
    }

    [Fact]
    public void Damaged_weights_are_refused()
    {
        using var scope = NewDisposeScope();
        var tensors = Tensors("standard");
        Write(Document("standard"), tensors);
        byte[] whole = File.ReadAllBytes(Weights);
        for (int length = 0; length < whole.Length; length += 61)
        {
            File.WriteAllBytes(Weights, whole[..length]);
            AssertRefused("sae_weights.safetensors");
        }
        File.WriteAllBytes(Weights, [.. whole, 0]);
        AssertRefused("sae_weights.safetensors");
        tensors["b_dec"][2] = float.NaN;
        Write(Document("standard"), tensors);
        AssertRefused("b_dec holds NaN", kind: FailureKind.Numerical);
        tensors["b_dec"] = zeros([Inputs], int32);
        Write(Document("standard"), tensors);
        AssertRefused("b_dec holds Int32");
        tensors["b_dec"] = zeros(Inputs);
        tensors["scaling_factor"] = ones(Latents) * 2;
        Write(Document("standard"), tensors);
        AssertRefused("scaling_factor is unexpected");
        File.Delete(Weights);
        AssertRefused("sae_weights.safetensors");
        File.WriteAllText(Path.Combine(_folder, AutoencoderFile.ConfigurationName), "{\"d_in\": ");
        AssertRefused("cfg.json");
    }

    [Fact]
    public void A_scale_nobody_asked_for_is_refused()
    {
        using var scope = NewDisposeScope();
        Write(Document("standard"), Tensors("standard"));
        AssertRefused("leave the input scale out", 2);
    }

    private void AssertRefused(string expected, double? scale = null, FailureKind kind = FailureKind.Data)
    {
        var error = Assert.Throws<FoveaException>(() => SaeLensFile.Import(_folder, scale).Dispose());
        Assert.Equal(kind, error.Kind);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }
}
