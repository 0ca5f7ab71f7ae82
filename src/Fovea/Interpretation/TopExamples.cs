using Fovea.Activations;
using Fovea.Datasets;
using Fovea.Models;
using Fovea.Numerics;
using Fovea.Visualization;
using static TorchSharp.torch;

namespace Fovea.Interpretation;

/// <summary>
/// What a dataset says about each unit, for neurons and latents of any layers at once: top examples and examples of other kinds
/// (<see cref="ExampleKinds"/>), density, mean, maximum, histogram, place on the grid, classes. One streaming pass over images, or none but
/// over stored activations. Memory does not grow with the number of images.
/// </summary>
public static class TopExamples
{
    /// <summary>Runs the network over images, each once, as far as the deepest layer asked for.</summary>
    /// <param name="network">The network; evaluation mode for the time of the pass.</param>
    /// <param name="groups">The units.</param>
    /// <param name="source">The images.</param>
    /// <param name="options">Numbers of examples, batch size, choice of images, observers.</param>
    /// <param name="progress">Reported to after each batch.</param>
    /// <param name="cancellationToken">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>One entry a group, in their order.</returns>
    /// <exception cref="FoveaException">No such layer, a dictionary of another layer, activations that are not finite, or too many damaged
    /// images.</exception>
    public static IReadOnlyList<GroupStatistics> Collect(ImageModel network, IReadOnlyList<UnitGroup> groups, IImageSource source,
        TopExamplesOptions? options = null, IProgress<TopExamplesProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(source);
        options ??= new TopExamplesOptions();
        IReadOnlyList<int> order = options.Images ?? [.. Enumerable.Range(0, source.Count)];
        if (options.Labels is null && source.Classes.Count > 0)
            options = options with { Labels = new ImageLabels(order, [.. order.Select(source.Label)], source.Classes.Count) };
        var passes = new GroupPass?[groups.Count];
        var loader = new ImageLoader(source, network.Preprocessing, new LoaderOptions { BatchSize = options.BatchSize });
        using var frozen = new FrozenNetwork(network);
        var taps = new Probe(groups.Select(group => group.Layer).Distinct());
        using ModelReader reader = network.Reader(taps);
        int done = 0;
        float[] vectors = [];
        try
        {
            foreach (var (batch, values) in reader.Read(loader.Load(order, cancellationToken)))
            {
                using ProbeResult? result = values;
                if (result is not null)
                {
                    using var scope = NewDisposeScope();
                    using var quiet = no_grad();
                    foreach (string layer in taps.Reads)
                    {
                        Tensor maps = AsMaps(result[layer]);
                        int numbers = checked((int)maps.numel());
                        if (vectors.Length < numbers) vectors = GC.AllocateUninitializedArray<float>(numbers);
                        PositionRows.Copy(maps, vectors);
                        for (int g = 0; g < groups.Count; g++)
                        {
                            if (groups[g].Layer != layer) continue;
                            passes[g] ??= new GroupPass(groups[g], (int)maps.shape[1], (int)maps.shape[2], (int)maps.shape[3], options);
                            passes[g]!.Add(vectors.AsSpan(0, numbers), batch.Indices);
                        }
                    }
                }
                done += batch.Count;
                progress?.Report(new TopExamplesProgress(done, order.Count));
            }
            if (done == 0) throw FoveaException.BadData($"{source.Description} has no image to look for examples in.");
            return [.. passes.Select(pass => pass!.Finish())];
        }
        finally
        {
            foreach (var pass in passes) pass?.Dispose();
        }
    }

    /// <summary>The same from stored activations: no second forward pass after a harvest.</summary>
    /// <param name="vectors">Every position of every image: image after image, positions in reading order.</param>
    /// <param name="height">Rows of the layer's grid.</param>
    /// <param name="width">Columns of the layer's grid.</param>
    /// <param name="images">The index in the source of each stored image.</param>
    /// <param name="groups">Units on the stored layer.</param>
    /// <param name="options">Numbers of examples, batch size, labels, observers; <see cref="TopExamplesOptions.Images"/> is not looked
    /// at.</param>
    /// <param name="progress">Reported to after each batch.</param>
    /// <param name="cancellationToken">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="FoveaException">The number of vectors is not images × positions, or as for images.</exception>
    public static IReadOnlyList<GroupStatistics> Collect(
        IVectorSource vectors, int height, int width, IReadOnlyList<int> images, IReadOnlyList<UnitGroup> groups,
        TopExamplesOptions? options = null, IProgress<TopExamplesProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(groups);
        options ??= new TopExamplesOptions();
        if (options.BatchSize < 1) throw FoveaException.BadConfiguration($"A batch of {options.BatchSize} images cannot be looked at.");
        int positions = checked(height * width);
        if (vectors.Count != (long)images.Count * positions || images.Count == 0)
        {
            throw FoveaException.BadData(
                $"{vectors.Count} stored vectors are not {images.Count} images of {height}×{width} positions: harvest every position, "
                    + $"and finish it first.");
        }
        var passes = new GroupPass?[groups.Count];
        try
        {
            for (int start = 0; start < images.Count; start += options.BatchSize)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int count = Math.Min(options.BatchSize, images.Count - start);
                var rows = new long[checked(count * positions)];
                for (int i = 0; i < rows.Length; i++) rows[i] = (long)start * positions + i;
                var values = new float[(long)rows.Length * vectors.Dimension];
                vectors.Read(rows, values);
                int[] numbers = [.. Enumerable.Range(start, count).Select(i => images[i])];
                for (int g = 0; g < groups.Count; g++)
                {
                    passes[g] ??= new GroupPass(groups[g], vectors.Dimension, height, width, options);
                    passes[g]!.Add(values, numbers);
                }
                progress?.Report(new TopExamplesProgress(start + count, images.Count));
            }
            return [.. passes.Select(pass => pass!.Finish())];
        }
        finally
        {
            foreach (var pass in passes) pass?.Dispose();
        }
    }

    private static Tensor AsMaps(Tensor activation) => activation.dim() == 4 ? activation : activation.unsqueeze(-1).unsqueeze(-1);
}
