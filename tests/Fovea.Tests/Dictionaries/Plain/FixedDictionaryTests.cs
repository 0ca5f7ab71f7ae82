using Fovea.Dictionaries.Plain;
using Fovea.Dictionaries.Synthetic;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

/// <summary>The two that learn nothing: neurons and random directions.</summary>
public sealed class FixedDictionaryTests
{
    [Fact]
    public void Neurons_reconstruct_without_any_error()
    {
        var source = BaselineSamples.Oblique(100, 7, 3);
        using var neurons = new NeuronBasis(7);
        var scores = BaselineSamples.Measure(neurons, source);
        Assert.Equal(0, scores.Scores.Fvu);
        Assert.Equal(7, scores.Scores.L0);
        Assert.Equal(new DirectionCoherence(0, 0, 0), scores.Coherence);
        Assert.Equal(1, scores.Scores.Shrinkage!.RelativeReconstructionBias, 12);
    }

    [Fact]
    public void Kept_neurons_are_the_largest_in_magnitude()
    {
        using var neurons = new NeuronBasis(4, k: 2);
        using var x = tensor(new float[,] { { 1, -5, 3, 2 }, { 0, 0, 0.5f, 0 } });
        using var codes = neurons.Encode(x);
        using var output = neurons.Decode(codes);
        Assert.Equal([0, -5, 3, 0, 0, 0, 0.5f, 0], output.data<float>().ToArray());
        Assert.Equal(3, codes.EntryCount);
    }

    [Fact]
    public void Neurons_hand_out_no_tensor_of_the_caller()
    {
        using var neurons = new NeuronBasis(3);
        using var x = ones(2, 3);
        using (var codes = neurons.EncodeDense(x)) codes.zero_();
        Assert.Equal(6, x.sum().item<float>());
    }

    [Theory]
    [InlineData(6, 0.1, 0.9)]
    [InlineData(12, 0, 1e-9)]
    [InlineData(40, 0, 1e-9)]
    public void All_random_directions_span_what_they_can(int latents, double least, double most)
    {
        var source = BaselineSamples.Oblique(100, 12);
        using var random = new RandomDirections(12, latents, 3);
        Assert.InRange(BaselineSamples.Fvu(random, source), least, most);
        Assert.All(random.Directions.norm(1).data<float>().ToArray(), length => Assert.Equal(1, length, 5));
    }

    [Fact]
    public void Pursuit_takes_the_best_direction_first_and_gets_better_with_k()
    {
        var source = BaselineSamples.Oblique(60, 12);
        using var x = BaselineSamples.Read(source);
        using var one = new RandomDirections(12, 40, 3, k: 1);
        using (var codes = one.Encode(x))
        using (var fits = x.matmul(one.Directions.t()))
        {
            Assert.Equal(fits.abs().argmax(1).data<long>().ToArray(), codes.Latents.ToArray().Select(latent => (long)latent));
            Assert.Equal(
                fits.gather(1, codes.Tensors.Latents.to_type(ScalarType.Int64).unsqueeze(1)).data<float>()
                    .ToArray(), codes.Values.ToArray(), (a, b) => Math.Abs(a - b) < 1e-4);
        }
        double before = double.PositiveInfinity;
        for (int k = 1; k <= 14; k++)
        {
            using var random = new RandomDirections(12, 40, 3, k);
            var scores = BaselineSamples.Measure(random, source).Scores;
            Assert.InRange(scores.L0, Math.Min(k, 12), k);
            Assert.InRange(scores.Fvu, 0, Math.Max(before, 1e-9));
            before = scores.Fvu;
        }
        Assert.InRange(before, 0, 1e-9);
    }

    [Fact]
    public void Pursuit_finds_codes_that_are_in_the_dictionary()
    {
        var planted = new PlantedDictionary(
            new PlantedDictionaryOptions { InputSize = 64, LatentSize = 80, Active = 3, Rows = 200, Seed = 4 });
        long[] rows = BaselineSamples.Rows(200);
        var values = new float[200 * 64];
        planted.Read(rows, values);
        using var scope = NewDisposeScope();
        var found = SparseSelection.Pursue(tensor(values, [200, 64]), planted.Directions(), 3);
        var truth = planted.Codes(rows).ToDense();
        double right = (found - truth).abs().amax([1L]).lt(1e-3).to_type(ScalarType.Float32).mean().item<float>();
        Assert.InRange(right, 0.97, 1);
    }

    [Fact]
    public void The_same_seed_gives_the_same_directions()
    {
        using var a = new RandomDirections(5, 9, 1);
        using var b = new RandomDirections(5, 9, 1);
        using var c = new RandomDirections(5, 9, 2);
        Assert.Equal(a.Directions.bytes, b.Directions.bytes);
        Assert.False(a.Directions.bytes.SequenceEqual(c.Directions.bytes));
    }
}
