using Fovea.Datasets;
using Fovea.Interpretation;
using Fovea.Interpretation.Shortcuts;
using Fovea.Models;
using Fovea.Training;
using Fovea.Visualization;
using static TorchSharp.torch;

namespace Fovea.Interventions.Shortcuts;

/// <summary>What a layer, its units and the network say of some images.</summary>
internal sealed class ImageReadings
{
    private readonly List<int> _images = [], _labels = [], _predicted = [];
    private readonly List<float[]> _pooled = [];

    private ImageReadings(IReadOnlyList<UnitGroup> groups) => Units = [.. groups.Select(group => new UnitReadings(group))];

    /// <summary>The images, as indices of their source.</summary>
    public IReadOnlyList<int> Images => _images;

    /// <summary>Their classes.</summary>
    public IReadOnlyList<int> Labels => _labels;

    /// <summary>The classes with the largest logits.</summary>
    public IReadOnlyList<int> Predicted => _predicted;

    /// <summary>What the units do, group by group.</summary>
    public IReadOnlyList<UnitReadings> Units { get; }

    /// <summary>Mean share of the images' area that is background.</summary>
    public double BackgroundArea { get; private set; }

    /// <summary>The layer's mean over positions, <c>[n, channels]</c>, float64; a new tensor.</summary>
    public Tensor Pooled() => tensor([.. _pooled.SelectMany(row => row)], [_pooled.Count, _pooled[0].Length], float64);

    /// <summary>Reads images.</summary>
    /// <param name="model">The network; evaluation mode for the time of the call.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="groups">Units to read.</param>
    /// <param name="source">The images.</param>
    /// <param name="images">Which.</param>
    /// <param name="background">What is background.</param>
    /// <param name="batchSize">Images a pass.</param>
    /// <param name="progress">Reported to after each batch.</param>
    /// <param name="cancellation">Looked at before every batch.</param>
    public static ImageReadings Of(
        ImageModel model, string layer, IReadOnlyList<UnitGroup> groups, IImageSource source, IReadOnlyList<int> images,
        ImageBackground background, int batchSize, IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        var readings = new ImageReadings(groups);
        var loader = new ImageLoader(source, model.Preprocessing, new LoaderOptions { BatchSize = batchSize });
        using var frozen = new FrozenNetwork(model);
        using ModelReader reader = model.Reader(new Probe(layer) { Output = true });
        double area = 0;
        int masked = 0;
        foreach (var (batch, values) in reader.Read(loader.Load(images, cancellation)))
        {
            if (values is null) continue;
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            using (values)
            {
                Tensor maps = values[layer].dim() == 4 ? values[layer] : values[layer].unsqueeze(-1).unsqueeze(-1);
                int count = batch.Count, channels = (int)maps.shape[1], height = (int)maps.shape[2], width = (int)maps.shape[3];
                Tensor rows = maps.permute(0, 2, 3, 1).contiguous().cpu().reshape(count, height * width, channels).clone();
                float[] means = Values(rows.mean([1L])), logits = Values(values.Logits.cpu());
                float[]?[] cells = [.. groups.Count == 0 ? new float[]?[count]
                    : batch.Indices.Select(index => background.Cells(index, model.Preprocessing, height, width))];
                foreach (float[] known in cells.OfType<float[]>())
                {
                    area += known.Average();
                    masked++;
                }
                int outputs = logits.Length / count;
                for (int i = 0; i < count; i++)
                {
                    readings._images.Add(batch.Indices[i]);
                    readings._labels.Add(batch.Labels[i]);
                    ReadOnlySpan<float> own = logits.AsSpan(i * outputs, outputs);
                    int best = 0;
                    for (int c = 1; c < outputs; c++) best = own[c] > own[best] ? c : best;
                    readings._predicted.Add(best);
                    readings._pooled.Add(means.AsSpan(i * channels, channels).ToArray());
                }
                foreach (UnitReadings units in readings.Units) units.Add(rows, cells);
            }
            progress?.Report(new EvaluationProgress(readings._images.Count, images.Count));
        }
        if (readings._images.Count == 0) throw FoveaException.BadData($"{source.Description} has no image to look at.");
        if (groups.Count > 0 && masked == 0) throw FoveaException.BadData("None of the images has a mask in the folder of masks.");
        readings.BackgroundArea = masked > 0 ? area / masked : double.NaN;
        return readings;
    }

    private static float[] Values(Tensor tensor) => tensor.to(float32).contiguous().data<float>().ToArray();
}
