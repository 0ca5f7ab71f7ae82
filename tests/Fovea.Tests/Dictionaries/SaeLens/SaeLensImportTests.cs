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
        { "normalize_activations", "\"a_new_norm\"", "a_new_norm" },
        { "normalize_activations", "2", "normalize_activations is" },
        { "normalize_activations", "\"expected_average_only_in\"", "--input-scale" },
        { "normalize_activations", "true", "--input-scale" },
        { "reshape_activations", "\"hook_z\"", "hook_z" },
        { "architecture", "\"matching_pursuit\"", "W_dec" },
        { "architecture", "\"batchtopk\"", "topk_threshold" },
        { "architecture", "\"a_new_one\"", "save_inference_model" },
        { "architecture", "\"jumprelu_skip_transcoder\"", "another layer's vectors" },
        { "architecture", "\"temporal\"", "sequence of vectors" },
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

    [Theory]
    [InlineData("batchtopk", true)]
    [InlineData("batchtopk", false)]
    [InlineData("matryoshka_batchtopk", true)]
    public void A_folder_that_a_training_left_is_read_as_its_inference_form(string architecture, bool rescaled)
    {
        using var scope = NewDisposeScope();
        var tensors = Tensors("standard");
        // Tensors of SAELens' training: one threshold for all, in double precision.
        tensors["topk_threshold"] = tensor(0.8);
        var document = Document(architecture);
        (document["k"], document["rescale_acts_by_decoder_norm"], document["topk_threshold_lr"]) = (2.5, rescaled, 0.01);
        if (architecture != "batchtopk") document["matryoshka_widths"] = new JsonArray { 3, 9 };
        document["normalize_activations"] = "expected_average_only_in";
        Write(document, tensors);
        File.WriteAllText(Path.Combine(_folder, "activation_scaler.json"), """{"scaling_factor": 0.5, "has_whitening": false}""");
        using var loaded = SaeLensFile.Import(_folder);
        Assert.Equal(2.5, Assert.IsType<BatchTopKAutoencoder>(loaded).Sparsity);

        // Its codes of scaled vectors, number by number: z ‖d‖ where that is above the threshold.
        var x = Samples.Vectors(Rows, Inputs, ScalarType.Float32);
        double[] vectors = [.. x.to(float64).data<double>()], codes = [.. loaded.EncodeDense(x).to(float64).data<double>()],
            back = [.. loaded.Reconstruct(x).to(float64).data<double>()];
        double Number(string name, int i) => tensors[name].contiguous().view(-1)[i].item<float>();
        int active = 0;
        for (int row = 0; row < Rows; row++)
        {
            var output = new double[Inputs];
            for (int latent = 0; latent < Latents; latent++)
            {
                double z = Number("b_enc", latent), squares = 0;
                for (int i = 0; i < Inputs; i++)
                {
                    z += (0.5 * vectors[row * Inputs + i] - Number("b_dec", i)) * Number("W_enc", i * Latents + latent);
                    squares += Number("W_dec", latent * Inputs + i) * Number("W_dec", latent * Inputs + i);
                }
                double length = rescaled ? Math.Sqrt(squares) : 1, code = z * length > 0.8 ? z * length : 0;
                active += code > 0 ? 1 : 0;
                // Lengths go to the encoder after the scale, which leaves such codes in the raw vectors' scale.
                Assert.Equal(rescaled ? code / 0.5 : code, codes[row * Latents + latent], 2e-5);
                for (int i = 0; i < Inputs; i++) output[i] += code / length * Number("W_dec", latent * Inputs + i);
            }
            for (int i = 0; i < Inputs; i++) Assert.Equal((output[i] + Number("b_dec", i)) / 0.5, back[row * Inputs + i], 1e-4);
        }
        Assert.InRange(active, 1, Rows * Latents - 1);
    }

    [Fact]
    public void What_a_training_says_of_itself_is_passed_on_and_restores_its_variant()
    {
        using var scope = NewDisposeScope();
        var tensors = Tensors("jumprelu");
        tensors["threshold"] = full([Latents], 0.7f);
        var document = Document("jumprelu");
        var metadata = document["metadata"]!.AsObject();
        (metadata["training_architecture"], metadata["l0"], metadata["num_dead_features"]) = ("batchtopk", 12.25, 2);
        metadata["training_architecture_details"] = new JsonObject { ["k"] = 3, ["topk_threshold_lr"] = 0.01 };
        Write(document, tensors);
        Safetensors.Write(Path.Combine(_folder, "sparsity.safetensors"), new Dictionary<string, Tensor>
        {
            ["sparsity"] = tensor(new float[] { -1, -2, -10, -1, -10, -1, -1, -1, -1 }),
        });
        List<string> notes = [];
        using (var loaded = SaeLensFile.Read(_folder, null, notes)) Assert.Equal(3, Assert.IsType<BatchTopKAutoencoder>(loaded).Sparsity);
        Assert.Contains(notes, note => note.Contains("batchtopk with k = 3", StringComparison.Ordinal));
        Assert.Contains(notes, note => note.Contains("L0 of 12.25 and 2 dead", StringComparison.Ordinal));
        Assert.Contains(notes, note => note.Contains("an L0 of 0.61; 2 of 9 latents never fired", StringComparison.Ordinal));
        // Thresholds that differ are a JumpReLU's, whatever it was once.
        tensors["threshold"][3] = 0.2f;
        Write(document, tensors);
        using (var loaded = SaeLensFile.Import(_folder)) Assert.IsType<JumpReLUAutoencoder>(loaded);
        Safetensors.Write(Path.Combine(_folder, "sparsity.safetensors"), new Dictionary<string, Tensor> { ["sparsity"] = zeros(4) });
        AssertRefused("does not hold sparsity of 9 latents");
    }

    [Fact]
    public void A_scaler_that_cannot_be_read_is_refused()
    {
        using var scope = NewDisposeScope();
        var document = Document("standard");
        document["normalize_activations"] = "expected_average_only_in";
        Write(document, Tensors("standard"));
        foreach (var (text, expected) in ((string, string)[])[("""{"scaling_factor": null}""", "--input-scale"),
            ("""{"scaling_factor": -2}""", "--input-scale"), ("""{"scaling_factor": 1, "has_whitening": true}""", "whitened"),
            ("{", "activation_scaler.json"), ("[]", "activation_scaler.json")])
        {
            File.WriteAllText(Path.Combine(_folder, "activation_scaler.json"), text);
            AssertRefused(expected);
        }
    }

    [Theory]
    [InlineData(true, null)]
    [InlineData(false, null)]
    [InlineData(true, 2.0)]
    public void A_matching_pursuit_has_no_encoder_and_goes_on_until_a_latent_is_chosen_again(bool centred, double? scale)
    {
        using var scope = NewDisposeScope();
        var tensors = Tensors("standard");
        tensors.Remove("W_enc");
        tensors.Remove("b_enc");
        tensors["W_dec"] = tensors["W_dec"] / tensors["W_dec"].norm(1, true, 2);
        var document = Document("matching_pursuit");
        (document["residual_threshold"], document["apply_b_dec_to_input"]) = (0.3, centred);
        if (scale is not null) document["normalize_activations"] = "expected_average_only_in";
        Write(document, tensors);
        using var loaded = SaeLensFile.Import(_folder, scale);
        var x = Samples.Vectors(Rows, Inputs, ScalarType.Float32);
        double s = scale ?? 1;
        double[][] directions = PursuitSlow.Directions(loaded);
        double[] bias = [.. tensors["b_dec"].to(float64).data<double>()], vectors = [.. x.to(float64).data<double>()];
        double[] codes = [.. loaded.EncodeDense(x).to(float64).data<double>()],
            back = [.. loaded.Reconstruct(x).to(float64).data<double>()];
        for (int row = 0; row < Rows; row++)
        {
            double[] left = [.. Enumerable.Range(0, Inputs).Select(i => s * vectors[row * Inputs + i] - (centred ? bias[i] : 0))];
            double[] expected = PursuitSlow.Codes(directions, left, Latents, 0.3, stopAtRepeat: true);
            for (int latent = 0; latent < Latents; latent++) Assert.Equal(expected[latent] / s, codes[row * Latents + latent], 2e-5);
            // What is left of the scaled vector is what the reconstruction lacks.
            for (int i = 0; i < Inputs; i++) Assert.Equal(vectors[row * Inputs + i] - left[i] / s, back[row * Inputs + i], 5e-5);
        }
    }

    private void AssertRefused(string expected, double? scale = null, FailureKind kind = FailureKind.Data)
    {
        var error = Assert.Throws<FoveaException>(() => SaeLensFile.Import(_folder, scale).Dispose());
        Assert.Equal(kind, error.Kind);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }
}
