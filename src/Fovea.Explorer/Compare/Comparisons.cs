using Fovea.Explorer.Server;
using Fovea.Interpretation.Relations;
using Fovea.Runs;

namespace Fovea.Explorer.Compare;

/// <summary>Makes comparisons, and keeps the last few matchings: who looks through pairs asks for page after page.</summary>
/// <param name="run">The run that is served.</param>
/// <param name="other">The run beside it; null where none was named.</param>
/// <param name="stopping">Cancelled when the explorer ends.</param>
internal sealed class Comparisons(RunSession run, RunSession? other, CancellationToken stopping)
{
    private const int Kept = 4;

    private readonly Lock _lock = new();
    private readonly List<(object Key, Lazy<UnitMatching?> Matching)> _kept = [];

    /// <summary>The run beside the first; null where none was named.</summary>
    public RunSession? Other => other;

    /// <summary>The sources that can be compared: of each layer its dictionaries, then its neurons; those of the other run follow.</summary>
    public IReadOnlyList<ComparedSide> Sides() => [.. Sides(run, false), .. other is null ? [] : Sides(other, true)];

    /// <summary>Compares two sides; null where the run has no such source.</summary>
    /// <exception cref="FoveaException">Data: a file is damaged.</exception>
    public Comparison? Of(ComparedSide a, ComparedSide b, string? by)
    {
        if (Find(a) is not { } left || Find(b) is not { } right) return null;
        bool sameNetwork = SameNetwork(left, right);
        bool sameSpace = a.Layer == b.Layer && sameNetwork;
        by ??= sameSpace ? CompareQuery.ByDecoder : CompareQuery.ByClasses;
        if (Obstacle(left, right, by) is { } obstacle) return new Comparison(left, right, by, null, obstacle);
        UnitMatching? matching = Kind((a, b, by, run.Version, other?.Version)).Value;
        return new Comparison(left, right, by, matching, matching is not null ? null : by switch
        {
            CompareQuery.ByDecoder => "One of the two has no decoder in its run folder.",
            CompareQuery.ByActivity => "The run stored no vectors of this layer to count activity at, or one of the two is no dictionary of it.",
            _ => "One of the two was measured on no classes: its run has no evidence of them. Compare by decoder where the layer is the same.",
        });

        Lazy<UnitMatching?> Kind(object key)
        {
            lock (_lock)
            {
                int at = _kept.FindIndex(one => one.Key.Equals(key));
                if (at >= 0) return _kept[at].Matching;
                var made = new Lazy<UnitMatching?>(() => Match(left, right, by));
                if (_kept.Count == Kept) _kept.RemoveAt(0);
                _kept.Add((key, made));
                return made;
            }
        }
    }

    /// <summary>Why two sides cannot be compared so, as a sentence; null where they can.</summary>
    private static string? Obstacle(SideContents a, SideContents b, string by)
    {
        if (by == CompareQuery.ByDecoder)
        {
            if (a.Side.Layer != b.Side.Layer)
                return "Directions of two layers lie in different spaces and have no cosine. Compare by classes.";
            return SameNetwork(a, b) ? null
                : "The two runs do not say that they have the same network: directions of two networks have no cosine. Compare by classes.";
        }
        if (by == CompareQuery.ByActivity)
        {
            return a.Side.Other == b.Side.Other && a.Side.Layer == b.Side.Layer ? null
                : "Activity is compared at the same positions of one layer of one run. Compare by classes.";
        }
        return a.Run == b.Run || a.Run.Model.Classes.SequenceEqual(b.Run.Model.Classes) ? null
            : "The two runs do not have the same classes in the same order: profiles over classes cannot be compared.";
    }

    private static bool SameNetwork(SideContents a, SideContents b) =>
        a.Side.Other == b.Side.Other || (Network(a) is { } one && one == Network(b));

    private static string? Network(SideContents side) =>
        side.Dictionary?.Configuration?.Fovea?.Network ?? side.Layer.Manifest?.Network;

    private UnitMatching? Match(SideContents a, SideContents b, string by)
    {
        RunFolder left = Folder(a.Side), right = Folder(b.Side);
        if (by == CompareQuery.ByActivity) return MatchActivity(left, a.Side, b.Side);
        (UnitDirections? A, UnitDirections? B) both = (null, null);
        if (by == CompareQuery.ByClasses)
        {
            if (RunRelations.SharedClassProfiles((left, a.Side.Layer, a.Side.Source), (right, b.Side.Layer, b.Side.Source)) is { } profiles)
                both = profiles;
        }
        else
        {
            both = (RunRelations.Directions(left, a.Side.Layer, a.Side.Source),
                RunRelations.Directions(right, b.Side.Layer, b.Side.Source));
        }
        using (both.A)
        using (both.B)
        {
            if (both.A is null || both.B is null) return null;
            if (both.A.Dimension != both.B.Dimension)
                throw FoveaException.BadData($"The two have directions of {both.A.Dimension} and {both.B.Dimension} components.");
            return UnitMatching.Of(both.A, both.B, stopping);
        }
    }

    /// <summary>Both over the same positions: as many as suit the two.</summary>
    private UnitMatching? MatchActivity(RunFolder folder, ComparedSide a, ComparedSide b)
    {
        int positions = Math.Min(RunRelations.PositionsOf(a.Source), RunRelations.PositionsOf(b.Source));
        return RunRelations.Activity(folder, a.Layer, a.Source, stopping, positions) is { } left
            && RunRelations.Activity(folder, b.Layer, b.Source, stopping, positions) is { } right ? UnitMatching.OfActivity(left, right, stopping) : null;
    }

    private SideContents? Find(ComparedSide side) => (side.Other ? other : run)?.Contents is { } contents
        && contents.Layer(side.Layer) is { } layer
        && (side.Source == RunLayout.Neurons || layer.Dictionaries.Any(one => one.Name == side.Source))
        ? new SideContents(side, contents, layer) : null;

    private RunFolder Folder(ComparedSide side) => new((side.Other ? other! : run).Reader.Name);

    private static IEnumerable<ComparedSide> Sides(RunSession session, bool isOther) => session.Contents.Layers.SelectMany(layer =>
        layer.Dictionaries.Select(one => new ComparedSide(isOther, layer.Name, one.Name))
            .Append(new ComparedSide(isOther, layer.Name, RunLayout.Neurons)));
}
