using System.Text.Json;
using System.Text.Json.Nodes;
using Fovea.Checkpoints;
using Fovea.Dictionaries;
using Fovea.Dictionaries.SaeLens;
using Fovea.Dictionaries.Sparse;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Interventions;
using Fovea.Models;
using Fovea.Models.Edits;
using Fovea.Tests.Shared;
using Fovea.Tests.Visualization;
using Fovea.Visualization.Objectives;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

/// <summary>
/// Autoencoders that bring each vector to a scale of its own: against PyTorch (tests/reference/saelens_normalized.py), loops, differences.
/// </summary>
public sealed class InputNormalizationTests : IDisposable
{
    private const int Inputs = 13, Latents = 40;
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-normalized").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, Reference.Length)];

    public static TheoryData<InputNormalization> Ways => [InputNormalization.LayerNorm, InputNormalization.ConstantNorm];

    public static TheoryData<InputNormalization, string> Variants =>
        [.. Ways.SelectMany(way => Samples.Variants.Select(variant => (way.Data, variant.Data)))];

    private static JsonObject[] Reference { get; } =
        [.. JsonNode.Parse(File.ReadAllText(Path.Combine(Checkout.Root, "tests", "Fovea.Tests", "Dictionaries", "SaeLens", "normalized.json")))!
            .AsArray().Select(one => one!.AsObject())];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Codes_reconstructions_and_derivatives_are_PyTorch_s(int number)
    {
        using var scope = NewDisposeScope();
        var one = Reference[number];
        Safetensors.Write(Path.Combine(_folder, AutoencoderFile.WeightsName),
            one["weights"]!.AsObject().ToDictionary(pair => pair.Key, pair => Numbers(pair.Value!)));
        File.WriteAllText(Path.Combine(_folder, AutoencoderFile.ConfigurationName), one["cfg"]!.ToJsonString());
        List<string> notes = [];
        using var loaded = SaeLensFile.Read(_folder, null, notes);
        Assert.Contains(notes, note => note.Contains((string)one["cfg"]!["normalize_activations"]!, StringComparison.Ordinal));
        var x = Numbers(one["x"]!).requires_grad_(true);
        Tensor codes = loaded.EncodeDense(x), output = loaded.DecodeDense(codes, x);
        Assert.Contains(codes.data<double>(), value => value > 0);
        Near(one["codes"]!, codes, 1e-9);
        Near(one["output"]!, output, 1e-9);
        Near(one["of_codes"]!, autograd.grad([Weighted(codes)], [x], retain_graph: true)[0], 1e-8);
        Near(one["of_output"]!, autograd.grad([Weighted(output)], [x])[0], 1e-8);
    }

    /// <summary>Kernels over entries, tensors in float64 and the error of a loop over components.</summary>
    [Theory]
    [MemberData(nameof(Variants))]
    public void Kernels_and_tensors_agree_on_codes_reconstructions_and_FVU(InputNormalization way, string variant)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        const int rows = 600;
        using var narrow = Sample(variant, way, ScalarType.Float32);
        using var wide = Sample(variant, way, ScalarType.Float64);
        var x = Samples.Vectors(rows, Inputs, ScalarType.Float32) * 3 + 1;
        using SparseCodes codes = narrow.Encode(x), few = narrow.Encode(x.narrow(0, 0, 20)), copy = codes.Copy();
        Tensor dense = wide.EncodeDense(x.to(float64)), back = wide.DecodeDense(dense, x.to(float64));
        Assert.True(dense.count_nonzero().item<long>() > rows);
        Same(dense, codes.ToDense());
        Same(dense.narrow(0, 0, 20), few.ToDense());
        Same(back, narrow.Decode(codes));
        Same(back, narrow.Decode(copy));
        Same(back.narrow(0, 0, 20), narrow.Decode(few));
        Same(back, narrow.Reconstruct(x));

