using Fovea.Datasets;
using Fovea.Dictionaries;
using Fovea.Dictionaries.Plain;
using Fovea.Dictionaries.Sparse;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Interventions;
using Fovea.Models;
using Fovea.Numerics;
using Fovea.Tests.Interpretation;
using Fovea.Training;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Interventions;

[Collection(TensorCounts.Name)]
public sealed class SplicedEvaluationTests
{
    private const int Channels = 128, Images = 14;
    private static readonly Preprocessing Input = new(null, 32, [0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]);

    [Fact]
    public void The_identity_loses_nothing()
    {
        var (network, source) = Make();
        using var _ = network;
        using var identity = new NeuronBasis(Channels);
        var original = Evaluator.Evaluate(network.With(Input), source, 5, cancellationToken: Stop);
        var result = Splice(network, source, identity);
        Assert.Equal(("block3", Images), (result.Layer, result.Images));
        Assert.Equal(original.Loss, result.Original.Loss, 1e-5);
        Assert.Equal(original.Top1, result.Original.Top1, 1e-12);
        Assert.Equal(original.Top5, result.Original.Top5, 1e-12);
        Assert.Equal(result.Original, result.Spliced);
        Assert.Equal(0, result.Kl);
        Assert.Equal(1, result.LossRecoveredZero);
        Assert.Equal(1, result.LossRecoveredMean);
        Assert.Equal(new PairedDifference(0, 0, 0), result.Top1Lost);
        Assert.Equal(new PairedDifference(0, 0, 0), result.LossAdded);
    }

    [Fact]
    public void A_dictionary_that_says_zero_or_the_mean_is_an_ablation()
    {
        var (network, source) = Make();
        using var _ = network;
        using var zero = new TopKAutoencoder(Channels, 8, 1);
        using var mean = new TopKAutoencoder(Channels, 8, 1);
        using (no_grad()) mean.Parameters["b_dec"].copy_(tensor(Mean));
        var results = SplicedEvaluation.Evaluate(
            network.With(Input), "block3", [zero, mean], source, new SpliceOptions { BatchSize = 4, Mean = Mean }, cancellationToken: Stop);
        Assert.Equal(0, results[0].LossRecoveredZero);
        Assert.Equal(0, results[1].LossRecoveredMean!.Value, 1e-6);
        Assert.NotEqual(0, results[1].LossRecoveredZero);
        Assert.Equal(results[0].ZeroAblated, results[0].Spliced);
        Assert.Equal(results[1].MeanAblated!.Loss, results[1].Spliced.Loss, 1e-6);
        Assert.Equal(results[0].Original, results[1].Original);

        // Every image gets the same logits, those of a map that is the same everywhere.
        network.Eval();
        foreach (var (row, loss) in ((double[], double)[])[(Constant(network, new float[Channels]), results[0].ZeroAblated.Loss),
            (Constant(network, Mean), results[1].MeanAblated!.Loss)])
            Assert.Equal(Enumerable.Range(0, Images).Average(i => Math.Log(row.Sum(Math.Exp)) - row[source.Label(i)]), loss, 1e-5);
    }

    [Fact]
    public void Every_number_is_what_a_slow_loop_makes_of_the_logits()
    {
        var (network, source) = Make();
        using var _ = network;
        using var dictionary = Halving();
        var result = Splice(network, source, dictionary);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        network.Eval();
        var taps = new Probe("block3") { Output = true };
        double kl = 0, original = 0, spliced = 0;
        int lost = 0;
        for (int i = 0; i < Images; i++)
        {
            var (input, label) = (Pixels(source, i), source.Label(i));
            double[] p = Softmax(network.Forward(input));
            double[] q = Softmax(network.Forward(input, taps.With("block3", x => x * 0.5)).Logits);
            for (int c = 0; c < 5; c++) kl += p[c] * Math.Log(p[c] / q[c]) / Images;
            original -= Math.Log(p[label]) / Images;
            spliced -= Math.Log(q[label]) / Images;
            lost += (p.Max() == p[label] ? 1 : 0) - (q.Max() == q[label] ? 1 : 0);
            Assert.Equal(-Math.Log(q[label]), result.Outcomes[i].Spliced.Loss, 1e-4);
        }
        Assert.True(kl > 0.01);
        Assert.NotEqual(0, lost);
        Assert.True(result.ZeroAblated.Loss > original + 0.1);
        Assert.Equal(kl, result.Kl, 1e-5);
        Assert.Equal(original, result.Original.Loss, 1e-5);
        Assert.Equal(spliced - original, result.LossAdded.Mean, 1e-5);
        Assert.Equal((double)lost / Images, result.Top1Lost.Mean, 1e-12);
        Assert.Equal((result.ZeroAblated.Loss - spliced) / (result.ZeroAblated.Loss - original), result.LossRecoveredZero!.Value, 1e-3);
    }

