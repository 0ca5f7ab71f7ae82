using Fovea.Dictionaries.SaeLens;
using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Synthetic;
using Fovea.Dictionaries.Training;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

/// <summary>
/// Training on vectors that are each brought to a scale of their own: it is that of vectors which were changed beforehand, and what comes
/// out acts on vectors as they are.
/// </summary>
public sealed class NormalizedTrainingTests : IDisposable
{
    private const int Inputs = 12, Rows = 500, Held = 100;
    private static readonly long[] TrainRows = [.. Enumerable.Range(0, Rows - Held).Select(row => (long)row)];
    private static readonly long[] HeldRows = [.. Enumerable.Range(Rows - Held, Held).Select(row => (long)row)];
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-normalized-training").FullName;

    public static TheoryData<InputNormalization, string> Cases =>
        [.. ((InputNormalization[])[InputNormalization.LayerNorm, InputNormalization.ConstantNorm]).SelectMany(way =>
            ((string[])["topk", "l1", "jumprelu", "matchingpursuit", "archetypal"]).Select(variant => (way, variant)))];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Cases))]
    public void It_is_the_training_of_changed_vectors_and_acts_on_vectors_as_they_are(InputNormalization way, string variant)
    {
        using var scope = NewDisposeScope();
        float[] raw = Raw(), changed = [.. Enumerable.Range(0, Rows).SelectMany(row => Changed(raw.AsSpan(row * Inputs, Inputs), way))];
        var options = AutoencoderTrainerTests.Small(variant);
        using var found = Train(options with { Normalization = way }, raw);
        using var beforehand = Train(options, changed);
        using var frozen = no_grad();
        Assert.Equal(way, found.Autoencoder.Normalization);
        Assert.Equal(InputNormalization.None, beforehand.Autoencoder.Normalization);
        foreach (var (name, parameter) in beforehand.Autoencoder.Parameters)
            Assert.Equal(parameter.data<float>().ToArray(), found.Autoencoder.Parameters[name].data<float>().ToArray());
        Assert.Equal(beforehand.History, found.History);

        Tensor x = tensor(raw, [Rows, Inputs]), y = tensor(changed, [Rows, Inputs]);
        var codes = found.Autoencoder.EncodeDense(x);
        Assert.True(codes.allclose(beforehand.Autoencoder.EncodeDense(y), rtol: 1e-4, atol: 1e-5));
        float[] output = found.Autoencoder.DecodeDense(codes, x).data<float>().ToArray();
        double error = 0, variance = 0;
        for (int i = 0; i < Inputs; i++)
        {
            double mean = HeldRows.Average(row => (double)raw[row * Inputs + i]);
            error += HeldRows.Sum(row => Math.Pow(raw[row * Inputs + i] - output[row * Inputs + i], 2));
            variance += HeldRows.Sum(row => Math.Pow(raw[row * Inputs + i] - mean, 2));
        }
        Assert.Equal(error / variance, found.Report.Validation!.Fvu, 1e-4);
        Assert.Equal(1, found.Autoencoder.InputScale);

        // A run's folder keeps it, and so does an export, as far as SAELens knows the variant.
        string kept = Path.Combine(_folder, "kept"), exported = Path.Combine(_folder, "exported");
        found.Save(kept);
        using var again = AutoencoderFile.Load(kept);
        Assert.Equal(way, again.Normalization);
        Assert.True(again.EncodeDense(x).equal(codes).all().item<bool>());
        if (variant == "matchingpursuit") return;
        SaeLensFile.Export(exported, found.Autoencoder);
        using var imported = SaeLensFile.Import(exported);
        Assert.Equal(way, imported.Normalization);
        Assert.True(imported.EncodeDense(x).allclose(codes, rtol: 1e-4, atol: 1e-5));
    }

    [Fact]
    public void What_cannot_be_is_refused()
    {
        var options = AutoencoderTrainerTests.Small("topk") with { Normalization = InputNormalization.LayerNorm };
        Assert.Contains("has no effect on vectors", Assert.Throws<FoveaException>((options with { Cap = 2 }).Validate).Message,
            StringComparison.Ordinal);
        var one = new ArrayVectors(new float[40], 1);
        var error = Assert.Throws<FoveaException>(() => AutoencoderTrainer.Train(
            options with { LatentSize = 8 }, one, new long[] { 0, 1, 2 }, Array.Empty<long>(), null, null,
            TestContext.Current.CancellationToken).Dispose());
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Contains("no standard deviation", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Planted vectors off the origin whose lengths differ a hundredfold.</summary>
    private static float[] Raw()
    {
        var planted = new PlantedDictionary(
            new PlantedDictionaryOptions { InputSize = Inputs, LatentSize = 20, Active = 3, Rows = Rows, Seed = 9 });
        var values = new float[Rows * Inputs];
        planted.Read([.. Enumerable.Range(0, Rows).Select(row => (long)row)], values);
        for (int row = 0; row < Rows; row++)
        {
            float scale = MathF.Pow(10, row % 5 * 0.5f);
            for (int i = 0; i < Inputs; i++) values[row * Inputs + i] = scale * (values[row * Inputs + i] + 0.3f * (i % 3));
        }
        return values;
    }

    private static float[] Changed(ReadOnlySpan<float> x, InputNormalization way)
    {
        double mean = 0, squares = 0;
        if (way == InputNormalization.LayerNorm)
        {
            foreach (float value in x) mean += value;
            mean /= Inputs;
        }
        foreach (float value in x) squares += (value - mean) * (value - mean);
        double change = way == InputNormalization.LayerNorm
            ? 1 / (Math.Sqrt(squares / (Inputs - 1)) + 1e-5) : 1 / Math.Sqrt(squares / Inputs);
        var y = new float[Inputs];
        for (int i = 0; i < Inputs; i++) y[i] = (float)((x[i] - mean) * change);
        return y;
    }

    private static TrainedAutoencoder Train(AutoencoderOptions options, float[] values) => AutoencoderTrainer.Train(
        options, new ArrayVectors(values, Inputs), TrainRows, HeldRows, null, null, TestContext.Current.CancellationToken);
}
