using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Models.Edits;

namespace Fovea.Interventions.Shortcuts;

/// <summary>A way to choose units of a group, and what becomes of them.</summary>
/// <param name="Group">The group.</param>
/// <param name="Name">In words, behind the number of units.</param>
/// <param name="Order">The units, those first that are changed first.</param>
/// <param name="Values">The value that a unit gets; null: 0.</param>
internal sealed record MutingWay(int Group, string Name, int[] Order, Func<int, double>? Values)
{
    /// <summary>The units with the largest effects, put to 0.</summary>
    public const string Plain = "muted";

    /// <summary>
    /// The ways of a group: by effect, by alignment and effect, one by one; units put to 0 or to their mean. The <see cref="Plain"/> one is
    /// the first.
    /// </summary>
    /// <param name="model">The network.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="group">The group's number.</param>
    /// <param name="chosen">The images to choose on.</param>
    /// <param name="ranked">The group's units by effect.</param>
    /// <param name="weights">Of the images, under which group and class are independent: means are taken with them.</param>
    /// <param name="judge">How good the classes said of the images are.</param>
    /// <param name="most">As many units at most.</param>
    /// <param name="cancellation">Looked at before every choice.</param>
    public static IEnumerable<MutingWay> Of(
        ImageModel model, string layer, int group, ImageReadings chosen, IReadOnlyList<RankedShortcut> ranked, double[] weights,
        Func<int[], double> judge, int most, CancellationToken cancellation)
    {
        UnitReadings units = chosen.Units[group];
        RankedShortcut[] pushing = [.. ranked.Where(one => one.Unit.Effect.Lower > 0)];
        int[] byEffect = [.. pushing.Select(one => one.Unit.Unit)];
        int[] byBoth = [.. pushing.OrderByDescending(one => one.Unit.Effect.Value * Math.Max(0, (one.Unit.Alignment?.Value ?? 0.5) - 0.5))
            .Select(one => one.Unit.Unit)];
        yield return new MutingWay(group, Plain, byEffect, null);
        yield return new MutingWay(group, "muted, by alignment × effect", byBoth, null);
        yield return new MutingWay(group, "put to their mean", byEffect, Mean);
        if (PooledHead.After(model, layer) is not { } head || LogitEffects.Of(model, units.Group) is not { } effects) yield break;
        yield return new MutingWay(group, "muted, chosen one by one", Searched(_ => 0), null);
        yield return new MutingWay(group, "put to their mean, chosen one by one", Searched(Mean), Mean);

        int[] Searched(Func<int, double> values) =>
            MutingSearch.Of(head, chosen, units, effects, ranked, values, judge, most, cancellation);

        double Mean(int unit) => units.Means(unit).Select((value, i) => value * weights[i]).Sum();
    }

    /// <summary>The first of them changed.</summary>
    public Intervention Change(string layer, UnitGroup group, int size) => new(
        layer, Mutings.Units(group, Order[..size]),
        Values is null ? UnitOperation.Zero : UnitOperation.Mean([.. Order[..size].Select(unit => (float)Values(unit))]));
}
