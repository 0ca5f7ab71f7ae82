using System.Text.Json.Serialization;
using Fovea.Activations.Filters;
using Fovea.Models;

namespace Fovea.Activations;

/// <summary>What to harvest. Defaults as section 7.3 of the paper.</summary>
public sealed record HarvestOptions
{
    /// <summary>Layers by name; all are read in one forward pass.</summary>
    public required IReadOnlyList<string> Layers { get; init; }

    /// <summary>Patch scores by name (<see cref="Filters.PatchScores.Names"/>).</summary>
    public IReadOnlyList<string> Filters { get; init; } = ["none", "magnitude"];

    /// <summary>
    /// Whether maps of one class are of the class that the network gives the largest logit; else of the image's own, which must be one of
    /// the network's.
    /// </summary>
    public bool PredictedClass { get; init; }

    /// <summary>Images a forward pass.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>
    /// What convolutions calculate in. <see cref="ReadingPrecision.BFloat16"/> is refused where it is not faster (<see
    /// cref="Harvester.Run"/>).
    /// </summary>
    public ReadingPrecision Precision { get; init; }

    /// <summary>Threshold ε of the number of active units.</summary>
    public double ActiveThreshold { get; init; } = 0.1;

    /// <summary>Share of the images held out from stage 3.</summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>Seed of draws and split.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>A shard of vectors takes at most about this many bytes.</summary>
    public long ShardBytes { get; init; } = 64 << 20;

    /// <summary>What the numbers of vectors are stored in; they are read in single precision.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public VectorStorage Storage { get; init; }

    /// <summary>Positions of an image whose vectors are stored, drawn without replacement by <see cref="KeepBy"/>; 0: all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Keep { get; init; }

    /// <summary>
    /// The filter, one of <see cref="Filters"/>, that draws the positions that are kept; null: the first that is not <c>none</c>, or
    /// <c>none</c>, each position as likely, where there is no other.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? KeepBy { get; init; }

    /// <summary><see cref="KeepBy"/>, or what stands for it.</summary>
    internal string KeptBy => KeptByOf(KeepBy, Filters);

    /// <summary>The filter that draws the positions that are kept.</summary>
    internal static string KeptByOf(string? asked, IReadOnlyList<string> filters) =>
        asked ?? filters.FirstOrDefault(filter => filter != NoFilter.FilterName) ?? NoFilter.FilterName;

    /// <summary>Refuses numbers and names that cannot be.</summary>
    /// <exception cref="FoveaException">Configuration.</exception>
    internal void RequireKeep()
    {
        if (Keep < 0) throw FoveaException.BadConfiguration($"{Keep} positions of an image cannot be kept: 0 keeps all.");
        if (Keep > 0 && !Filters.Contains(KeptBy))
            throw FoveaException.BadConfiguration(
                $"Positions cannot be kept by '{KeptBy}', which is none of the filters: {string.Join(", ", Filters)}.");
    }
}

/// <summary>Where a harvest is.</summary>
/// <param name="Images">Images done, those of earlier invocations included.</param>
/// <param name="Total">Images in all.</param>
public sealed record HarvestProgress(int Images, int Total);
