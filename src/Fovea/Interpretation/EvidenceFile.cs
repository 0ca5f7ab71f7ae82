using Fovea.Checkpoints;

namespace Fovea.Interpretation;

/// <summary>
/// Writes and reads <c>evidence.safetensors</c>, what a pass and the network's head say about every unit of a group: <c>histogram</c> I64
/// <c>[units, bins]</c> with
/// <c>histogram_edges</c> F32 <c>[bins + 1]</c>, <c>grid_mean</c> and <c>grid_rate</c> F32 <c>[units, H, W]</c>, where images have classes
/// <c>class_means</c> F32
/// <c>[units, classes]</c> (NaN for a class without images), and where exact <c>logit_weights</c> F32 <c>[units, classes]</c> with
/// <c>logit_bias</c> F32 <c>[classes]</c>.
/// </summary>
public static class EvidenceFile
{
    /// <summary>File name in the group's folder.</summary>
    public const string Name = EvidenceTensors.FileName;

    /// <summary>Writes the file, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="statistics">Of a pass.</param>
    /// <param name="logits">The units' contributions to the logits; null where they are not exact.</param>
    /// <exception cref="FoveaException">The place cannot be written.</exception>
    /// <exception cref="ArgumentException">The statistics come from no pass.</exception>
    public static void Write(string path, GroupStatistics statistics, LogitEffects? logits)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        if (statistics is not { Histogram: { } histogram, Grid: { } grid })
            throw new ArgumentException("These statistics come from no pass.", nameof(statistics));
        long units = statistics.Units.Count;
        List<SafetensorsEntry> entries =
        [
            SafetensorsEntry.Of(EvidenceTensors.Histogram, histogram.Counts, units, histogram.Bins),
            SafetensorsEntry.Of(EvidenceTensors.HistogramEdges, [.. histogram.Edges]),
            SafetensorsEntry.Of(EvidenceTensors.GridMean, grid.Means(), units, grid.Height, grid.Width),
            SafetensorsEntry.Of(EvidenceTensors.GridRate, grid.Rates(), units, grid.Height, grid.Width),
        ];
        if (statistics.Classes is { } classes)
            entries.Add(SafetensorsEntry.Of(EvidenceTensors.ClassMeans, classes.Means(), units, classes.Classes));
        if (logits is not null)
        {
            entries.Add(SafetensorsEntry.Of(EvidenceTensors.LogitWeights, logits.Weights, units, logits.Classes));
            entries.Add(SafetensorsEntry.Of(EvidenceTensors.LogitBias, [.. logits.Bias]));
        }
        Safetensors.Write(path, entries, TensorSchema.Of(EvidenceTensors.Schema));
    }

    /// <summary>Reads the rows of one unit.</summary>
    /// <param name="path">The file.</param>
    /// <param name="unit">The unit.</param>
    /// <exception cref="FoveaException">Data: the file is damaged, is of another schema, has tensors of other shapes or types, or no such
    /// unit.</exception>
    public static UnitEvidence Read(string path, int unit)
    {
        using var file = SafetensorsFile.Open(path);
        TensorSchema.Require(file, EvidenceTensors.Schema);
        double[] histogram = Row(file, EvidenceTensors.Histogram, unit);
        double[] edges = file.Tensors.TryGetValue(EvidenceTensors.HistogramEdges, out var tensor) && tensor.Shape.Count == 1
            ? Values(file, tensor, 0, tensor.Shape[0]) : [];
        if (edges.Length != histogram.Length + 1)
            throw FoveaException.BadData($"{path}: {EvidenceTensors.HistogramEdges} must have an edge more than there are bins.");
        return new UnitEvidence
        {
            Histogram = histogram,
            Edges = edges,
            GridMean = Grid(file, EvidenceTensors.GridMean, unit),
            GridRate = Grid(file, EvidenceTensors.GridRate, unit),
            ClassMeans = file.Tensors.ContainsKey(EvidenceTensors.ClassMeans) ? Row(file, EvidenceTensors.ClassMeans, unit) : [],
            LogitWeights = file.Tensors.ContainsKey(EvidenceTensors.LogitWeights) ? Row(file, EvidenceTensors.LogitWeights, unit) : [],
        };
    }

    private static double[] Row(SafetensorsFile file, string name, int unit)
    {
        SafetensorsTensor tensor = Tensor(file, name, 2, unit);
        return Values(file, tensor, unit * tensor.Shape[1], tensor.Shape[1]);
    }

    private static double[][] Grid(SafetensorsFile file, string name, int unit)
    {
        SafetensorsTensor tensor = Tensor(file, name, 3, unit);
        long size = tensor.Shape[1] * tensor.Shape[2];
        return size == 0 ? [] : [.. Values(file, tensor, unit * size, size).Chunk((int)tensor.Shape[2])];
    }

    private static SafetensorsTensor Tensor(SafetensorsFile file, string name, int dimensions, int unit)
    {
        if (!file.Tensors.TryGetValue(name, out SafetensorsTensor? tensor))
            throw FoveaException.BadData($"{file.Path} has no tensor '{name}'.");
        if (tensor.Shape.Count != dimensions)
            throw FoveaException.BadData($"{file.Path}: '{name}' has {tensor.Shape.Count} dimensions, not {dimensions}.");
        return unit >= 0 && unit < tensor.Shape[0]
            ? tensor : throw FoveaException.BadData($"{file.Path}: '{name}' is of {tensor.Shape[0]} units; there is no unit {unit}.");
    }

    private static double[] Values(SafetensorsFile file, SafetensorsTensor tensor, long start, long count) => tensor.Type switch
    {
        ElementType.F32 => [.. file.Span<float>(tensor.Name, start, count).ToArray().Select(value => (double)value)],
        ElementType.I64 => [.. file.Span<long>(tensor.Name, start, count).ToArray().Select(value => (double)value)],
        _ => throw FoveaException.BadData($"{file.Path}: '{tensor.Name}' holds {tensor.Type}; F32 or I64 are expected."),
    };
}
