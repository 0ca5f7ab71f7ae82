using System.IO.Compression;
using System.Text;
using Fovea.Checkpoints;
using Fovea.Dictionaries.Foreign;
using Fovea.Dictionaries.Sparse;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

/// <summary>
/// Dictionaries in the forms of other libraries: codes and reconstructions against their published formulas, number by number in loops,
/// and what cannot be read refused by name.
/// </summary>
public sealed class ForeignDictionariesTests : IDisposable
{
    private const int Inputs = 5, Latents = 9, Rows = 40, K = 3;

    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-foreign").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string File_(string name) => Path.Combine(_folder, name);

    private static Tensor Random(string name, params long[] shape) => Samples.Normal(shape, "foreign/" + name, ScalarType.Float32);

    private static double[][] Table(Tensor matrix)
    {
        double[] values = [.. matrix.to(float64).contiguous().data<double>()];
        int width = (int)matrix.shape[^1];
        return [.. Enumerable.Range(0, values.Length / width).Select(row => values[(row * width)..((row + 1) * width)])];
    }

    private static double[] List(Tensor vector) => [.. vector.to(float64).contiguous().data<double>()];

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static double[] Top(double[] z, int k)
    {
        double least = z.OrderDescending().ElementAt(k - 1);
        return [.. z.Select(value => value >= least ? value : 0)];
    }

