using Fovea.Interpretation.Shortcuts;

namespace Fovea.Interventions.Shortcuts;

/// <summary>A unit with what it adds to a class's logit, image by image.</summary>
internal sealed record RankedShortcut(ShortcutUnit Unit, float[] Effects);

/// <summary>Units by how much of their push towards a class does not come from the object.</summary>
internal static class UnitRanking
{
    /// <summary>The units, most first, equal ones by number; those of which nothing can be told are left out.</summary>
    /// <param name="readings">The images.</param>
    /// <param name="units">What the units do on them.</param>
    /// <param name="label">The class.</param>
    /// <param name="member">Which images are of the group; null: there are no groups.</param>
    /// <param name="effects">Units with what they add to the class's logit, relative to the mean logit.</param>
    public static IReadOnlyList<RankedShortcut> Of(
        ImageReadings readings, UnitReadings units, int label, bool[]? member, IEnumerable<(int Unit, float[] Effects)> effects)
    {
        int[] all = [.. Enumerable.Range(0, readings.Images.Count)];
        int[] strata = [.. all.Select(i => member is null || readings.Labels[i] == label ? 0 : 1)];
        bool[] split = member ?? [.. readings.Predicted.Select(said => said == label)];
        List<RankedShortcut> ranked = [];
        foreach (var (unit, effect) in effects)
        {
            float[] means = units.Means(unit);
            IntervalEstimate? size = member is null ? Outside(effect, means, units.Background(unit), split)
                : Intervals.Difference(effect, split, strata, 2);
            if (size is null || !double.IsFinite(size.Value)) continue;
            ranked.Add(new RankedShortcut(
                new ShortcutUnit
                {
                    Unit = unit,
                    Effect = size,
                    Alignment = member is null ? null : GroupAlignment.Of(means, split, strata, 2),
                    // One position is at the same place always, and half in the frame by its centre: that says nothing.
                    Background = units.Positions > 1 ? units.BackgroundShare(unit) : null,
                    Consistency = units.Positions > 1 ? units.Consistency(unit) : null,
                    Active = (double)units.Active(unit) / readings.Images.Count,
                },
                effect));
        }
        return [.. ranked.OrderByDescending(one => one.Unit.Effect.Value).ThenBy(one => one.Unit.Unit)];
    }

    /// <summary>Without groups: what a unit adds in the background on images taken for the class, less what it adds on others.</summary>
    private static IntervalEstimate? Outside(float[] effect, float[] means, float[] background, bool[] taken)
    {
        int[] known = [.. Enumerable.Range(0, effect.Length).Where(i => float.IsFinite(background[i]))];
        float[] own = [.. known.Select(i => means[i] == 0 ? 0 : effect[i] * (background[i] / means[i]))];
        return Intervals.Difference(own, [.. known.Select(i => taken[i])], new int[known.Length], 1);
    }
}
