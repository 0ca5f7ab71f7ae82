using Fovea.Dictionaries;
using Fovea.Dictionaries.Sparse;
using Fovea.Interpretation;
using Fovea.Tests.Dictionaries;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Interpretation;

/// <summary>Near misses of latents against pre-activations computed and sorted the long way.</summary>
[Collection(TensorCounts.Name)]
public sealed class NearMissTests
{
    private const int Inputs = 12, Others = 4;

    // Grids that no block of the encoder's rows is a multiple of: smaller than a block, and larger.
    [Theory]
    [InlineData("topk", 40, 5, 5, 150)]
    [InlineData("topk", 12, 10, 10, 1100)]
    [InlineData("batchtopk", 40, 1, 2, 150)]
    [InlineData("matryoshka", 40, 1, 2, 150)]
    [InlineData("jumprelu", 40, 1, 2, 150)]
    [InlineData("l1", 40, 1, 1, 150)]
    [InlineData("gated", 40, 1, 2, 150)]
    public void They_are_the_largest_pre_activations_of_images_that_leave_a_latent_off(
        string variant, int images, int height, int width, int latents)
    {
        int positions = height * width;
        using var autoencoder = Samples.Create(variant, Inputs, latents, float32);
        using var vectors = Vectors(images * positions);
        float[] x = vectors.data<float>().ToArray();
        using var codes = autoencoder.EncodeDense(vectors);
        float[] dense = codes.data<float>().ToArray();
        double[] z = Slow(autoencoder, x);
        Func<UnitStatistics[]>[] ways =
        [
            .. new[] { 1, 7, images }.Select(
                batch => (Func<UnitStatistics[]>)(() => Streamed(autoencoder, x, images, height, width, batch))),
            () => Collected(autoencoder, x, images, height, width),
        ];
        foreach (var way in ways)
        {
            var found = way();
            int complete = 0;
            for (int latent = 0; latent < latents; latent++)
            {
                var expected = Enumerable.Range(0, images)
                    .Where(image => Enumerable.Range(image * positions, positions).All(row => dense[row * latents + latent] == 0))
                    .Select(image => Enumerable.Range(0, positions)
                        .Select(p => (Image: image, Position: p, Z: z[(image * positions + p) * latents + latent])).MaxBy(one => one.Z))
                    .OrderByDescending(one => one.Z).Take(Others).ToArray();
                var near = found[latent].Others[^1];
                Assert.Equal(ExampleKinds.Near, near.Kind);
                Assert.Equal(
                    expected.Select(one => (one.Image, one.Position)), near.Examples.Select(one => (one.Image, one.Y * width + one.X)));
                for (int rank = 0; rank < expected.Length; rank++) Assert.Equal(expected[rank].Z, near.Examples[rank].Value, 1e-4);
                if (expected.Length == Others && found[latent].Examples.Count > 0) complete++;
            }
            Assert.True(complete > latents / 10, $"only {complete} latents are active on some images and off on others");
        }
    }

    [Fact]
    public void A_dictionary_in_float64_has_the_same_ones()
    {
        using var single = Samples.Create("topk", Inputs, 90, float32);
        using var twice = Samples.Create("topk", Inputs, 90, float64);
        using var vectors = Vectors(30 * 6);
        float[] x = vectors.data<float>().ToArray();
        var (expected, actual) = (Collected(single, x, 30, 2, 3), Collected(twice, x, 30, 2, 3));
        foreach (var (one, other) in expected.Zip(actual))
            Assert.Equal(
                one.Others[^1].Examples.Select(example => (example.Image, example.Y, example.X)),
                    other.Others[^1].Examples.Select(example => (example.Image, example.Y, example.X)));
        Assert.Contains(expected, unit => unit.Examples.Count > 0 && unit.Others[^1].Examples.Count == Others);
    }

