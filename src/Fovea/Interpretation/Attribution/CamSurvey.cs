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
    private const int BatchesOfPart = 32;

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
        Require(network, source, options);
        IReadOnlyList<int> images = options.Images ?? [.. Enumerable.Range(0, source.Count)];
        CamStatistics all = New(options);
        int size = ImagesOfPart(options);
        for (int first = 0; first < images.Count; first += size)
        {
            int[] some = [.. images.Skip(first).Take(size)];
            int before = all.Images;
            Join(all, Part(network, layer, source, options, some, done => progress?.Report(new EvaluationProgress(before + done, images.Count)), cancellationToken));
        }
        return Report(all, layer, source, options);
    }

    /// <summary>Images of a part: whole batches. Sums are made part by part, so that parts made elsewhere give the same bits.</summary>
    internal static int ImagesOfPart(CamOptions options) => BatchesOfPart * options.BatchSize;

    /// <summary>Refuses what cannot be measured.</summary>
    internal static void Require(ImageModel network, IImageSource source, CamOptions options)
    {
        if (options.Labels) network.RequireClasses(source);
        else if (options.Class == CamClass.True)
            throw FoveaException.BadConfiguration("Maps of the true class need images labelled with the network's classes.");
    }

    /// <summary>A collector of the methods.</summary>
    internal static CamStatistics New(CamOptions options) => new([.. options.Methods.Select(ClassActivationMaps.Get)]);

    /// <summary>Adds a part to those before it.</summary>
    internal static void Join(CamStatistics all, CamStatistics part)
    {
        all.Add(part.Sums);
        if (part.Grid.Count > 0) all.Grid = part.Grid;
    }

    /// <summary>What all parts say.</summary>
    /// <exception cref="FoveaException">Data: there is no image.</exception>
    internal static CamReport Report(CamStatistics all, string layer, IImageSource source, CamOptions options) => all.Images > 0
        ? all.Report(layer, options.Class)
        : throw FoveaException.BadData($"{source.Description} has no image to measure.");

    /// <summary>Counts over some images; <paramref name="counted"/> hears how many they are, after each batch.</summary>
    internal static CamStatistics Part(ImageModel network, string layer, IImageSource source, CamOptions options, IReadOnlyList<int> images,
        Action<int> counted, CancellationToken cancellationToken)
    {
        ClassActivationMap[] methods = [.. options.Methods.Select(ClassActivationMaps.Get)];
        var loader = new ImageLoader(source, network.Preprocessing, new LoaderOptions { BatchSize = options.BatchSize });
        CamStatistics statistics = New(options);
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
            statistics.Grid = [(int)signed[0].shape[1], (int)signed[0].shape[2]];
            long[] predicted = logits!.argmax(1).cpu().data<long>().ToArray();
            float[][] maps = [.. signed.Select(Values)], drawn = [.. signed.Zip(methods, (map, method) => Values(method.Drawn(map)))];
            int positions = statistics.Grid[0] * statistics.Grid[1];
            for (int i = 0; i < batch.Count; i++)
                statistics.Add(Own(maps, i, positions), Own(drawn, i, positions), options.Labels ? predicted[i] == batch.Labels[i] : null);
            counted(statistics.Images);
        }
        return statistics;
    }

    private static float[] Values(Tensor maps) => maps.to(float32).cpu().contiguous().data<float>().ToArray();

    private static float[][] Own(float[][] maps, int image, int positions) =>
        [.. maps.Select(map => map.AsSpan(image * positions, positions).ToArray())];
}