    /// <summary>Holds an imported dictionary against the library's own functions of one vector.</summary>
    private static void AssertSame(
        ForeignDictionary found, string library, Func<double[], double[]> encode, Func<double[], double[]> decode, double scale = 1)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(library, found.Library);
        var x = Samples.Vectors(Rows, Inputs, ScalarType.Float32);
        double[][] vectors = Table(x), codes = Table(found.Autoencoder.EncodeDense(x)), back = Table(found.Autoencoder.Reconstruct(x));
        int active = 0;
        for (int row = 0; row < Rows; row++)
        {
            double[] expected = encode([.. vectors[row].Select(value => value * scale)]), output = decode(expected);
            active += expected.Count(code => code != 0);
            for (int i = 0; i < Latents; i++) Assert.Equal(expected[i] / scale, codes[row][i], 2e-5);
            for (int i = 0; i < Inputs; i++) Assert.Equal(output[i] / scale, back[row][i], 5e-5);
        }
        Assert.InRange(active, Rows, Rows * Latents - 1);
    }

    private static double[] Decode(double[] codes, double[][] directions, double[] bias) =>
        [.. Enumerable.Range(0, Inputs).Select(i => bias[i] + codes.Select((code, latent) => code * directions[latent][i]).Sum())];

    private static double[][] Transposed(double[][] table) => [.. Enumerable.Range(0, table[0].Length).Select(i => table.Select(row =>
        row[i]).ToArray())];

    private static double[] Minus(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x - y)];

    private Dictionary<string, Tensor> Linear(string bias) => new()
    {
        [bias] = Random("bias", Inputs) * 0.5,
        ["encoder.weight"] = Random("encoder", Latents, Inputs),
        ["encoder.bias"] = Random("encoder bias", Latents) * 0.3,
        ["decoder.weight"] = Random("decoder", Inputs, Latents),
    };

    private void SaveLearned(Dictionary<string, Tensor> state, string? kind = null, string name = "ae.pt")
    {
        PyTorchFile.Write(File_(name), state);
        if (kind is not null) File.WriteAllText(File_("config.json"),
            $$"""{"trainer": {"dict_class": "{{kind}}", "k": 7, "lm_name": "none"}, "buffer": null}""");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AutoEncoder_subtracts_its_bias_and_its_loader_gives_directions_length_1(bool unit)
    {
        using var scope = NewDisposeScope();
        var state = Linear("bias");
        if (unit) state["decoder.weight"] = state["decoder.weight"] / state["decoder.weight"].norm(0, true, 2);
        SaveLearned(state, "AutoEncoder");
        using var found = ForeignDictionaries.Import(_folder);
        double[][] encoder = Table(state["encoder.weight"]), decoder = Transposed(Table(state["decoder.weight"]));
        double[] bias = List(state["bias"]), own = List(state["encoder.bias"]);
        double[] length = [.. decoder.Select(row => Math.Sqrt(Dot(row, row)))];
        AssertSame(found, "dictionary_learning",
            x => [.. encoder.Select((w, i) => Math.Max(0, Dot(Minus(x, bias), w) + own[i]) * length[i])],
            f => Decode([.. f.Select((code, i) => code / length[i])], decoder, bias));
        Assert.Equal(unit ? 0 : 1, found.Notes.Count);
    }

    [Fact]
    public void AutoEncoderNew_subtracts_nothing()
    {
        using var scope = NewDisposeScope();
        var state = Linear("decoder.bias");
        SaveLearned(state);
        using var found = ForeignDictionaries.Import(File_("ae.pt"));
        double[][] encoder = Table(state["encoder.weight"]), decoder = Transposed(Table(state["decoder.weight"]));
        double[] bias = List(state["decoder.bias"]), own = List(state["encoder.bias"]);
        AssertSame(found, "dictionary_learning", x => [.. encoder.Select((w, i) => Math.Max(0, Dot(x, w) + own[i]))], f => Decode(f,
            decoder, bias));
    }

    [Theory]
    [InlineData("AutoEncoderTopK", null, 0.4)]
    [InlineData("BatchTopKSAE", null, 0.4)]
    [InlineData("BatchTopKSAE", null, -1.0)]
    [InlineData(null, "topk", 0.4)]
    [InlineData(null, "batchtopk", 0.4)]
    public void TopK_chooses_k_and_BatchTopK_has_its_threshold(string? kind, string? said, double threshold)
    {
        using var scope = NewDisposeScope();
        var state = Linear("b_dec");
        state["k"] = tensor(K, ScalarType.Int32);
        state["threshold"] = tensor((float)threshold);
        SaveLearned(state, kind);
        using var found = ForeignDictionaries.Import(_folder, new ForeignOptions { Architecture = said });
        double[][] encoder = Table(state["encoder.weight"]), decoder = Transposed(Table(state["decoder.weight"]));
        double[] bias = List(state["b_dec"]), own = List(state["encoder.bias"]);
        double[] Relu(double[] x) => [.. encoder.Select((w, i) => Math.Max(0, Dot(Minus(x, bias), w) + own[i]))];
        bool batch = kind == "BatchTopKSAE" || said == "batchtopk";
        AssertSame(found, "dictionary_learning",
            x => batch ? [.. Relu(x).Select(z => z > threshold ? z : 0)] : Top(Relu(x), K), f => Decode(f, decoder, bias));
        Assert.Equal(K, found.Autoencoder.Sparsity);
        if (batch) Assert.Equal(threshold < 0 ? 1 : 0, found.Notes.Count);
    }

    [Fact]
    public void Tensors_that_could_be_either_are_asked_about()
    {
        using var scope = NewDisposeScope();
        var state = Linear("b_dec");
        state["k"] = tensor(K, ScalarType.Int32);
        state["threshold"] = tensor(0.5f);
        SaveLearned(state);
        AssertRefused(File_("ae.pt"), "--architecture topk or --architecture batchtopk", FailureKind.Configuration);
        SaveLearned(state, "GatedAutoEncoder");
        AssertRefused(_folder, "config.json says GatedAutoEncoder");
        state.Remove("k");
        state.Remove("threshold");
        File.Delete(File_("config.json"));
        SaveLearned(state);
        AssertRefused(File_("ae.pt"), "--k K", FailureKind.Configuration);
        using var found = ForeignDictionaries.Import(_folder, new ForeignOptions { K = 4 });
        Assert.Equal(4, Assert.IsType<TopKAutoencoder>(found.Autoencoder).K);
    }

    [Fact]
    public void A_Matryoshka_is_a_BatchTopK_at_inference()
    {
        using var scope = NewDisposeScope();
        var state = new Dictionary<string, Tensor>
        {
            ["W_enc"] = Random("W_enc", Inputs, Latents),
            ["b_enc"] = Random("b_enc", Latents) * 0.3,
            ["W_dec"] = Random("W_dec", Latents, Inputs),
            ["b_dec"] = Random("b_dec", Inputs) * 0.5,
            ["k"] = tensor(K, ScalarType.Int32),
            ["threshold"] = tensor(0.7f),
            ["group_sizes"] = tensor(new long[] { 3, 6 }),
        };
        SaveLearned(state, "MatryoshkaBatchTopKSAE");
        using var found = ForeignDictionaries.Import(_folder);
        double[][] encoder = Transposed(Table(state["W_enc"])), decoder = Table(state["W_dec"]);
        double[] bias = List(state["b_dec"]), own = List(state["b_enc"]);
        AssertSame(found, "dictionary_learning",
            x => [.. encoder.Select((w, i) => Dot(Minus(x, bias), w) + own[i]).Select(z => z > 0.7f ? z : 0)], f => Decode(f, decoder,
                bias));
        Assert.IsType<BatchTopKAutoencoder>(found.Autoencoder);
    }

    [Fact]
    public void Gated_and_JumpReLU_have_conventions_of_their_own()
    {
        using var scope = NewDisposeScope();
        var gated = Linear("decoder_bias");
        gated["gate_bias"] = gated["encoder.bias"];
        gated.Remove("encoder.bias");
        gated["mag_bias"] = Random("mag_bias", Latents) * 0.4;
        gated["r_mag"] = Random("r_mag", Latents) * 0.3;
        SaveLearned(gated, "GatedAutoEncoder");
        using (var found = ForeignDictionaries.Import(_folder))
        {
            double[][] encoder = Table(gated["encoder.weight"]), decoder = Transposed(Table(gated["decoder.weight"]));
            double[] bias = List(gated["decoder_bias"]), gate = List(gated["gate_bias"]), size = List(gated["mag_bias"]),
                r = List(gated["r_mag"]);
            AssertSame(found, "dictionary_learning", x => [.. encoder.Select((w, i) =>
            {
                double z = Dot(Minus(x, bias), w);
                return z + gate[i] > 0 ? Math.Max(0, Math.Exp(r[i]) * z + size[i]) : 0;
            })], f => Decode(f, decoder, bias));
        }

        // Nothing is subtracted, and some thresholds are below 0, where its ReLU cuts.
        var jump = new Dictionary<string, Tensor>
        {
            ["W_enc"] = Random("W_enc", Inputs, Latents),
            ["b_enc"] = Random("b_enc", Latents) * 0.3,
            ["W_dec"] = Random("W_dec", Latents, Inputs),
            ["b_dec"] = Random("b_dec", Inputs) * 0.5,
            ["threshold"] = Random("threshold", Latents) * 0.5,
        };
        SaveLearned(jump, "JumpReluAutoEncoder");
        using (var found = ForeignDictionaries.Import(_folder))
        {
            double[][] encoder = Transposed(Table(jump["W_enc"])), decoder = Table(jump["W_dec"]);
            double[] bias = List(jump["b_dec"]), own = List(jump["b_enc"]), threshold = List(jump["threshold"]);
            AssertSame(found, "dictionary_learning",
                x => [.. encoder.Select((w, i) => Dot(x, w) + own[i]).Select((z, i) => z > threshold[i] ? Math.Max(z, 0) : 0)], f =>
                    Decode(f, decoder, bias));
        }
    }

    [Fact]
    public void A_backup_of_a_training_under_way_needs_its_scale()
    {
        using var scope = NewDisposeScope();
        var state = Linear("bias");
        state["decoder.weight"] = state["decoder.weight"] / state["decoder.weight"].norm(0, true, 2);
        // The state dict under "ae", as backups have it, in the form of before 1.6: pickles of dictionaries in dictionaries.
        File.WriteAllBytes(File_("ae.pt"), Fovea.Tests.Checkpoints.StreamFile.Of("ae", state).ToBytes());
        AssertRefused(_folder, "norm_factor", FailureKind.Configuration);
        using var found = ForeignDictionaries.Import(_folder, new ForeignOptions { InputScale = 0.25 });
        double[][] encoder = Table(state["encoder.weight"]), decoder = Transposed(Table(state["decoder.weight"]));
        double[] bias = List(state["bias"]), own = List(state["encoder.bias"]);
        AssertSame(found, "dictionary_learning",
            x => [.. encoder.Select((w, i) => Math.Max(0, Dot(Minus(x, bias), w) + own[i]))], f => Decode(f, decoder, bias), scale: 0.25);
    }

    private Dictionary<string, Tensor> Overcomplete(bool batchNorm)
    {
        var state = new Dictionary<string, Tensor>
        {
            ["encoder.final_block.0.weight"] = Random("oc encoder", Latents, Inputs),
            ["encoder.final_block.0.bias"] = Random("oc bias", Latents) * 0.3,
            ["dictionary._weights"] = Random("oc weights", Latents, Inputs),
            ["dictionary.multiplier"] = tensor(0.4f),
        };
        if (batchNorm)
        {
            state["encoder.final_block.1.weight"] = Random("oc gamma", Latents);
            state["encoder.final_block.1.bias"] = Random("oc beta", Latents) * 0.2;
            state["encoder.final_block.1.running_mean"] = Random("oc mean", Latents) * 0.5;
            state["encoder.final_block.1.running_var"] = Random("oc var", Latents).square() + 0.1;
            state["encoder.final_block.1.num_batches_tracked"] = tensor(12L);
        }
        return state;
    }

    private static double[] OvercompleteScores(Dictionary<string, Tensor> state, double[] x)
    {
        double[][] encoder = Table(state["encoder.final_block.0.weight"]);
        double[] bias = List(state["encoder.final_block.0.bias"]), z = [.. encoder.Select((w, i) => Dot(x, w) + bias[i])];
        if (!state.ContainsKey("encoder.final_block.1.weight")) return z;
        double[] Norm(string name) => List(state["encoder.final_block.1." + name]);
        double[] weight = Norm("weight"), beta = Norm("bias"), mean = Norm("running_mean"), variance = Norm("running_var");
        return [.. z.Select((value, i) => (value - mean[i]) / Math.Sqrt(variance[i] + 1e-5) * weight[i] + beta[i])];
    }

    private static double[][] OvercompleteDictionary(Dictionary<string, Tensor> state, string? normalization)
    {
        double[][] rows = Table(state["dictionary._weights"]);
        double L2(double[] row) => Math.Sqrt(Dot(row, row));
        double L1(double[] row) => row.Sum(Math.Abs);
        double scale = Math.Exp(0.4f);
        return [.. rows.Select(row => row.Select(value => scale * value / (normalization switch
        {
            "max_l2" => rows.Max(L2), "l1" => L1(row), "max_l1" => rows.Max(L1), "identity" => 1, _ => L2(row),
        })).ToArray())];
    }

    [Theory]
    [InlineData("topk", null, false)]
    [InlineData("topk", "l2", true)]
    [InlineData("topk", "max_l2", false)]
    [InlineData("topk", "l1", true)]
    [InlineData("topk", "max_l1", false)]
    [InlineData("topk", "identity", true)]
    [InlineData("batchtopk", null, false)]
    [InlineData("jumprelu", null, true)]
    [InlineData("l1", null, false)]
    public void Overcomplete_has_no_bias_of_the_inputs_and_directions_of_a_length(string variant, string? normalization, bool batchNorm)
    {
        using var scope = NewDisposeScope();
        var state = Overcomplete(batchNorm);
        const double Cut = 0.6;
        if (variant == "jumprelu") state["thresholds"] = Random("oc thresholds", Latents) * 0.5 - 1;
        PyTorchFile.Write(File_("sae.pt"), state);
        using var found = ForeignDictionaries.Import(File_("sae.pt"), new ForeignOptions
        {
            K = variant == "topk" ? K : null,
            Threshold = variant == "batchtopk" ? Cut : null,
            Architecture = variant == "l1" ? "l1" : null,
            Normalization = normalization,
        });
        double[][] directions = OvercompleteDictionary(state, normalization);
        double[]? thresholds = variant == "jumprelu" ? List(state["thresholds"]) : null;
        AssertSame(found, "overcomplete", x =>
        {
            double[] z = [.. OvercompleteScores(state, x).Select(value => Math.Max(0, value))];
            return variant switch
            {
                "topk" => Top(z, K),
                "batchtopk" => [.. z.Select(value => value >= Cut ? value : 0)],
                "jumprelu" => [.. z.Select((value, i) => value < Math.Exp(thresholds![i]) ? 0 : value)],
                _ => z,
            };
        }, f => Decode(f, directions, new double[Inputs]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_tied_encoder_is_the_directions_and_archetypal_ones_are_mixtures(bool archetypal)
    {
        using var scope = NewDisposeScope();
        var state = new Dictionary<string, Tensor> { ["encoder.bias"] = Random("tied bias", Latents) * 0.2 };
        double[][] directions;
        if (archetypal)
        {
            state["dictionary.C"] = Random("C", 12, Inputs);
            state["dictionary.W"] = Random("W", Latents, 12);
            state["dictionary.Relax"] = Random("Relax", Latents, Inputs) * 0.1;
            state["dictionary.multiplier"] = tensor(-0.3f);
            double[][] points = Table(state["dictionary.C"]), relax = Table(state["dictionary.Relax"]);
            directions = [.. Table(state["dictionary.W"]).Select((row, latent) =>
            {
                double[] weights = [.. row.Select(value => Math.Max(0, value))];
                return Enumerable.Range(0, Inputs).Select(i =>
                    Math.Exp(-0.3f) * (weights.Select((w, j) => w / weights.Sum() * points[j][i]).Sum() + relax[latent][i])).ToArray();
            })];
            state["encoder.weight"] = Random("own encoder", Latents, Inputs);
        }
        else
        {
            state["dictionary._weights"] = Random("oc weights", Latents, Inputs);
            state["dictionary.multiplier"] = tensor(0.4f);
            state["encoder.tied_to._weights"] = state["dictionary._weights"];
            state["encoder.tied_to.multiplier"] = state["dictionary.multiplier"];
            directions = OvercompleteDictionary(state, null);
        }
        PyTorchFile.Write(File_("sae.pt"), state);
        using var found = ForeignDictionaries.Import(File_("sae.pt"), new ForeignOptions { K = K });
        double[][] encoder = archetypal ? Table(state["encoder.weight"]) : directions;
        double[] bias = List(state["encoder.bias"]);
        AssertSame(found, "overcomplete", x => Top([.. encoder.Select((w, i) => Math.Max(0, Dot(x, w) + bias[i]))], K), f => Decode(f,
            directions, new double[Inputs]));
    }

    [Fact]
    public void Matching_pursuit_of_overcomplete_takes_k_rounds()
    {
        using var scope = NewDisposeScope();
        var state = Overcomplete(batchNorm: false);
        state["dictionary.multiplier"] = tensor(0f);
        PyTorchFile.Write(File_("sae.pt"), state);
        using var found = ForeignDictionaries.Import(File_("sae.pt"), new ForeignOptions { K = K, Architecture = "matchingpursuit" });
        double[][] rows = Table(state["dictionary._weights"]);
        double[][] directions = [.. rows.Select(row => row.Select(value => value / Math.Sqrt(Dot(row, row))).ToArray())];
        AssertSame(found, "overcomplete", x =>
        {
            var codes = new double[Latents];
            double[] left = [.. x];
            for (int round = 0; round < K; round++)
            {
                double[] products = [.. directions.Select(d => Dot(left, d))];
                int best = Array.IndexOf(products, products.Max());
                if (products[best] <= 0) break;
                codes[best] += products[best];
                left = [.. left.Select((value, i) => value - products[best] * directions[best][i])];
            }
            return codes;
        }, f => Decode(f, directions, new double[Inputs]));
    }

    [Fact]
    public void What_overcomplete_does_not_say_or_what_is_not_linear_is_refused()
    {
        using var scope = NewDisposeScope();
        var state = Overcomplete(batchNorm: true);
        PyTorchFile.Write(File_("sae.pt"), state);
        AssertRefused(File_("sae.pt"), "--k K for a TopK", FailureKind.Configuration);
        AssertRefused(File_("sae.pt"), "--threshold X", FailureKind.Configuration, new ForeignOptions { Architecture = "batchtopk" });
        AssertRefused(File_("sae.pt"), "by l2, max_l2", FailureKind.Configuration, new ForeignOptions { K = 2, Normalization = "unit" });
        AssertRefused(File_("sae.pt"), "1 ≤ k ≤ 9", FailureKind.Data, new ForeignOptions { K = 10 });
        AssertRefused(File_("sae.pt"), "no gated", FailureKind.Configuration, new ForeignOptions { Architecture = "gated" });
        state.Remove("encoder.final_block.1.running_var");
        PyTorchFile.Write(File_("sae.pt"), state);
        AssertRefused(File_("sae.pt"), "LayerNorm", options: new ForeignOptions { K = 2 });
        state["encoder.mlp_blocks.0.0.weight"] = Random("hidden", Inputs, Inputs);
        PyTorchFile.Write(File_("sae.pt"), state);
        AssertRefused(File_("sae.pt"), "hidden layers", options: new ForeignOptions { K = 2 });
        PyTorchFile.Write(File_("sae.pt"), new Dictionary<string, Tensor>
        {
            ["dictionary._weights"] = Random("oc weights", Latents, Inputs),
            ["encoder.resnet_blocks.0.conv1.weight"] = Random("conv", 3, 3),
        });
        AssertRefused(File_("sae.pt"), "none of its linear ones", options: new ForeignOptions { K = 2 });
    }

    private void WriteSaev(string header, Dictionary<string, Tensor> state)
    {
        PyTorchFile.Write(File_("state.pt"), state);
        File.WriteAllBytes(File_("sae.pt"), [.. Encoding.UTF8.GetBytes(header + "\n"), .. File.ReadAllBytes(File_("state.pt"))]);
    }

    private static Dictionary<string, Tensor> SaevState(double? threshold)
    {
        var state = new Dictionary<string, Tensor>
        {
            ["W_dec"] = Random("W_dec", Latents, Inputs),
            ["b_dec"] = Random("b_dec", Inputs) * 0.5,
            ["W_enc"] = Random("W_enc", Inputs, Latents),
            ["b_enc"] = Random("b_enc", Latents) * 0.3,
        };
        if (threshold is { } value) state["activation.threshold"] = tensor((float)value);
        return state;
    }

    [Theory]
    [InlineData("""{"d_vit": 5, "exp_factor": 2, "sparsity_coeff": 4e-4, "ghost_grads": false, "seed": 0}""", "relu", true, null)]
    [InlineData("""{"schema": 1, "cls": "Relu", "cfg": {"d_vit": 5, "exp_factor": 2}}""", "relu", true, null)]
    [InlineData("""{"schema": 1, "cls": "TopK", "cfg": {"d_vit": 5, "top_k": 3}}""", "topk", true, null)]
    [InlineData("""{"schema": 2, "cfg": {"d_vit": 5, "activation": {"cls": "Relu", "params": {}}}, "commit": "unknown", "lib": "0.1"}""", "relu", false, null)]
    [InlineData("""{"schema":5,"cfg":{"d_model":5,"d_sae":9,"activation":{"cls":"TopK","params":{"key":"top-k","top_k":3}}},"lib":"0.2"}""", "topk", false, null)]
    [InlineData("""{"schema":5,"cfg":{"d_model":5,"d_sae":9,"activation":{"cls":"BatchTopK","params":{"key":"batch-top-k","top_k":3}}}}""", "batch", false, 0.8)]
    [InlineData("""{"schema":5,"cfg":{"d_model":5,"d_sae":9,"activation":{"cls":"BatchTopK","params":{"top_k":3}}}}""", "batch", false, -0.2)]
    [InlineData("""{"schema": 2, "cfg": {"d_vit": 5, "activation": {"cls": "BatchTopK", "params": {"top_k": 3}}}}""", "topk", false, null)]
    public void Saev_subtracted_its_bias_before_schema_2_and_not_since(string header, string kind, bool subtracts, double? threshold)
    {
        using var scope = NewDisposeScope();
        var state = SaevState(threshold);
        WriteSaev(header, state);
        using var found = ForeignDictionaries.Import(File_("sae.pt"));
        double[][] encoder = Transposed(Table(state["W_enc"])), decoder = Table(state["W_dec"]);
        double[] bias = List(state["b_dec"]), own = List(state["b_enc"]);
        AssertSame(found, "saev", x =>
        {
            double[] z = [.. encoder.Select((w, i) => Dot(subtracts ? Minus(x, bias) : x, w) + own[i])];
            // Where fewer than k are above 0 saev's TopK keeps what is below, and ours does not: said in a note.
            return kind switch
            {
                "topk" => [.. Top(z, K).Select(value => Math.Max(0, value))],
                "batch" => [.. z.Select(value => value > Math.Max(threshold!.Value, 0) ? value : 0)],
                _ => [.. z.Select(value => Math.Max(0, value))],
            };
        }, f => Decode(f, decoder, bias));
        Assert.Equal(subtracts, found.Notes.Any(note => note.Contains("before schema 2", StringComparison.Ordinal)));
        Assert.Equal(kind == "topk", found.Notes.Any(note => note.Contains("below 0", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("""{"schema": 9, "cfg": {}}""", "schema 9")]
    [InlineData("""{"schema": 5, "cfg": {"activation": {"cls": "Softplus", "params": {}}}}""", "Softplus")]
    [InlineData("""{"schema": 5, "cfg": {"activation": {"cls": "TopK", "params": {}}}}""", "top_k")]
    [InlineData("""{"schema": 5, "cfg": {"activation": {"cls": "TopK", "params": {"top_k": 10}}}}""", "1 ≤ k ≤ 9")]
    [InlineData("""{"schema": 5, "cfg": """, "not JSON")]
    public void A_header_of_saev_that_does_not_fit_is_refused(string header, string reason)
    {
        using var scope = NewDisposeScope();
        WriteSaev(header, SaevState(null));
        AssertRefused(File_("sae.pt"), reason);
        AssertRefused(File_("sae.pt"), "leave --architecture", FailureKind.Configuration, new ForeignOptions { K = 3 });
    }

    [Fact]
    public void Damaged_and_hostile_files_are_refused()
    {
        using var scope = NewDisposeScope();
        AssertRefused(File_("absent"), "Cannot read");
        AssertRefused(_folder, "holds no dictionary");
        var state = SaevState(null);
        WriteSaev("""{"schema": 5, "cfg": {"activation": {"cls": "Relu", "params": {}}}}""", state);
        byte[] whole = File.ReadAllBytes(File_("sae.pt"));
        for (int length = 0; length < whole.Length; length += 41)
        {
            File.WriteAllBytes(File_("cut.pt"), whole[..length]);
            AssertRefused(File_("cut.pt"), "cut.pt");
        }
        state["W_enc"] = Random("W_enc", Inputs, Latents + 1);
        WriteSaev("""{"schema": 5, "cfg": {"activation": {"cls": "Relu", "params": {}}}}""", state);
        AssertRefused(File_("sae.pt"), "W_enc is [5, 10], not [5, 9]");
        state["W_enc"] = Random("W_enc", Inputs, Latents);
        state["extra"] = ones(3);
        WriteSaev("""{"schema": 5, "cfg": {"activation": {"cls": "Relu", "params": {}}}}""", state);
        AssertRefused(File_("sae.pt"), "extra");
        var linear = Linear("bias");
        linear["encoder.weight"][1, 2] = float.NaN;
        SaveLearned(linear);
        AssertRefused(_folder, "NaN", FailureKind.Numerical);
        File.WriteAllText(File_("config.json"), "{\"trainer\": ");
        linear["encoder.weight"][1, 2] = 0;
        SaveLearned(linear);
        AssertRefused(_folder, "config.json");
        PyTorchFile.Write(File_("other.pt"), new Dictionary<string, Tensor> { ["conv1.weight"] = ones(3) });
        AssertRefused(File_("other.pt"), "no dictionary of a library");
        // A module saved whole is a program that builds it.
        using (var zip = ZipFile.Open(File_("module.pt"), ZipArchiveMode.Create))
        using (Stream entry = zip.CreateEntry("a/data.pkl", CompressionLevel.NoCompression).Open())
            entry.Write(Encoding.Latin1.GetBytes("\x80\x02" + "covercomplete.sae.topk_sae\nTopKSAE\n)\x81."));
        AssertRefused(File_("module.pt"), "overcomplete.sae.topk_sae.TopKSAE");
    }

    private static void AssertRefused(string path, string reason, FailureKind kind = FailureKind.Data, ForeignOptions? options = null)
    {
        var error = Assert.Throws<FoveaException>(() => ForeignDictionaries.Import(path, options).Dispose());
        Assert.Equal(kind, error.Kind);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }
}
