using Fovea.Checkpoints;

namespace Fovea.Explorer.RunFiles;

/// <summary>
/// <c>evidence.safetensors</c>: tensors whose first size is the number of units. Only the rows of the unit asked for are read, and nothing
/// stays open, so that a set of thousands of latents costs no memory.
/// </summary>
internal sealed class EvidenceFile
{
    private readonly string _path;

    private EvidenceFile(string path) => _path = path;

    /// <summary>The file; null where it is absent, an entry in <paramref name="problems"/> where it is damaged.</summary>
    public static EvidenceFile? Open(string path, ICollection<string> problems)
    {
        if (!File.Exists(path)) return null;
        try
        {
            using var file = SafetensorsFile.Open(path);
            return new EvidenceFile(path);
        }
        catch (FoveaException e)
        {
            problems.Add(e.Message);
            return null;
        }
    }

    /// <summary>The rows of a unit.</summary>
    /// <exception cref="FoveaException">The file is no longer what it was when the run was read.</exception>
    public UnitEvidence Read(int unit)
    {
        using var file = SafetensorsFile.Open(_path);
        double[] histogram = Row(file, "histogram", unit), edges = Edges(file, unit);
        bool whole = edges.Length == histogram.Length + 1;
        return new UnitEvidence
        {
            Histogram = whole ? histogram : [],
            Edges = whole ? edges : [],
            GridMean = Grid(file, "grid_mean", unit),
            GridRate = Grid(file, "grid_rate", unit),
            ClassMeans = Row(file, "class_means", unit),
            LogitWeights = Row(file, "logit_weights", unit),
        };
    }

    /// <summary>Edges are shared by all units, [bins + 1], or each has its own, [units, bins + 1].</summary>
    private static double[] Edges(SafetensorsFile file, int unit) =>
        file.Tensors.TryGetValue("histogram_edges", out SafetensorsTensor? tensor) && tensor.Shape.Count == 1
            ? Values(file, tensor, 0, tensor.Shape[0])
            : Row(file, "histogram_edges", unit);

    private static double[] Row(SafetensorsFile file, string name, int unit) =>
        file.Tensors.TryGetValue(name, out SafetensorsTensor? tensor) && tensor.Shape.Count == 2 && unit >= 0 && unit < tensor.Shape[0]
            ? Values(file, tensor, unit * tensor.Shape[1], tensor.Shape[1])
            : [];

    private static double[][] Grid(SafetensorsFile file, string name, int unit)
    {
        if (!file.Tensors.TryGetValue(name, out SafetensorsTensor? tensor) || tensor.Shape.Count != 3 || unit < 0 || unit >= tensor.Shape[0]) return [];
        long size = tensor.Shape[1] * tensor.Shape[2];
        return size == 0 ? [] : [.. Values(file, tensor, unit * size, size).Chunk((int)tensor.Shape[2])];
    }

    private static double[] Values(SafetensorsFile file, SafetensorsTensor tensor, long start, long count) => tensor.Type switch
    {
        ElementType.F32 => Convert<float>(file, tensor.Name, start, count),
        ElementType.F64 => Convert<double>(file, tensor.Name, start, count),
        ElementType.I32 => Convert<int>(file, tensor.Name, start, count),
        ElementType.I64 => Convert<long>(file, tensor.Name, start, count),
        _ => [],
    };

    private static double[] Convert<T>(SafetensorsFile file, string name, long start, long count)
        where T : unmanaged, System.Numerics.INumberBase<T>
    {
        ReadOnlySpan<T> values = file.Span<T>(name, start, count);
        var numbers = new double[values.Length];
        for (int i = 0; i < numbers.Length; i++) numbers[i] = double.CreateChecked(values[i]);
        return numbers;
    }
}
