using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Numerics;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Interpretation;

[Collection(TensorCounts.Name)]
public sealed class PictureTruthTests
{
    private static readonly Preprocessing Input = new(40, 32, [0.5f, 0.4f, 0.3f], [0.25f, 0.25f, 0.3f]);

    [Fact]
    public void A_reaction_is_measured_by_real_percentiles_and_equals_come_last()
    {
        var best = PictureReaction.Of(1, 7, [8, 3, 0.5, 100], [4, 1, 1, 0]);
        Assert.Equal(new PictureReaction(1, 7, 3, 3, 1, 3), best); // 2, 3, 0.5, and one that has no ratio however loud
        Assert.Equal(
            (0.5, 3), (PictureReaction.Of(2, 7, [8, 3, 0.5, 100], [4, 1, 1, 0]).Ratio,
                PictureReaction.Of(2, 7, [8, 3, 0.5, 100], [4, 1, 1, 0]).Rank));
        Assert.Equal(4, PictureReaction.Of(0, 7, [0, 2, 0, 0], [1, 1, 1, 1]).Rank); // silent on its own picture
        var none = PictureReaction.Of(3, 7, [8, 3, 0.5, 100], [4, 1, 1, 0]);
        Assert.True(double.IsNaN(none.Ratio));
        Assert.Equal((0, 3), (none.Rank, none.Ranked));
    }

    [Fact]
    public void The_reference_is_the_percentile_of_all_values_or_of_a_rare_unit_s_own()
    {
        // 2,000 positions; active at 1 of them, at 3, at 100 (1 … 100), never.
        const int positions = 2000, units = 4;
        float[] values =
            [.. Enumerable.Range(0, positions)
                .SelectMany(p => new[] { p == 7 ? 5f : 0, p is 1 or 50 or 99 ? 8f + p : 0, p < 100 ? p + 1 : 0, 0 })];
        var accumulator = new UnitAccumulator(units, true, 1, 1);
        accumulator.Add(values, [.. Enumerable.Range(0, positions)]);
        var statistics = accumulator.Finish(new UnitGroup("group", "layer", null));
        double Exact(int unit, bool activeOnly)
        {
            float[] own =
                [.. Enumerable.Range(0, positions).Select(p => values[p * units + unit]).Where(value => !activeOnly || value > 0).Order()];
            return own[(int)Math.Ceiling(0.999 * own.Length) - 1];
        }
        void Near(double expected, int unit) =>
            Assert.InRange(PictureReaction.Reference(statistics.Histogram!, unit), expected * 7 / 8, expected * 9 / 8);
        Assert.Equal((0, 5), (Exact(0, false), Exact(0, true)));
        Near(Exact(0, activeOnly: true), 0);
        Assert.Equal((9, 107), (Exact(1, false), Exact(1, true))); // at 0.15 % of the positions all of them count
        Near(Exact(1, activeOnly: false), 1);
        Near(98, 2);
        Assert.Equal(0, PictureReaction.Reference(statistics.Histogram!, 3));
        var rows = FeatureTables.Features(statistics, []);
        Assert.Equal((0.0, 0.0), (rows[0].P999!.Value, rows[3].P999!.Value));
        Assert.InRange(rows[0].P999Active!.Value, 5 * 7 / 8.0, 5);
        Assert.InRange(rows[2].P999Active!.Value, 100 * 7 / 8.0, 100);
        Assert.Null(rows[3].P999Active);

        var neuron = new UnitAccumulator(1, false, 1, 1);
        neuron.Add([.. Enumerable.Repeat(-1f, 50)], [.. Enumerable.Range(0, 50)]);
        Assert.True(PictureReaction.Reference(neuron.Finish(new UnitGroup("group", "layer", null)).Histogram!, 0) < 0);
    }

    [Fact]
    public void Agreement_equals_the_loop_over_pairs()
    {
        var random = new CounterRandom(4, "agreement", 0);
        int[] units = [5, 9, 5, 2, 9, 5];
        double[][] vectors = [.. units.Select(_ => Enumerable.Range(0, 8).Select(_ => random.NextGaussian() + 0.5).ToArray())];
        double Cosine(int i, int j) =>
            vectors[i].Zip(vectors[j], (a, b) => a * b).Sum() / Math.Sqrt(vectors[i].Sum(a => a * a) * vectors[j].Sum(b => b * b));
        var agreements = SeedAgreement.Of(units, vectors);
        Assert.Equal([5, 9, 2], agreements.Select(one => one.Unit));
        foreach (var one in agreements)
        {
            int[] own = [.. Enumerable.Range(0, 6).Where(i => units[i] == one.Unit)], others =
                [.. Enumerable.Range(0, 6).Where(i => units[i] != one.Unit)];
            double[] same = [.. own.SelectMany(i => own.Where(j => j != i).Select(j => Cosine(i, j)))];
            Assert.Equal(own.Length, one.Pictures);
            if (own.Length == 1) Assert.True(double.IsNaN(one.Same));
            else Assert.Equal(same.Average(), one.Same, 1e-12);
            Assert.Equal(own.SelectMany(i => others.Select(j => Cosine(i, j))).Average(), one.Others, 1e-12);
        }
        Assert.True(double.IsNaN(SeedAgreement.Of([1, 1], [[1, 0], [1, 0]])[0].Others));
        Assert.Equal(1, SeedAgreement.Of([1, 1], [[1, 0], [2, 0]])[0].Same, 1e-12);
    }

