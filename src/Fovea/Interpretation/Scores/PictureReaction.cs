using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Interpretation;

/// <summary>How the units of a layer react to the picture of one of them.</summary>
/// <param name="Unit">The unit that the picture is of.</param>
/// <param name="Seed">The picture's seed.</param>
/// <param name="Peak">The unit's largest activation over the positions of the picture.</param>
/// <param name="Ratio">Peak / <see cref="Reference"/>: far above 1, the picture shows something that no image does; below, it shows less
/// than many do. NaN for a unit without a reference.</param>
/// <param name="Rank">The unit's place among all by their ratios on this picture, 1 for the best; of equals the last place. 0 without a
/// ratio.</param>
/// <param name="Ranked">Units that have a ratio: chance gives the rank (<paramref name="Ranked"/> + 1) / 2.</param>
public sealed record PictureReaction(int Unit, ulong Seed, double Peak, double Ratio, int Rank, int Ranked)
{
    /// <summary>The percentile that peaks are measured by.</summary>
    public const double Percentile = 0.999;

    /// <summary>
    /// What a unit's peaks are measured by: the 99.9th percentile of its activations over all positions of all images; where that is not
    /// above 0, since the unit is active at fewer than 0.1 % of them, over those at which it is active. Of fewer than a thousand such
    /// positions that is nearly the largest value: the ratio of so rare a unit is strict.
    /// </summary>
    /// <param name="histogram">Of the group's activations on real images.</param>
    /// <param name="unit">Channel or latent.</param>
    /// <returns>Not above 0 for a unit that is never active, or only below 0: it has no ratio.</returns>
    public static double Reference(ActivationHistogram histogram, int unit)
    {
        ArgumentNullException.ThrowIfNull(histogram);
        double all = histogram.Quantile(unit, Percentile);
        return all > 0 ? all : histogram.Quantile(unit, Percentile, activeOnly: true);
    }

    /// <summary>Shows pictures of units to their network.</summary>
    /// <param name="network">The network; evaluation mode for the time of the call.</param>
    /// <param name="group">The units.</param>
    /// <param name="pictures">Pictures of units of the group.</param>
    /// <param name="percentiles">Each unit's <see cref="Reference"/>.</param>
    /// <param name="batchSize">Pictures a forward pass.</param>
    /// <returns>By picture.</returns>
    /// <exception cref="FoveaException">No such layer, a dictionary of another layer, or no percentile for a unit.</exception>
    public static IReadOnlyList<PictureReaction> Measure(ImageModel network, UnitGroup group, IReadOnlyList<UnitPicture> pictures,
        IReadOnlyList<double> percentiles, int batchSize = 32)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(pictures);
        ArgumentNullException.ThrowIfNull(percentiles);
        var reactions = new PictureReaction[pictures.Count];
        PicturePass.Layer(network, group.Layer, pictures, batchSize, (i, vectors) =>
        {
            int units = group.UnitCount((int)vectors.shape[1]);
            if (percentiles.Count != units)
                throw FoveaException.BadData($"{percentiles.Count} percentiles for the {units} units of {group.Name} on {group.Layer}.");
            double[] peaks = group.Values(vectors).amax([0]).cpu().to(float64).data<double>().ToArray();
            reactions[i] = Of(pictures[i].Unit, pictures[i].Seed, peaks, percentiles);
        });
        return reactions;
    }

    /// <summary>Of given peaks of all units on a picture.</summary>
    internal static PictureReaction Of(int unit, ulong seed, IReadOnlyList<double> peaks, IReadOnlyList<double> percentiles)
    {
        double Ratio(int u) => percentiles[u] > 0 ? peaks[u] / percentiles[u] : double.NaN;
        double[] ratios = [.. Enumerable.Range(0, peaks.Count).Select(Ratio)];
        // NaN compares with nothing: units without a ratio neither take a place nor get one. A unit silent on its own picture stands behind
        // all that are as silent.
        return new PictureReaction(
            unit, seed, peaks[unit], ratios[unit], ratios.Count(other => other >= ratios[unit]),
                ratios.Count(ratio => !double.IsNaN(ratio)));
    }
}
