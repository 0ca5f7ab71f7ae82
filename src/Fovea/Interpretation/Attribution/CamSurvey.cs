using Fovea.Activations;
using Fovea.Activations.Filters.ClassActivation;
using Fovea.Datasets;
using Fovea.Models;
using Fovea.Training;
using Fovea.Visualization;
using static TorchSharp.torch;

namespace Fovea.Interpretation.Attribution;

/// <summary>How class activation maps are measured.</summary>
public sealed record CamOptions
{
    /// <summary>The methods, by name.</summary>
    public IReadOnlyList<string> Methods { get; init; } = [.. ClassActivationMaps.Methods.Select(method => method.Name)];

    /// <summary>Which class the maps are of.</summary>
    public CamClass Class { get; init; } = CamClass.True;

    /// <summary>Images a forward pass; changes results by rounding only.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Indices of the source's images; null for all.</summary>
    public IReadOnlyList<int>? Images { get; init; }

    /// <summary>Whether the images are labelled with the network's classes; else nothing is said of right and wrong.</summary>
    public bool Labels { get; init; } = true;
}

/// <summary>
/// Class activation maps over a set of images, in one pass for all methods: how often each is all zero and why, and how alike they are.
/// </summary>
public static class CamSurvey
{
    /// <summary>Measures the maps at a layer.</summary>
    /// <param name="network">The network; evaluation mode, weights without gradients, for the time of the call.</param>
    /// <param name="layer">A layer with a grid.</param>
    /// <param name="source">The images.</param>
    /// <param name="options">Methods, class, images.</param>
    /// <param name="progress">Reported to after each batch.</param>
    /// <param name="cancellationToken">Looked at before every batch.</param>
    /// <exception cref="FoveaException">No such layer or method, a layer without a grid, other classes than the source's, values that are
    /// not finite, or no image.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index of <see cref="CamOptions.Images"/> is not one of the source's.</exception>
    public static CamReport Measure(ImageModel network, string layer, IImageSource source, CamOptions? options = null,
        IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(source);
        options ??= new CamOptions();
        if (options.Labels) network.RequireClasses(source);
        else if (options.Class == CamClass.True)
            throw FoveaException.BadConfiguration("Maps of the true class need images labelled with the network's classes.");
        ClassActivationMap[] methods = [.. options.Methods.Select(ClassActivationMaps.Get)];
        IReadOnlyList<int> images = options.Images ?? [.. Enumerable.Range(0, source.Count)];
        var loader = new ImageLoader(source, network.Preprocessing, new LoaderOptions { BatchSize = options.BatchSize });
        var statistics = new CamStatistics(methods);
        int[] grid = [];
        int done = 0;
        using var frozen = new FrozenNetwork(network);
        using var pass = new EvidencePass(network, [layer], [.. methods.Select(method => method.Needs)], logits: true);
        foreach (ImageBatch batch in loader.Load(images, cancellationToken))
        {
            if (batch.Count == 0) continue;
            using var scope = NewDisposeScope();
            var (evidence, logits) = pass.Run(
                batch.ToTensor(network.Device), all => options.Class == CamClass.True ? batch.LabelTensor(all.device) : all.argmax(1));
            using var quiet = no_grad();
            Tensor[] signed = [.. ClassActivationMaps.Maps(network, evidence[0], layer, methods)];
            grid = [(int)signed[0].shape[1], (int)signed[0].shape[2]];
            long[] predicted = logits!.argmax(1).cpu().data<long>().ToArray();
            float[][] maps = [.. signed.Select(Values)], drawn = [.. signed.Zip(methods, (map, method) => Values(method.Drawn(map)))];
            int positions = grid[0] * grid[1];
            for (int i = 0; i < batch.Count; i++)
                statistics.Add(Own(maps, i, positions), Own(drawn, i, positions), options.Labels ? predicted[i] == batch.Labels[i] : null);
            done += batch.Count;
            progress?.Report(new EvaluationProgress(done, images.Count));
        }
        return done > 0
            ? statistics.Report(layer, grid, options.Class)
                : throw FoveaException.BadData($"{source.Description} has no image to measure.");
    }

    private static float[] Values(Tensor maps) => maps.to(float32).cpu().contiguous().data<float>().ToArray();

    private static float[][] Own(float[][] maps, int image, int positions) =>
        [.. maps.Select(map => map.AsSpan(image * positions, positions).ToArray())];
}