        float[] values = [.. x.data<float>()];
        double[] output = [.. back.data<double>()];
        double error = 0, deviation = 0;
        for (int i = 0; i < Inputs; i++)
        {
            double mean = Enumerable.Range(0, rows).Average(row => values[row * Inputs + i]);
            for (int row = 0; row < rows; row++)
            {
                deviation += Math.Pow(values[row * Inputs + i] - mean, 2);
                error += Math.Pow(values[row * Inputs + i] - output[row * Inputs + i], 2);
            }
        }
        var source = new ArrayVectors(values, Inputs);
        long[] all = [.. Enumerable.Range(0, rows).Select(row => (long)row)];
        Assert.Equal(1, DictionaryEvaluation.Scores(narrow, source, all).Fvu / (error / deviation), 1e-4);
        Assert.Equal(1, DictionaryEvaluation.Scores(wide, source, all).Fvu / (error / deviation), 1e-9);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Derivatives_of_what_pictures_are_made_for_are_those_of_differences(InputNormalization way)
    {
        using var latents = Sample("l1-untied", way, ScalarType.Float64);
        ObjectiveChecks.CheckGradient(Objective.Latent("layer", latents, 3, 8), ("layer", [2, Inputs, 2, 3]));

        using var scope = NewDisposeScope();
        double[] at = [.. Samples.Normal([2, Inputs, 2, 1], "at", float64).data<double>()];
        var leaf = tensor(at, [2, Inputs, 2, 1], requires_grad: true);
        double[] gradient = [.. autograd.grad([Weighted(latents.Reconstruct(leaf))], [leaf])[0].contiguous().data<double>()];
        for (int k = 0; k < at.Length; k++) Assert.Equal((Moved(k, 1e-6) - Moved(k, -1e-6)) / 2e-6, gradient[k], 2e-6);

        double Moved(int k, double step)
        {
            using var inner = NewDisposeScope();
            var moved = tensor(at, [2, Inputs, 2, 1]);
            moved.view(-1)[k] += step;
            return Weighted(latents.Reconstruct(moved)).ToDouble();
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Vectors_without_a_direction_and_very_long_ones_have_finite_codes_and_gradients(InputNormalization way)
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Sample("l1-untied", way, ScalarType.Float32);
        var x = cat([zeros(1, Inputs), full([1, Inputs], 2.5f), Samples.Vectors(1, Inputs, ScalarType.Float32) * 1e30f]);
        using SparseCodes few = autoencoder.Encode(x), many = autoencoder.Encode(x.repeat(100, 1));
        Same(few.ToDense().repeat(100, 1), many.ToDense());
        var back = autoencoder.Reconstruct(x);
        Assert.True(back.isfinite().all().item<bool>());
        // A vector of zeros comes back as it is, and so does a constant one where its mean is taken off.
        Assert.Equal(new float[Inputs], back[0].data<float>().ToArray());
        if (way == InputNormalization.LayerNorm)
            Assert.Equal(Enumerable.Repeat(2.5f, Inputs), back[1].data<float>().ToArray());
        // The third one's code is that of the same vector at any length.
        var shorter = autoencoder.EncodeDense(x.narrow(0, 2, 1) / 1e30f);
        Assert.True((autoencoder.EncodeDense(x)[2] - shorter).abs().max().item<float>() < 1e-4);
        var leaf = x.detach().clone().requires_grad_(true);
        Assert.True(autograd.grad([autoencoder.Reconstruct(leaf).sum()], [leaf])[0].isfinite().all().item<bool>());
        x[1][3] = float.NaN;
        Assert.Equal(FailureKind.Numerical, Assert.Throws<FoveaException>(() => autoencoder.Encode(x)).Kind);
    }

    [Fact]
    public void Codes_without_the_vectors_they_are_of_are_not_decoded()
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Sample("topk", InputNormalization.LayerNorm, ScalarType.Float32);
        var dense = autoencoder.EncodeDense(Samples.Vectors(5, Inputs, ScalarType.Float32));
        Assert.Contains("give the vectors", Assert.Throws<ArgumentNullException>(() => autoencoder.DecodeDense(dense)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => autoencoder.DecodeDense(dense, zeros(4, Inputs)));
        using var codes = SparseCodes.FromDense(dense);
        Assert.Contains("give the vectors", Assert.Throws<ArgumentException>(() => autoencoder.Decode(codes)).Message,
            StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => autoencoder.Loss(zeros(4, Inputs)));
        Assert.Throws<InvalidOperationException>(() => autoencoder.FoldScale(2));
    }

    /// <summary>x + σ · ∑ (f′ − f) d, and without the error σ · (f′ W_dec + b_dec) + μ, one vector after the other.</summary>
    [Theory]
    [InlineData(InputNormalization.LayerNorm, DictionaryError.Kept)]
    [InlineData(InputNormalization.LayerNorm, DictionaryError.Dropped)]
    [InlineData(InputNormalization.ConstantNorm, DictionaryError.Kept)]
    [InlineData(InputNormalization.ConstantNorm, DictionaryError.Dropped)]
    public void Edited_codes_are_put_back_into_the_scale_of_their_vector(InputNormalization way, DictionaryError error)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var autoencoder = Sample("topk", way, ScalarType.Float64);
        var vectors = Samples.Vectors(6, Inputs, ScalarType.Float64) * 2 + 1;
        double[] edited = [.. new Latents(autoencoder, error, 4, 7).Apply(vectors, UnitOperation.Scale(-1.5), null).data<double>()];
        double[] codes = [.. autoencoder.EncodeDense(vectors).data<double>()], back = [.. autoencoder.Reconstruct(vectors).data<double>()];
        double[] decoder = [.. autoencoder.DecoderWeight.data<double>()], all = [.. vectors.data<double>()];
        for (int row = 0; row < 6; row++)
        {
            double[] x = all[(row * Inputs)..((row + 1) * Inputs)];
            double mean = way == InputNormalization.LayerNorm ? x.Average() : 0;
            double scale = Math.Sqrt(x.Sum(value => (value - mean) * (value - mean))
                / (way == InputNormalization.LayerNorm ? Inputs - 1 : Inputs));
            for (int i = 0; i < Inputs; i++)
            {
                double change = ((int[])[4, 7]).Sum(latent => -2.5 * codes[row * Latents + latent] * decoder[latent * Inputs + i]);
                double from = error == DictionaryError.Kept ? x[i] : back[row * Inputs + i];
                Assert.Equal(from + scale * change, edited[row * Inputs + i], 1e-9);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_run_s_own_folder_keeps_it(InputNormalization way)
    {
        using var scope = NewDisposeScope();
        using var saved = Sample("batchtopk", way, ScalarType.Float32);
        AutoencoderFile.Save(_folder, saved);
        using var loaded = AutoencoderFile.Load(_folder);
        Assert.Equal(way, loaded.Normalization);
        var x = Samples.Vectors(50, Inputs, ScalarType.Float32);
        Assert.True(saved.Reconstruct(x).Equals(loaded.Reconstruct(x)));
        string path = Path.Combine(_folder, AutoencoderFile.ConfigurationName), text = File.ReadAllText(path);
        File.WriteAllText(path, text.Replace(way.Word(), "something_else", StringComparison.Ordinal));
        Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => AutoencoderFile.Load(_folder)).Kind);
    }

    [Fact]
    public void What_a_latent_adds_to_a_logit_differs_from_vector_to_vector_and_is_not_said()
    {
        using var model = ImageModel.Create("small_cnn", 4, GradientFlow.Standard, new Preprocessing(null, 32, [0, 0, 0], [1, 1, 1]), seed: 1);
        const string layer = "block4";
        using var autoencoder = Samples.Create("topk", model.Layers.Single(one => one.Name == layer).Shape[0], 12, ScalarType.Float32);
        Assert.NotNull(LogitEffects.Of(model, UnitGroup.Latents(layer, "plain", autoencoder)));
        autoencoder.Normalization = InputNormalization.ConstantNorm;
        Assert.Null(LogitEffects.Of(model, UnitGroup.Latents(layer, "normalized", autoencoder)));
    }

    [Theory]
    [InlineData(2.0, null, "leave the input scale out")]
    [InlineData(null, 1, "no standard deviation")]
    public void What_does_not_go_with_it_is_refused(double? scale, int? inputs, string said)
    {
        using var scope = NewDisposeScope();
        using var saved = Samples.Create("l1-untied", inputs ?? Inputs, Latents, ScalarType.Float32);
        saved.Normalization = InputNormalization.LayerNorm;
        SaeLensFile.Export(_folder, saved);
        string path = Path.Combine(_folder, AutoencoderFile.ConfigurationName);
        var cfg = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        cfg.Remove("fovea");
        File.WriteAllText(path, cfg.ToJsonString());
        var error = Assert.Throws<FoveaException>(() => SaeLensFile.Import(_folder, scale));
        Assert.Equal(FailureKind.Data, error.Kind);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    private static SparseAutoencoder Sample(string variant, InputNormalization way, ScalarType dtype)
    {
        var autoencoder = Samples.Create(variant, Inputs, Latents, dtype);
        using (no_grad())
        {
            if (autoencoder is BatchTopKAutoencoder) autoencoder.Parameters[SparseAutoencoder.ThresholdName].fill_(0.9);
        }
        autoencoder.Normalization = way;
        return autoencoder;
    }

    private static Tensor Numbers(JsonNode node)
    {
        double[][] rows = node[0] is JsonArray ? node.Deserialize<double[][]>()! : [node.Deserialize<double[]>()!];
        var flat = tensor(rows.SelectMany(row => row).ToArray());
        return node[0] is JsonArray ? flat.view(rows.Length, rows[0].Length) : flat;
    }

    private static Tensor Weighted(Tensor values) =>
        (values * (arange(1, values.numel() + 1, dtype: values.dtype) / values.numel()).view(values.shape)).sum();

    private static void Near(JsonNode expected, Tensor actual, double tolerance)
    {
        double[] theirs = [.. Numbers(expected).data<double>()], ours = [.. actual.contiguous().data<double>()];
        Assert.Equal(theirs.Length, ours.Length);
        for (int i = 0; i < ours.Length; i++) Assert.Equal(theirs[i], ours[i], tolerance * (1 + Math.Abs(theirs[i])));
    }

    private static void Same(Tensor wide, Tensor narrow)
    {
        double[] expected = [.. wide.to(float64).contiguous().data<double>()], found = [.. narrow.to(float64).contiguous().data<double>()];
        Assert.Equal(expected.Length, found.Length);
        for (int i = 0; i < found.Length; i++) Assert.Equal(expected[i], found[i], 2e-5 * (1 + Math.Abs(expected[i])));
    }
}
