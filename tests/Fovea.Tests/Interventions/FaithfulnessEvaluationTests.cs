using Fovea.Dictionaries.Plain;
using Fovea.Dictionaries.Sparse;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Interventions;
using Fovea.Models;
using Fovea.Numerics;
using Fovea.Tests.Shared;
using Fovea.Tests.Training;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Interventions;

/// <summary>How far the answers of networks without classes turn and move; fixed points and a slow loop.</summary>
public sealed class FaithfulnessEvaluationTests : IDisposable
{
    private const int Images = 7, Channels = 8;
    private static readonly Preprocessing Input = new(null, 16, [0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]);

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;
    private readonly ImageModel _network;
    private readonly MemorySource _source = new(Images, size: 16);

    public FaithfulnessEvaluationTests()
    {
        using ImportedNetwork file = NetworkFile.Open(SmallPrograms.Extractor(16).Save(_folder));
        _network = file.ToModel(Input);
    }

    public void Dispose()
    {
        _network.Dispose();
        Directory.Delete(_folder, true);
    }

    [Fact]
    public void Its_answers_have_four_sizes_and_are_counted_whole()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([2, 6, 1, 1], _network.Forward(zeros(2, 3, 16, 16)).shape);
        Assert.Equal(6, _network.Outputs);
    }

    [Fact]
    public void The_identity_changes_nothing_and_zeros_leave_nothing()
    {
        using var identity = new NeuronBasis(Channels);
        using var zero = new TopKAutoencoder(Channels, 8, 1);
        var results = FaithfulnessEvaluation.Evaluate(_network, "pool", [identity, zero], _source, cancellationToken: Stop);
        Assert.Equal(("pool", Images, 0), (results[0].Layer, results[0].Images, results[0].Silent));
        Assert.Equal(1, results[0].Spliced.Cosine.Mean, 1e-7);
        Assert.Equal(new PairedDifference(0, 0, 0), results[0].Spliced.RelativeError);
        // The second convolution has no bias: zeros in, zeros out.
        Assert.Equal(new AnswerScores(new(0, 0, 0), new(1, 0, 0)).Cosine, results[1].Spliced.Cosine);
        Assert.Equal(1, results[1].Spliced.RelativeError.Mean, 1e-12);
        Assert.Equal(results[1].ZeroAblated, results[1].Spliced);
        Assert.Equal(results[0].ZeroAblated, results[1].ZeroAblated);
        Assert.Null(results[0].MeanAblated);
    }

    [Fact]
    public void Every_number_is_what_a_slow_loop_makes_of_the_answers()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var dictionary = new RandomDirections(Channels, Channels, 3, k: 2);
        float[] mean = [.. Enumerable.Range(0, Channels).Select(i => 0.1f * i)];
        var result = FaithfulnessEvaluation.Evaluate(
            _network, "pool", [dictionary], _source, new SpliceOptions { BatchSize = 3, Mean = mean }, cancellationToken: Stop)[0];
        double cosine = 0, error = 0, ablated = 0;
        for (int i = 0; i < Images; i++)
        {
            var pixels = new float[3 * 16 * 16];
            Input.Apply(_source.Read(i), i, pixels);
            Tensor image = tensor(pixels, [1, 3, 16, 16]);
            double[] own = Numbers(_network.Forward(image));
            double[] spliced = Numbers(_network.Forward(image, new Probe { Output = true }.With("pool", x =>
            {
                Tensor last = x.permute(0, 2, 3, 1);
                return dictionary.Decode(dictionary.Encode(last.reshape(-1, Channels))).reshape(last.shape).permute(0, 3, 1, 2)
                    .contiguous();
            })).Logits);
            double[] constant = Numbers(_network.Forward(
                image, new Probe { Output = true }.With(
                    "pool", x => tensor(mean).reshape(1, Channels, 1, 1).expand_as(x).contiguous())).Logits);
            double length = Math.Sqrt(own.Sum(v => v * v));
            cosine += own.Zip(spliced, (a, b) => a * b).Sum() / length / Math.Sqrt(spliced.Sum(v => v * v)) / Images;
            error += Math.Sqrt(own.Zip(spliced, (a, b) => (a - b) * (a - b)).Sum()) / length / Images;
            ablated += Math.Sqrt(own.Zip(constant, (a, b) => (a - b) * (a - b)).Sum()) / length / Images;
        }
        Assert.InRange(cosine, 0.05, 0.999);
        Assert.Equal(cosine, result.Spliced.Cosine.Mean, 1e-5);
        Assert.Equal(error, result.Spliced.RelativeError.Mean, 1e-5);
        Assert.Equal(ablated, result.MeanAblated!.RelativeError.Mean, 1e-5);
        Assert.True(result.Spliced.RelativeError.Lower < error && error < result.Spliced.RelativeError.Upper);
        // Pooled over halves of the images it is the whole.
        int[][] halves = [[0, 1, 2], [3, 4, 5, 6]];
        var parts = halves.Select(images => FaithfulnessEvaluation.Evaluate(
            _network, "pool", [dictionary], _source, new SpliceOptions { Mean = mean, Images = images }, cancellationToken: Stop)[0]);
        var pooled = FaithfulnessResult.Pool(parts);
        Assert.Equal(result.Images, pooled.Images);
        Assert.Equal(result.Spliced.Cosine.Mean, pooled.Spliced.Cosine.Mean, 1e-7);
        Assert.Equal(result.Spliced.RelativeError.Upper, pooled.Spliced.RelativeError.Upper, 1e-7);
    }

    [Theory]
    [InlineData(new[] { 3f, 4 }, new[] { 6f, 8 }, 1, 1)] // twice as long
    [InlineData(new[] { 3f, 4 }, new[] { 1.5f, 2 }, 1, 0.5)] // shrunk to a half
    [InlineData(new[] { 3f, 4 }, new[] { -3f, -4 }, -1, 2)] // turned round
    [InlineData(new[] { 3f, 4 }, new[] { -4f, 3 }, 0, 1.4142135623730951)] // at right angles
    [InlineData(new[] { 3f, 4 }, new[] { 0f, 0 }, 0, 1)] // silenced
    [InlineData(new[] { 0f, 0 }, new[] { 0f, 0 }, 0, 0)]
    [InlineData(new[] { 0f, 0 }, new[] { 1f, 0 }, 0, double.PositiveInfinity)]
    [InlineData(new[] { 1e30f, 0 }, new[] { 1e30f, 1e30f }, 0.7071067811865475, 1)] // squares beyond float32
    public void An_answer_turns_and_moves(float[] own, float[] changed, double cosine, double error)
    {
        AnswerChange change = AnswerChange.Of(own, changed);
        Assert.Equal(cosine, change.Cosine, 1e-12);
        Assert.Equal(error, change.RelativeError, 1e-12);
    }

    [Fact]
    public void Silent_images_are_left_out_and_counted()
    {
        AnswerChange same = new(1, 0), gone = new(0, 1);
        var result = FaithfulnessResult.Of(
            "layer", [new(0, 2, same, gone, null), new(1, 0, gone, gone, null), new(2, 1, same, gone, null)]);
        Assert.Equal((2, 1, 1.0), (result.Images, result.Silent, result.Spliced.Cosine.Mean));
        var refused = Assert.Throws<FoveaException>(() => FaithfulnessResult.Of("layer", [new(1, 0, gone, gone, null)]));
        Assert.Equal(FailureKind.Numerical, refused.Kind);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static double[] Numbers(Tensor answer) => [.. answer.flatten().to(float64).data<double>()];
}