    [Fact]
    public void Evidence_is_probability_and_rank_beside_those_on_other_units_pictures()
    {
        UnitPicture[] pictures = [Picture(1, 1, 4, 4), Picture(1, 2, 4, 4), Picture(2, 1, 4, 4), Picture(3, 1, 4, 4)];
        double log2 = Math.Log(2), log4 = Math.Log(4);
        double[][] logits = [[log4, 0, 0], [0, 0, log2], [log2, log2, 0], [0, log4, 0]];
        var evidence = ClassEvidence.Of(pictures, [0, 0, 1, 2], logits);
        Assert.Equal(4.0 / 6, evidence[0].Probability, 1e-12);
        Assert.Equal((1, 3), (evidence[0].Rank, evidence[1].Rank)); // of equals the last
        Assert.Equal((0.4 + 1.0 / 6) / 2, evidence[0].OtherProbability, 1e-12); // not on the other picture of the same unit
        Assert.Equal((2 + 3) / 2.0, evidence[0].OtherRank, 1e-12);
        Assert.Equal((1.0 / 6 + 0.25 + 4.0 / 6) / 3, evidence[2].OtherProbability, 1e-12);
        Assert.True(double.IsNaN(ClassEvidence.Of(pictures[..2], [0, 0], logits[..2])[0].OtherProbability));
    }

    [Fact]
    public void Pictures_of_any_size_enter_as_they_are()
    {
        using var network = ImageModel.Create("small_cnn", 5, GradientFlow.Standard);
        network.Train();
        network.Initialise(4);
        using var again = ImageModel.Create("small_cnn", 5, GradientFlow.Standard);
        again.Initialise(8);
        UnitPicture[] pictures = [Picture(3, 1, 32, 32), Picture(3, 2, 32, 32), Picture(6, 1, 48, 40), Picture(9, 1, 32, 32)];
        var group = UnitGroup.Neurons("block3");
        double[] percentiles = [.. Enumerable.Range(0, 128).Select(unit => 0.01 * (1 + unit))];
        void Run()
        {
            PictureReaction.Measure(network.With(Input), group, pictures, percentiles, 2);
            SeedAgreement.Measure(network.With(Input), "block3", pictures, 2);
            ClassEvidence.Measure(again.With(Input), pictures, unit => unit % 5, 2);
        }
        Run();
        long before = TensorCounts.Settled();
        Run();
        Assert.Equal(before, Tensor.TotalCount);
        Assert.True(network.Training);

        var reactions = PictureReaction.Measure(network.With(Input), group, pictures, percentiles, 2);
        var agreement = SeedAgreement.Measure(network.With(Input), "block3", pictures, 2);
        var evidence = ClassEvidence.Measure(again.With(Input), pictures, unit => unit % 5, 2);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        network.Eval();
        again.Eval();
        var taps = new Probe("block3");
        var vectors = new double[4][];
        for (int i = 0; i < 4; i++)
        {
            Tensor map = network.Forward(AsInput(pictures[i].Picture), taps)["block3"];
            vectors[i] = map.mean([2, 3]).to(float64).data<double>().ToArray();
            Assert.Equal(map[0, pictures[i].Unit].max().item<float>(), reactions[i].Peak, 1e-4);
            Assert.Equal(reactions[i].Peak / percentiles[pictures[i].Unit], reactions[i].Ratio, 1e-9);
            double[] ratios = [.. Enumerable.Range(0, 128).Select(unit => map[0, unit].max().item<float>() / percentiles[unit])];
            Assert.InRange(
                ratios.Count(ratio => ratio >= ratios[pictures[i].Unit]), reactions[i].Rank - 1, reactions[i].Rank
                    + 1); // rounding may part equals
            Assert.Equal(
                again.Forward(AsInput(pictures[i].Picture))
                    .softmax(1)[0, pictures[i].Unit % 5].item<float>(), evidence[i].Probability, 1e-5);
        }
        Assert.Equal(SeedAgreement.Of([3, 3, 6, 9], vectors)[0].Same, agreement[0].Same, 1e-6);
        Assert.Throws<FoveaException>(() => ClassEvidence.Measure(again.With(Input), pictures, _ => 5));
        Assert.Throws<FoveaException>(() => PictureReaction.Measure(network.With(Input), group, pictures, [1, 2]));
    }

    private static Tensor AsInput(RgbImage picture)
    {
        Tensor rgb = tensor(picture.Pixels, [picture.Height, picture.Width, 3]).permute(2, 0, 1).to(float32).unsqueeze(0) / 255f;
        return (rgb - tensor(Input.Mean, [1, 3, 1, 1])) / tensor(Input.Std, [1, 3, 1, 1]);
    }

    private static UnitPicture Picture(int unit, ulong seed, int width, int height)
    {
        var random = new CounterRandom(seed, "picture", unit);
        var pixels = new byte[3 * width * height];
        for (int i = 0; i < pixels.Length; i++) pixels[i] = (byte)random.NextInt(256);
        return new UnitPicture(unit, seed, new RgbImage(width, height, pixels));
    }
}
