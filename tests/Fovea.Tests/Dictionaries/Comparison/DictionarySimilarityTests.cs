using Fovea.Dictionaries.Comparison;
using Fovea.Numerics;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

public sealed class DictionarySimilarityTests
{
    [Fact]
    public void Order_length_and_sign_do_not_matter()
    {
        using var scope = NewDisposeScope();
        var a = Samples.Normal([20, 12], "a", ScalarType.Float32);
        var order = tensor(new CounterRandom(1, "order", 0).Permutation(20).Select(i => (long)i).ToArray());
        var b = a.index_select(0, order) * linspace(-3, 5, 20).unsqueeze(1);
        Assert.Equal(1, DictionarySimilarity.MatchedCosine(a, b), 9);
        Assert.Equal(1, DictionarySimilarity.MeanMaximumCosine(a, b), 9);
        Assert.InRange(DictionarySimilarity.MatchedCosine(a, b, signed: true), 0, 0.9);
        Assert.Equal(1, DictionarySimilarity.MatchedCosine(a.narrow(0, 3, 5), b), 9);
        Assert.Equal(1, DictionarySimilarity.MatchedCosine(b, a.narrow(0, 3, 5)), 9);
    }

    [Fact]
    public void One_direction_for_two_counts_once_only_after_matching()
    {
        using var scope = NewDisposeScope();
        var truth = tensor(new double[,] { { 1, 0, 0 }, { 0, 1, 0 } });
        var found = tensor(new double[,] { { 1, 1, 0 }, { 0, 0, 1 } });
        Assert.Equal(Math.Sqrt(0.5), DictionarySimilarity.MeanMaximumCosine(truth, found), 12);
        Assert.Equal(Math.Sqrt(0.5) / 2, DictionarySimilarity.MatchedCosine(truth, found), 12);
        Assert.Equal(Math.Sqrt(0.5) / 2, DictionarySimilarity.MeanMaximumCosine(found, truth), 12);
    }

    [Fact]
    public void Matching_keeps_one_table_of_single_precision()
    {
        const int Size = 1200;
        using var scope = NewDisposeScope();
        Tensor a = Samples.Normal([Size, 6], "table/a", ScalarType.Float32), b = Samples.Normal([Size, 6], "table/b", ScalarType.Float32);
        DictionarySimilarity.MatchedCosine(a.narrow(0, 0, 20), b);
        long before = GC.GetAllocatedBytesForCurrentThread();
        DictionarySimilarity.MatchedCosine(a, b);
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / (double)Size / Size, 4, 5);
    }

    [Fact]
    public void Greedy_matching_would_be_worse()
    {
        using var scope = NewDisposeScope();
        // Cosines [[1, .8], [.8, .28]]: greedy takes 1 + .28, the best is .8 + .8.
        var a = tensor(new double[,] { { 1, 0, 0 }, { 0.8, -0.6, 0 } });
        var b = tensor(new double[,] { { 1, 0, 0 }, { 0.8, 0.6, 0 } });
        double second = Math.Abs(0.8 * 0.8 - 0.6 * 0.6);
        Assert.Equal(Math.Max(1 + second, 1.6) / 2, DictionarySimilarity.MatchedCosine(a, b), 12);
        Assert.Equal(0.8, DictionarySimilarity.MatchedCosine(a, b), 12);
    }

    [Fact]
    public void A_direction_of_zeros_is_like_nothing()
    {
        using var scope = NewDisposeScope();
        var a = tensor(new float[,] { { 0, 0 }, { 1, 0 } });
        Assert.Equal(0.5, DictionarySimilarity.MatchedCosine(a, a));
        Assert.Equal(new DirectionCoherence(0, 0, 0), DictionarySimilarity.Coherence(a));
    }

    [Fact]
    public void Coherence_counts_different_rows_only()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(new DirectionCoherence(0, 0, 0), DictionarySimilarity.Coherence(eye(5)));
        Assert.Equal(new DirectionCoherence(0, 0, 0), DictionarySimilarity.Coherence(ones(1, 4)));
        var three = DictionarySimilarity.Coherence(tensor(new double[,] { { 2, 0 }, { 0, 1 }, { -1, -1 } }));
        double half = Math.Sqrt(0.5);
        Assert.Equal(half, three.Maximum, 12);
        Assert.Equal(half, three.MeanMaximum, 12);
        Assert.Equal(half * 2 / 3, three.Mean, 12);
        // More rows than one block.
        var many = Samples.Normal([1500, 16], "many", ScalarType.Float32);
        var cosines = DictionarySimilarity.Cosines(many, many);
        double largest = 0;
        for (int i = 0; i < 1500; i++)
            for (int j = 0; j < i; j++) largest = Math.Max(largest, cosines[i, j]);
        Assert.Equal(largest, DictionarySimilarity.Coherence(many).Maximum, 12);
    }

    [Fact]
    public void Other_lengths_are_refused()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentException>(() => DictionarySimilarity.MatchedCosine(ones(2, 3), ones(2, 4)));
        Assert.Throws<ArgumentException>(() => DictionarySimilarity.Coherence(ones(3)));
        Assert.Throws<ArgumentException>(() => DictionarySimilarity.MeanMaximumCosine(ones(0, 3), ones(2, 3)));
    }

    [Fact]
    public void A_small_dictionary_agrees_with_the_part_it_found_and_says_how_large_that_is()
    {
        using var scope = NewDisposeScope();
        using var all = eye(8, 8);
        var part = -2 * all[2..4];
        var agreement = DictionaryAgreement.Of(part, all, eitherSign: true);
        Assert.Equal(1, agreement.MatchedCosine, 12);
        Assert.Equal((2, 0.25), (agreement.Pairs, agreement.Coverage));
        Assert.Equal(1, agreement.MeanMaximumCosine, 12);
        Assert.Equal(0.25, agreement.MeanMaximumCosineBack, 12);
        Assert.Equal(
            agreement with { MeanMaximumCosine = agreement.MeanMaximumCosineBack, MeanMaximumCosineBack = agreement.MeanMaximumCosine },
                DictionaryAgreement.Of(all, part, eitherSign: true));
        Assert.Equal(
            -1, DictionaryAgreement.Of(-all, all[..1]).MatchedCosine + DictionaryAgreement.Of(-all[..1], all[..1]).MatchedCosine, 12);
    }
}