    [Fact]
    public void Equal_ones_stand_in_the_order_of_images_and_positions()
    {
        using var autoencoder = Samples.Create("topk", Inputs, 64, float32);
        using var vectors = Vectors(6);
        float[] once = vectors.data<float>()
            .ToArray(), x = [.. Enumerable.Repeat(once, 5).SelectMany(one => one)]; // five images alike, of two positions the same
        for (int image = 0; image < 5; image++) x.AsSpan(image * 6 * Inputs, Inputs).CopyTo(x.AsSpan((image * 6 + 3) * Inputs));
        var found = Streamed(autoencoder, x, 5, 2, 3, 2);
        Assert.All(found.Where(unit => unit.Examples.Count == 0), unit =>
        {
            Assert.Equal([0, 1, 2, 3], unit.Others[^1].Examples.Select(example => example.Image));
            Assert.All(unit.Others[^1].Examples, example => Assert.NotEqual((1, 0), (example.Y, example.X)));
        });
        Assert.Contains(found, unit => unit.Examples.Count == 0 && unit.Others[^1].Examples[0] is { Y: 0, X: 0 });
    }

    [Fact]
    public void Codes_without_pre_activations_are_refused()
    {
        using var autoencoder = Samples.Create("topk", Inputs, 64, float32);
        using var stream = new CodeStream(autoencoder);
        using var vectors = Vectors(12);
        float[] x = vectors.data<float>().ToArray();
        var accumulator = new UnitAccumulator(64, true, 2, 3, preActivations: true);
        Assert.Throws<InvalidOperationException>(() => accumulator.Add(stream.Encode(x), [0, 1]));
        Assert.Throws<InvalidOperationException>(() => accumulator.Add(stream.Encode(x, 2), [0, 1]));
        Assert.Throws<ArgumentException>(() => stream.Encode(x, 5));
        accumulator.Add(stream.Encode(x, 6), [0, 1]);
        Assert.Equal(2, accumulator.Images);
    }

    private static TopExamplesOptions Options() => new() { Seed = 5, Others = Others, BatchSize = 9 };

    private static UnitStatistics[] Streamed(SparseAutoencoder autoencoder, float[] x, int images, int height, int width, int batch)
    {
        using var stream = new CodeStream(autoencoder);
        var accumulator = new UnitAccumulator(autoencoder.LatentSize, true, height, width, Options(), preActivations: true);
        int size = height * width * Inputs;
        for (int start = 0; start < images; start += batch)
        {
            int count = Math.Min(batch, images - start);
            accumulator.Add(stream.Encode(x.AsSpan(start * size, count * size), height * width), [.. Enumerable.Range(start, count)]);
        }
        return [.. accumulator.Finish(UnitGroup.Latents("layer", "sae", autoencoder)).Units];
    }

    private static UnitStatistics[] Collected(SparseAutoencoder autoencoder, float[] x, int images, int height, int width) =>
        [.. TopExamples.Collect(
            new ArrayVectors(x, Inputs), height, width, [.. Enumerable.Range(0, images)], [UnitGroup.Latents("layer", "sae", autoencoder)],
                Options(),
            cancellationToken: TestContext.Current.CancellationToken)[0].Units];

    /// <summary>Vectors of unlike lengths.</summary>
    private static Tensor Vectors(int rows)
    {
        using var scope = NewDisposeScope();
        Tensor all = Samples.Vectors(rows, Inputs, float32);
        return (all * (Samples.Normal([rows, 1], "lengths", float32) * 0.5).exp()).MoveToOuterDisposeScope();
    }

    /// <summary>z = (x − b_dec) W_enc + b_enc, <c>[rows, latents]</c>.</summary>
    private static double[] Slow(SparseAutoencoder autoencoder, float[] x)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        int n = autoencoder.LatentSize;
        float[] Of(Tensor tensor) => tensor.contiguous().data<float>().ToArray();
        float[] weights = Of(autoencoder.EncoderWeight), start = Of(autoencoder.Parameters[SparseAutoencoder.DecoderBiasName]);
        float[] bias = Of(
            autoencoder.Parameters.TryGetValue(SparseAutoencoder.EncoderBiasName, out var own) ? own : autoencoder.Parameters["b_gate"]);
        var z = new double[x.Length / Inputs * n];
        for (int row = 0; row < x.Length / Inputs; row++)
        {
            for (int latent = 0; latent < n; latent++)
            {
                double sum = bias[latent];
                for (int i = 0; i < Inputs; i++) sum += ((double)x[row * Inputs + i] - start[i]) * weights[i * n + latent];
                z[row * n + latent] = sum;
            }
        }
        return z;
    }
}