    [Theory]
    [InlineData("block3")]
    [InlineData("block2.relu")]
    [InlineData("avgpool")]
    public void The_short_way_gives_what_replacing_the_output_gives(string layer)
    {
        var (network, source) = Make(images: 6);
        using var _ = network;
        int channels = layer == "block2.relu" ? 64 : Channels;
        using var dictionary = new RandomDirections(channels, channels, 3, k: 2);
        var result = SplicedEvaluation.Evaluate(
            network.With(Input), layer, dictionary, source, new SpliceOptions { BatchSize = 6 }, cancellationToken: Stop);
        Assert.Null(result.MeanAblated);
        Assert.Null(result.LossRecoveredMean);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        network.Eval();
        var taps = new Probe() { Output = true };
        taps = taps.With(layer, x =>
        {
            var last = x.permute(0, 2, 3, 1);
            return dictionary.Decode(dictionary.Encode(last.reshape(-1, channels))).reshape(last.shape).permute(0, 3, 1, 2).contiguous();
        });
        double loss = 0;
        for (int i = 0; i < 6; i++)
        {
            loss -= Math.Log(Softmax(network.Forward(Pixels(source, i), taps).Logits)[source.Label(i)]) / 6;
        }
        Assert.NotEqual(result.Original.Loss, result.Spliced.Loss, 1e-3);
        Assert.Equal(loss, result.Spliced.Loss, 1e-4);
    }

    [Fact]
    public void Inside_a_block_the_whole_network_is_run_and_says_the_same()
    {
        var (network, source) = Make("resnet18", 4);
        using var _ = network;
        using var identity = new NeuronBasis(512);
        using var few = new NeuronBasis(512, 1);
        var results = SplicedEvaluation.Evaluate(network.With(Input), "layer4.1.conv1", [few, identity], source, cancellationToken: Stop);
        Assert.Equal(0, results[1].Kl);
        Assert.True(results[0].Kl > 0);
        Assert.NotEqual(results[0].ZeroAblated.Loss, results[0].Original.Loss);
        // The shortcut passes the layer by: zeros there do not make all images alike.
        Assert.True(results[0].Outcomes.Select(one => one.ZeroAblated.Loss).Distinct().Count() > 1);
    }

    [Fact]
    public void Parts_pooled_are_one_evaluation()
    {
        var (network, source) = Make();
        using var _ = network;
        using var dictionary = Halving();
        SpliceResult whole = Splice(network, source, dictionary), first = Splice(network, source, dictionary, [.. Enumerable.Range(0, 5)]);
        var second = Splice(network, source, dictionary, [.. Enumerable.Range(5, Images - 5)]);
        Assert.Equal([0, 1, 2, 3, 4], first.Outcomes.Select(one => one.Image));
        var pooled = SpliceResult.Pool([first, second]);
        Assert.Equal(whole.Outcomes.Count, pooled.Outcomes.Count);
        Assert.Equal((whole.Images, whole.Top1Lost.Mean), (pooled.Images, pooled.Top1Lost.Mean));
        Assert.Equal(whole.Spliced.Loss, pooled.Spliced.Loss, 1e-5);
        Assert.Equal(whole.Kl, pooled.Kl, 1e-5);
        Assert.Equal(whole.LossAdded.Lower, pooled.LossAdded.Lower, 1e-5);
        Assert.Equal(whole.LossRecoveredMean!.Value, pooled.LossRecoveredMean!.Value, 1e-4);
        Assert.Throws<ArgumentException>(() => SpliceResult.Pool([first, second with { Outcomes = [] }]));
        Assert.Throws<ArgumentException>(() => SpliceResult.Pool([first, second with { Layer = "block4" }]));
        Assert.Throws<ArgumentException>(() => SpliceResult.Pool([]));
    }

