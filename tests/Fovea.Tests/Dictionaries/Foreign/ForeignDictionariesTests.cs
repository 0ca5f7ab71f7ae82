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
public sealed partial class ForeignDictionariesTests : IDisposable
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
