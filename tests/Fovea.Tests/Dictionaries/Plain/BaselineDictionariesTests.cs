using Fovea.Dictionaries;
using Fovea.Dictionaries.Plain;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

[Collection(TensorCounts.Name)]
public sealed class BaselineDictionariesTests
{
    public static TheoryData<string> Names => [.. BaselineDictionaries.All.Select(dictionary => dictionary.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_fits_encodes_and_decodes_by_name(string name)
    {
        var source = Positive();
        foreach (var (latents, k) in new (int?, int?)[] { (null, null), (4, 2), (9, 8) })
        {
            using var dictionary = BaselineDictionaries.Fit(
                name.ToUpperInvariant(), source, Rows, Options with { LatentSize = latents, K = k });
            Assert.Equal(name, dictionary.Name);
            Assert.Equal(6, dictionary.InputSize);
            Assert.Equal([dictionary.LatentSize, 6], dictionary.Directions.shape);
            var scores = BaselineSamples.Measure(dictionary, source).Scores;
            Assert.InRange(scores.L0, 0.5, Math.Min(k ?? int.MaxValue, dictionary.LatentSize));
            Assert.InRange(scores.Fvu, 0, 1.5);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_same_settings_give_the_same_bytes(string name)
    {
        var options = Options with { K = 3, SampleRows = 50 };
        using var a = BaselineDictionaries.Fit(name, Positive(), Rows, options);
        using var b = BaselineDictionaries.Fit(name, Positive(), Rows, options);
        Assert.Equal(a.Directions.bytes, b.Directions.bytes);
        using var x = BaselineSamples.Read(Positive());
        using var first = a.EncodeDense(x);
        using var second = b.EncodeDense(x);
        Assert.Equal(first.bytes, second.bytes);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_native_is_left(string name)
    {
        var source = Positive();
        using var x = BaselineSamples.Read(source);
        long before = TensorCounts.Settled();
        using (var dictionary = BaselineDictionaries.Fit(name, source, Rows, Options with { K = 2 }))
        {
            long fitted = Tensor.TotalCount;
            Assert.InRange(fitted - before, 1, 3);
            using (var codes = dictionary.Encode(x))
            {
                Assert.Equal(fitted + 3, Tensor.TotalCount);
                using var output = dictionary.Decode(codes);
                Assert.Equal(fitted + 4, Tensor.TotalCount);
            }
            BaselineSamples.Measure(dictionary, source);
            Assert.Equal(fitted, Tensor.TotalCount);
        }
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void More_iterations_hold_no_more_tensors(string name)
    {
        var source = Positive();
        long Fit(int iterations) =>
            Peak(() => BaselineDictionaries.Fit(
                name, source, Rows, Options with { MaxIterations = iterations, Tolerance = 0, BatchRows = 30 }).Dispose());

        Fit(2);
        Assert.InRange(Fit(60), 0, Fit(4) + 12);
    }

    [Fact]
    public void Inner_loops_hold_no_more_tensors_either()
    {
        using var scope = NewDisposeScope();
        var directions = Samples.Normal([90, 80], "peak", ScalarType.Float32);
        directions /= directions.norm(1, keepdim: true);
        var x = Samples.Vectors(100, 80, ScalarType.Float32);
        Check(5, 300, n => NonNegativeLeastSquares.Solve(directions.matmul(directions.t()), x.matmul(directions.t()), null, n, 0));
        Check(2, 60, k => SparseSelection.Pursue(x, directions, k));
        Check(3, 90, n => KMeansSeeds.Choose(x, n, 1, null, CancellationToken.None));

        static void Check(int few, int many, Func<int, Tensor> loop)
        {
            loop(few).Dispose();
            Assert.InRange(Peak(() => loop(many).Dispose()), 0, Peak(() => loop(few).Dispose()) + 12);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Bad_arguments_are_named(string name)
    {
        var source = Positive();
        Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => BaselineDictionaries.Fit(name, source, [])).Kind);
        Assert.Throws<ArgumentOutOfRangeException>(() => BaselineDictionaries.Fit(name, source, [120]));
        Assert.Equal(
            FailureKind.Configuration,
                Assert.Throws<FoveaException>(() => BaselineDictionaries.Fit(name, source, Rows, new BaselineOptions { K = 0 })).Kind);
        Assert.Throws<OperationCanceledException>(
            () => BaselineDictionaries.Fit(name, source, Rows, Options, new CancellationToken(canceled: true)));
        using var dictionary = BaselineDictionaries.Fit(name, source, Rows, Options);
        using var wrong = zeros(3, 5);
        Assert.Throws<ArgumentException>(() => dictionary.Encode(wrong));
        using var other = SparseCodes.FromDense(ones(2, 99));
        Assert.Throws<ArgumentException>(() => dictionary.Decode(other));
    }

    [Theory]
    [InlineData("pca")]
    [InlineData("ica")]
    [InlineData("kmeans")]
    [InlineData("nmf")]
    [InlineData("seminmf")]
    public void A_vector_that_is_not_a_number_is_named(string name)
    {
        var source = new ArrayVectors([1, 2, 3, float.NaN, 5, 6, 7, 8], 2);
        var error = Assert.Throws<FoveaException>(() => BaselineDictionaries.Fit(name, source, [0, 1, 2, 3]));
        Assert.Equal(FailureKind.Numerical, error.Kind);
        Assert.Contains("Vector 1 ", error.Message);
    }

    [Fact]
    public void Unknown_names_are_refused_with_the_known_ones() =>
        Assert.Contains(
            "neurons, random, pca, ica, kmeans, nmf, seminmf",
                Assert.Throws<FoveaException>(() => BaselineDictionaries.Get("svd")).Message);

    [Fact]
    public void A_sample_is_spread_over_the_rows_and_ordered()
    {
        long[] rows = BaselineSamples.Rows(10_000);
        long[] sample = VectorBatches.Sample(rows, 1000, 3).ToArray();
        Assert.Equal(sample.Distinct().Order(), sample);
        Assert.Equal(1000, sample.Length);
        Assert.InRange(sample.Average(), 4700, 5300);
        Assert.NotEqual(sample, VectorBatches.Sample(rows, 1000, 4).ToArray());
    }

    /// <summary>How far the number of live tensors rises.</summary>
    private static long Peak(Action act)
    {
        // The process's peak cannot be set back: tensors up to it make what comes next a new peak.
        using var scope = NewDisposeScope();
        for (long i = Tensor.PeakCount - TensorCounts.Settled(); i > 0; i--) zeros(1);
        long before = Tensor.PeakCount;
        act();
        return Tensor.PeakCount - before;
    }

    private static BaselineOptions Options => new() { LatentSize = 5, MaxIterations = 30, Seed = 2 };

    private static long[] Rows => BaselineSamples.Rows(120);

    private static ArrayVectors Positive() =>
        BaselineSamples.Source(BaselineSamples.Matrix(120, 6, "baselines", random => Math.Abs(random.NextGaussian())));
}
