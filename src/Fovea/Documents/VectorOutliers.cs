using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>
/// How many training vectors are far longer than most. A few hundred can hold most of a layer's energy, and with it rule the scale, the
/// mean squared error and FVU; a training may shorten them.
/// </summary>
public sealed record VectorOutliers
{
    /// <summary>The factor where no cap is given.</summary>
    public const double DefaultFactor = 10;

    /// <summary>The median of ‖x‖ over the training vectors, to 0.3 % (the middle of a bin of a histogram of lengths).</summary>
    public required double MedianLength { get; init; }

    /// <summary>Vectors longer than so many medians are counted.</summary>
    public required double Factor { get; init; }

    /// <summary>How many training vectors are longer, to the width of a bin.</summary>
    public required long Count { get; init; }

    /// <summary>Their share of the sum of ‖x‖².</summary>
    public required double EnergyShare { get; init; }

    /// <summary>Whether they were shortened to <see cref="MaximumLength"/>.</summary>
    public required bool Capped { get; init; }

    /// <summary>Factor × median.</summary>
    [JsonIgnore]
    public double MaximumLength => Factor * MedianLength;
}
