using System.Globalization;
using Fovea.Activations;
using Fovea.Checkpoints;
using Fovea.Datasets;
using Fovea.Dictionaries;
using Fovea.Dictionaries.Training;
using Fovea.Imaging;
using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Bench;

/// <summary>
/// What harvesting in bfloat16 does on the sample data: how far values are off, what is left unexplained by a dictionary that was trained on
/// vectors of single precision, how many images get another class, whether neurons still have the same best images. The table of <c>docs/reference/metrics.md</c>.
/// </summary>
internal static class PrecisionBench
{
    private const int Top = 9, K = 16;

    public static void Run(string data)
    {
        if (!File.Exists(Path.Combine(data, "resnet18-tiny-imagenet.pth")))
        {
            Console.WriteLine($"skipped: {data} lacks the weights");
            return;
        }
        Console.WriteLine(
            "| network, layer, images | largest error | error of variance | FVU, fp32 / bf16 | top-1, fp32 / bf16, images of another class "
            + "| the same of a neuron's 9 best images | the same best image |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        One(data, "resnet18", "resnet18-tiny-imagenet.pth", "tiny-imagenet-200.tar", null, "layer4", Preprocessing.ImageNet(null, 64), 200,
            2000);
        One(data, "mobilenet_v2", "mobilenet_v2-imagenet.pth", "imagenet-sample.tar", "imagenet_classes.tsv", "features.18",
            Preprocessing.ImageNet(256, 224), 1000, 200);
    }

    private static void One(
        string data, string architecture, string weights, string tar, string? classes, string layer, Preprocessing preprocessing, int outputs,
            int images)
    {
        using var network = ImageModel.Create(architecture, outputs, GradientFlow.Standard);
        using (var state = StateDict.Load(Path.Combine(data, weights))) network.CopyFrom(state, architecture);
        network.Eval();
        network.SetTrainable(false);
        using var source = ImageSources.Open(Path.Combine(data, tar), new ImageSourceOptions
        {
            Classes = classes is null ? null : Path.Combine(data, classes),
            Limit = images,
            Split = classes is null ? "val" : null
        });
        ImageModel half = network.InBFloat16();
        var taps = new Probe(layer) { Output = true };
        List<float>[] vectors = [[], []];
        List<long>[] predicted = [[], []];
        List<float[]>[] means = [[], []];
        List<int> labels = [];
        double largest = 0, error = 0;
        int channels = 0;
        foreach (ImageBatch batch in new ImageLoader(source, preprocessing, new LoaderOptions { BatchSize = 20 }).Load(
            [.. Enumerable.Range(0, source.Count)]))
        {
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            Tensor input = batch.ToTensor();
            ProbeResult[] both = [network.Forward(input, taps), half.Forward(input, taps)];
            largest = Math.Max(largest, both[0][layer].abs().max().item<float>());
            error = Math.Max(error, (both[0][layer] - both[1][layer]).abs().max().item<float>());
            channels = (int)both[0][layer].shape[1];
            labels.AddRange(batch.Labels);
            for (int i = 0; i < 2; i++)
            {
                vectors[i].AddRange(both[i][layer].permute(0, 2, 3, 1).contiguous().data<float>().ToArray());
                predicted[i].AddRange(both[i].Logits.argmax(1).data<long>().ToArray());
                Tensor mean = both[i][layer].mean([2, 3]);
                for (int n = 0; n < batch.Count; n++) means[i].Add(mean[n].data<float>().ToArray());
            }
        }
        float[] single = [.. vectors[0]], rounded = [.. vectors[1]];
        var (fvu, halfFvu) = Unexplained(single, rounded, channels);
        double[] right = [.. predicted.Select(one => one.Zip(labels).Count(pair => pair.First == pair.Second) / (double)labels.Count)];
        int changed = predicted[0].Zip(predicted[1]).Count(pair => pair.First != pair.Second);
        var (same, first) = Ranks(means[0], means[1], channels);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {architecture} `{layer}`, {labels.Count} | {error / largest:0.0E+0} | {Share(single, rounded, channels):0.0E+0} | {fvu:0.0000} / {halfFvu:0.0000} | {right[0]:P1} / {right[1]:P1}, {changed} | {same:P1} | {first:P1} |"));
    }

    /// <summary>FVU of a dictionary of single precision on both kinds of vectors.</summary>
    private static (double Single, double Half) Unexplained(float[] single, float[] rounded, int channels)
    {
        Vectors a = new(single, channels), b = new(rounded, channels);
        RowSet rows = RowSet.Range(0, a.Count);
        using TrainedAutoencoder trained = AutoencoderTrainer.Train(
            Sae.TopK(K) with { LatentSize = 4 * channels, Seed = 1, Epochs = 2 }, a, rows, RowSet.Empty);
        return (DictionaryEvaluation.Scores(trained.Autoencoder, a, rows).Fvu, DictionaryEvaluation.Scores(trained.Autoencoder, b, rows).Fvu);
    }

    /// <summary>E‖x − y‖² / E‖x − x̄‖².</summary>
    private static double Share(float[] x, float[] y, int channels)
    {
        var mean = new double[channels];
        for (int i = 0; i < x.Length; i++) mean[i % channels] += x[i] / (double)(x.Length / channels);
        double error = 0, variance = 0;
        for (int i = 0; i < x.Length; i++)
        {
            error += Math.Pow(x[i] - (double)y[i], 2);
            variance += Math.Pow(x[i] - mean[i % channels], 2);
        }
        return error / variance;
    }

    /// <summary>How many of a neuron's best images, by its mean over positions, are the same, and how often the first is.</summary>
    private static (double Same, double First) Ranks(List<float[]> single, List<float[]> rounded, int channels)
    {
        double same = 0, first = 0;
        for (int c = 0; c < channels; c++)
        {
            int[][] best = [.. new[] { single, rounded }.Select(
                means => Enumerable.Range(0, means.Count).OrderByDescending(i => means[i][c]).ThenBy(i => i).Take(Top).ToArray())];
            same += best[0].Intersect(best[1]).Count() / (double)Top;
            if (best[0][0] == best[1][0]) first++;
        }
        return (same / channels, first / channels);
    }

    private sealed class Vectors(float[] values, int dimension) : IVectorSource
    {
        public int Dimension => dimension;

        public long Count => values.Length / dimension;

        public void Read(ReadOnlySpan<long> rows, Span<float> destination)
        {
            for (int i = 0; i < rows.Length; i++)
                values.AsSpan(checked((int)(rows[i] * dimension)), dimension).CopyTo(destination[(i * dimension)..]);
        }
    }
}
