namespace Fovea.Documents;

/// <summary>The tensors of <c>evidence.safetensors</c>; the first size of all but the last three is the number of units.</summary>
public static class EvidenceTensors
{
    /// <summary>The schema number, in the file's metadata.</summary>
    public const int Schema = 1;

    /// <summary>File name in the folder of a source of units.</summary>
    public const string FileName = "evidence.safetensors";

    /// <summary>I64 <c>[units, bins]</c>: how often each activation occurs.</summary>
    public const string Histogram = "histogram";

    /// <summary>F32 <c>[bins + 1]</c>.</summary>
    public const string HistogramEdges = "histogram_edges";

    /// <summary>F32 <c>[units, H, W]</c>: mean activation at each position.</summary>
    public const string GridMean = "grid_mean";

    /// <summary>F32 <c>[units, H, W]</c>: share of images active there.</summary>
    public const string GridRate = "grid_rate";

    /// <summary>F32 <c>[units, classes]</c>: mean activation over the images of a class; NaN for one without images.</summary>
    public const string ClassMeans = "class_means";

    /// <summary>F32 <c>[units, classes]</c>, where exact: what one unit of mean activation adds to each logit.</summary>
    public const string LogitWeights = "logit_weights";

    /// <summary>F32 <c>[classes]</c>.</summary>
    public const string LogitBias = "logit_bias";
}

/// <summary>What a pass over the images measured of one unit; what was not measured is empty.</summary>
public sealed record UnitEvidence
{
    /// <summary>Counts of activations, <c>[bins]</c>, between the edges, <c>[bins + 1]</c>.</summary>
    public IReadOnlyList<double> Histogram { get; init; } = [];

    /// <summary>The edges.</summary>
    public IReadOnlyList<double> Edges { get; init; } = [];

    /// <summary>Mean activation at each position, <c>[row][column]</c>.</summary>
    public double[][] GridMean { get; init; } = [];

    /// <summary>Share of images active at each position.</summary>
    public double[][] GridRate { get; init; } = [];

    /// <summary>Mean activation over the images of each class.</summary>
    public IReadOnlyList<double> ClassMeans { get; init; } = [];

    /// <summary>What one unit of it adds to each class's logit; empty where that is not exact.</summary>
    public IReadOnlyList<double> LogitWeights { get; init; } = [];

    /// <summary>Whether nothing was measured of the unit.</summary>
    public bool IsEmpty => Histogram.Count + GridMean.Length + GridRate.Length + ClassMeans.Count + LogitWeights.Count == 0;
}
