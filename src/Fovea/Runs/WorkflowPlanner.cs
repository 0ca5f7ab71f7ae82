using Fovea.Models;
using Fovea.Runs.Settings;
using Fovea.Runs.Stages;
using Fovea.Runs.Stages.Sweeps;
using Fovea.Visualization;
using static TorchSharp.torch;

namespace Fovea.Runs;

/// <summary>
/// Estimates a run: times forward passes and matrix products on this machine, takes the fastest of each (<see cref="FastestTime"/>), and
/// multiplies. A training step counts as three forward passes, a step towards a picture as three (forward, and backward to the input), Grad-CAM as two more; an SAE step as an encoder product and a half (see bench/).
/// What plain dictionaries cost is not estimated.
/// </summary>
internal static class WorkflowPlanner
{
    private const double TrainingPasses = 3.5, PicturePasses = 3, GradCamPasses = 1, ProductsAStep = 1.5;

    public static WorkflowPlan Estimate(RunContext context)
    {
        var settings = context.Settings;
        using var network = ImageModel.Create(settings.Model.Architecture, context.Validation.Classes.Count,
            new GradientFlow(settings.Model.AveragePooling, settings.Model.LeakySlope));
        network.Eval();
        double forward = SecondsAnImage(network, settings.Data.Crop);
        double images = 0, seconds = 10;
        long vectors = 0, bytes = 8L * 4 * network.Parameters.Values.Sum(parameter => parameter.numel());
        int validation = context.Validation.Count;
        seconds += 3.0 * validation * forward;
        if (settings.Train is { } train)
        {
            long seen = (long)context.Training.Count * (train.Epochs + train.Compare.Sum(other => other.Epochs > 0 ? other.Epochs : train.Epochs));
            images += seen;
            seconds += seen * forward * TrainingPasses + (double)validation * train.Epochs * forward;
        }
        if (settings.Harvest is { } harvest)
        {
            int count = HarvestStage.Images(context.Harvested.Count, harvest.Images, settings.Seed).Length;
            images += count;
            seconds += count * forward * (harvest.Filters.Contains("gradcam") ? 1 + GradCamPasses : 1) * 1.2;
            var shapes = Shapes(network, harvest.Layers, settings.Data.Crop);
            foreach (string layer in harvest.Layers)
            {
                long rows = (long)count * shapes[layer].Positions;
                vectors += rows;
                bytes += rows * (4L * shapes[layer].Channels + 12) + rows * 16L * harvest.Filters.Count;
            }
            double gemm = SecondsAFlop();
            foreach (var dictionary in settings.Dictionary)
            {
                var (channels, positions) = shapes[dictionary.Layer];
                double latents = dictionary.Expansion * channels;
                double trained = (double)count * positions * dictionary.Epochs * (1 - harvest.ValidationFraction);
                seconds += trained * 2 * channels * latents * ProductsAStep * gemm;
                bytes += (long)(latents * channels * 8);
            }
            foreach (var sweep in settings.Sweep)
            {
                var (channels, positions) = shapes[sweep.Layer];
                double drawn = (double)(sweep.Images > 0 ? Math.Min(sweep.Images, count) : count) * positions;
                double training = sweep.Folds > 1 ? drawn * (sweep.Folds - 1) : drawn * (1 - harvest.ValidationFraction);
                foreach (var member in SweepPlan.Members(sweep, settings.Seed))
                {
                    double latents = member.Options.LatentsFor(channels);
                    seconds += training * member.Options.Epochs * 2 * channels * latents * ProductsAStep * gemm;
                    bytes += (long)(latents * channels * 8 * sweep.Folds);
                }
                if (sweep.Splice) seconds += validation * forward;
            }
            if (settings.Features is { } features) seconds += Pictures(settings, features) * forward * PicturePasses * (features.Steps ?? RenderPresets.Paper.Steps) * Scale(features, settings.Data.Crop);
        }
        return new WorkflowPlan((long)images, vectors, bytes, FreeBytes(context.Run.Root), seconds / 60);
    }

    private static double Pictures(WorkflowSettings settings, FeatureSettings features)
    {
        int sources = settings.Harvest!.Layers.Count + settings.Dictionary.Count;
        return sources * (features.Seeds * (features.Pictures + features.SideBySide * features.Presets.Count) + 2.0 * features.CompareUnits * Math.Max(1, features.Compare.Count));
    }

    /// <summary>Pictures may be smaller than the network's input.</summary>
    private static double Scale(FeatureSettings features, int crop) => features.Size > 0 ? (double)features.Size * features.Size / ((double)crop * crop) : 1;

    private static double SecondsAnImage(ImageModel network, int size)
    {
        const int Batch = 8;
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var input = zeros([Batch, 3, size, size]);
        return FastestTime.Of(() => network.Forward(input).Dispose()).TotalSeconds / Batch;
    }

    private static double SecondsAFlop()
    {
        const int Size = 1024;
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var a = rand([Size, Size]);
        return FastestTime.Of(() => a.mm(a).Dispose()).TotalSeconds / (2.0 * Size * Size * Size);
    }

    private static Dictionary<string, (int Channels, int Positions)> Shapes(ImageModel network, IReadOnlyList<string> layers, int size)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var taps = new Probe(layers);
        var result = network.Forward(zeros([1, 3, size, size]), taps);
        return layers.ToDictionary(layer => layer, layer => result[layer].shape is [_, var c, var h, var w]
            ? ((int)c, (int)(h * w))
            : throw FoveaException.BadConfiguration($"Layer {layer} gives no grid of vectors [N, C, H, W]. Choose a convolutional layer."));
    }

    private static long FreeBytes(string folder)
    {
        while (!Directory.Exists(folder)) folder = Path.GetDirectoryName(folder)!;
        return new DriveInfo(folder).AvailableFreeSpace;
    }
}