    [Fact]
    public void Where_an_ablation_does_no_harm_nothing_can_be_recovered()
    {
        var outcome = new SpliceOutcome(0, new ImageScore(0, 1), new ImageScore(1, 2), new ImageScore(0, 1), new ImageScore(4, 3), 0.5);
        var result = SpliceResult.Of("layer", [outcome, outcome]);
        Assert.Null(result.LossRecoveredZero);
        Assert.Equal(0.5, result.LossRecoveredMean);
        Assert.Equal(new SpliceScores(0, 1, 2), result.Spliced);
        Assert.Equal(1, result.MeanAblated!.Top5);
    }

    [Fact]
    public void A_dictionary_or_a_mean_of_another_layer_is_refused()
    {
        var (network, source) = Make(images: 2);
        using var _ = network;
        using var other = new NeuronBasis(64);
        using var right = new NeuronBasis(Channels);
        Assert.Equal(FailureKind.Configuration, Assert.Throws<FoveaException>(() => Splice(network, source, other)).Kind);
        Assert.Equal(FailureKind.Configuration, Assert.Throws<FoveaException>(() =>
            SplicedEvaluation.Evaluate(
                network.With(Input), "block3", right, source, new SpliceOptions { Mean = [1, 2] }, cancellationToken: Stop)).Kind);
        Assert.Throws<ArgumentOutOfRangeException>(() => Splice(network, source, right, [2]));
        Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => Splice(network, source, right, [])).Kind);
    }

    [Fact]
    public void No_tensor_is_left_behind()
    {
        var (network, source) = Make(images: 3);
        using var _ = network;
        using var dictionary = Halving();
        Splice(network, source, dictionary);
        long before = TensorCounts.Settled();
        Splice(network, source, dictionary);
        Assert.Equal(before, TensorCounts.Settled());
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static float[] Mean { get; } = [.. Enumerable.Range(0, Channels)
        .Select(i => (float)new CounterRandom(5, "mean", i).NextGaussian())];

    private static SpliceResult Splice(ImageModel network, IImageSource source, IFeatureDictionary dictionary, int[]? images = null) =>
        SplicedEvaluation.Evaluate(
            network.With(Input), "block3", dictionary, source, new SpliceOptions { BatchSize = 4, Images = images, Mean = Mean },
                cancellationToken: Stop);

    /// <summary>x̂ = x / 2: latents i and i + d carry the positive and the negative part of component i.</summary>
    private static TopKAutoencoder Halving()
    {
        var autoencoder = new TopKAutoencoder(Channels, 2 * Channels, 2 * Channels);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor both = cat([eye(Channels), -eye(Channels)]);
        autoencoder.Parameters["W_dec"].copy_(both * 0.5);
        autoencoder.Parameters["W_enc"].copy_(both.t());
        return autoencoder;
    }

    private static double[] Constant(ImageModel network, float[] vector)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var taps = new Probe() { Output = true };
        taps = taps.With("block3", x => tensor(vector, [1, Channels, 1, 1]).expand_as(x).contiguous());
        return [.. network.Forward(zeros(1, 3, 32, 32), taps).Logits.to(float64).data<double>()];
    }

    private static double[] Softmax(Tensor logits)
    {
        double[] values = [.. logits.to(float64).data<double>()];
        double sum = values.Sum(Math.Exp);
        return [.. values.Select(value => Math.Exp(value) / sum)];
    }

    /// <summary>A network of random weights whose logits differ between images, and images that it knows three quarters of.</summary>
    private static (ImageModel Network, NoisePictures Source) Make(string architecture = "small_cnn", int images = Images)
    {
        ImageModel network = ImageModel.Create(architecture, 5, GradientFlow.Standard);
        network.Initialise(4);
        network.Eval();
        using var source = new NoisePictures(images);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var parameters = network.Parameters;
        var all = cat([.. Enumerable.Range(0, images).Select(i => Pixels(source, i))]);
        parameters["fc.bias"].copy_(-network.Forward(all).mean([0]));
        var centred = network.Forward(all);
        var strength = 3 / centred.std();
        parameters["fc.weight"].mul_(strength);
        parameters["fc.bias"].mul_(strength);
        long[] predicted = [.. network.Forward(all).argmax(1).data<long>()];
        return (network,
            new NoisePictures(images, labels: [.. predicted.Select((label, i) => i % 4 == 3 ? (int)(label + 1) % 5 : (int)label)]));
    }

    private static Tensor Pixels(IImageSource source, int image)
    {
        var pixels = new float[3 * 32 * 32];
        Input.Apply(source.Read(image), 0, pixels);
        return tensor(pixels, [1, 3, 32, 32]);
    }
}
