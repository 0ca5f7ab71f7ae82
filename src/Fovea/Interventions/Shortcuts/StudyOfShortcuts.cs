using Fovea.Datasets;
using Fovea.Interpretation;
using Fovea.Interpretation.Shortcuts;
using Fovea.Models;
using Fovea.Models.Edits;
using Fovea.Numerics;
using Fovea.Training;
using static TorchSharp.torch;

namespace Fovea.Interventions.Shortcuts;

/// <summary>One study under way: what its steps share.</summary>
internal sealed class StudyOfShortcuts(
    ImageModel model, string layer, IReadOnlyList<UnitGroup> groups, IImageSource source, ShortcutOptions options,
    IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
{
    private const int ShownUnits = 6, ShownImages = 4, ShownShifts = 10;
    private static readonly int[] Numbers = [1, 2, 4, 8, 16, 32], Rounds = [1, 2, 4, 8];

    private readonly List<ShortcutRow> _rows = [];
    private readonly List<ShownShortcut> _shown = [];

    public ShortcutFindings Run(int[] fold, int[] test)
    {
        ImageReadings chosen = Read(groups, fold);
        bool[]? member = Members(chosen);
        IReadOnlyList<ClassShift> shifts = member is null ? [] : ClassShifts.Of(model, chosen, member);
        int[] labels = options.Classes.Count > 0 ? [.. options.Classes.Distinct()] : [shifts.Count > 0 ? shifts[0].Class
            : chosen.Predicted.CountBy(said => said).OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).First().Key];
        bool exact = PooledHead.After(model, layer) is not null && groups.All(group => LogitEffects.Of(model, group) is not null);
        ImageReadings? judged = member is null ? null : Read([], test);
        int[]? reference = judged is null || options.Reference is null ? null
            : Said(options.Reference, judged.Images);
        var effects = exact ? null : chosen.Units.Select(units => UnitEffects.Measured(
            model, layer, source, chosen, units, labels, member, options.BatchSize, progress, cancellation)).ToArray();
        var classes = labels.Select((label, c) =>
        {
            IReadOnlyList<RankedShortcut>[] ranked = [.. chosen.Units.Select((units, g) => UnitRanking.Of(
                chosen, units, label, member,
                exact ? UnitEffects.Exact(units, LogitEffects.Of(model, units.Group)!, label) : effects![g][c]))];
            return OfClass(label, ranked, chosen, member, judged, reference);
        }).ToArray();
        return new ShortcutFindings(
            new ShortcutsDocument
            {
                Layer = layer,
                Group = options.Groups?.Name,
                Background = options.Background.Kind,
                BackgroundArea = chosen.BackgroundArea,
                FoldImages = chosen.Images.Count,
                TestImages = judged?.Images.Count ?? 0,
                Exact = exact,
                Shifts = [.. shifts.Take(ShownShifts)],
                Classes = classes,
            },
            _rows, _shown, chosen.Images, judged?.Images ?? []);
    }

    private ClassShortcuts OfClass(
        int label, IReadOnlyList<RankedShortcut>[] ranked, ImageReadings chosen, bool[]? member, ImageReadings? judged, int[]? reference)
    {
        int[] muted = new int[groups.Count];
        List<MutingOutcome> outcomes = [];
        MutingOutcome? known = null;
        if (judged is not null)
        {
            var fold = new ShortcutJudgement(chosen.Labels, member!, label, chosen.Predicted, null, options.Seed);
            var test = new ShortcutJudgement(judged.Labels, Members(judged)!, label, judged.Predicted, reference, options.Seed);
            outcomes.Add(test.Of("as it is", 0, judged.Predicted));
            (muted, IReadOnlyList<Muting> mutings) = Choose(ranked, chosen, member!, fold);
            int[][] said = Mutings.Answers(model, [.. mutings.Select(one => one.Change).OfType<Intervention>()], source, judged.Images,
                options.BatchSize, progress, cancellation);
            int next = 0;
            foreach (Muting one in mutings)
                outcomes.Add(test.Of(one.Name, one.Size, one.Change is null ? judged.Predicted : said[next++], one.Units));
            if (Retrained(chosen, member!, judged) is { } again) outcomes.Add(test.Of("last layer trained again", model.Outputs, again));
            if (reference is not null) known = test.Of("reference network", 0, reference);
        }
        for (int g = 0; g < groups.Count; g++) Note(label, groups[g], ranked[g], chosen);
        return new ClassShortcuts
        {
            Class = label,
            Name = model.ClassName(label),
            Sources = [.. groups.Select((group, g) => new ShortcutSource(
                group.Name, chosen.Units[g].Count, muted[g],
                [.. ranked[g].Take(Math.Max(options.Listed, muted[g])).Where(one => member is not null || one.Unit.Effect.Value > 0)
                    .Select(one => one.Unit)]))],
            Outcomes = outcomes,
            Reference = known,
        };
    }

    /// <summary>How many units of each group, and how many directions, do best on the fold; none where none helps.</summary>
    private (int[] Muted, IReadOnlyList<Muting> Mutings) Choose(
        IReadOnlyList<RankedShortcut>[] ranked, ImageReadings chosen, bool[] member, ShortcutJudgement fold)
    {
        using var scope = NewDisposeScope();
        double[] weights = GroupWeights.Of(chosen.Labels, member);
        Tensor pooled = chosen.Pooled();
        LinearErasure closed = LinearErasure.ClosedForm(pooled, member, weights);
        LinearErasure probes = LinearErasure.ByProbes(pooled, member, weights, Rounds[^1]);
        MutingWay[] ways = [.. groups.SelectMany((_, g) => MutingWay.Of(
            model, layer, g, chosen, ranked[g], weights, said => fold.Mean(said), Numbers[^1], cancellation))];
        List<(MutingWay? Way, int Size, Intervention Change)> tried = [];
        foreach (MutingWay way in ways)
        {
            int[] sizes = [.. Numbers.Where(size => size < way.Order.Length), Math.Min(way.Order.Length, Numbers[^1])];
            foreach (int size in sizes.Where(size => size > 0).Distinct()) tried.Add((way, size, way.Change(layer, groups[way.Group], size)));
        }
        foreach (int size in Rounds.Where(size => size <= probes.Rank)) tried.Add((null, size, Zeroed(new ErasedUnits(probes.First(size)))));
        int[][] said = Mutings.Answers(
            model, [.. tried.Select(one => one.Change)], source, chosen.Images, options.BatchSize, progress, cancellation);
        double before = fold.Mean(chosen.Predicted);
        (MutingWay? Way, int Size, Intervention Change)? Best(MutingWay? way) => tried.Zip(said)
            .Where(pair => ReferenceEquals(pair.First.Way, way) && fold.Mean(pair.Second) > before)
            .OrderByDescending(pair => fold.Mean(pair.Second)).ThenBy(pair => pair.First.Size)
            .Select(pair => ((MutingWay?, int, Intervention)?)pair.First).FirstOrDefault();

        int[] muted = new int[groups.Count];
        List<Muting> mutings = [];
        int neurons = groups.ToList().FindIndex(group => !group.IsDictionary);
        foreach (MutingWay way in ways)
        {
            int g = way.Group;
            var best = Best(way);
            int size = best?.Size ?? 0;
            mutings.Add(new Muting($"{Mutings.Words(groups[g], size)} {way.Name}", size, best?.Change, way.Order[..size]));
            if (way.Name != MutingWay.Plain) continue;
            muted[g] = size;
            if (best is null || !groups[g].IsDictionary) continue;
            int[] drawn = Random(chosen.Units[g], muted[g]);
            mutings.Add(new Muting($"{Mutings.Words(groups[g], muted[g])} muted, drawn at random", muted[g],
                Zeroed(Mutings.Units(groups[g], drawn)), drawn));
            MutingWay? beside = ways.FirstOrDefault(other => other.Group == neurons && other.Name == MutingWay.Plain);
            if (beside is not null && beside.Order.Length >= muted[g])
            {
                mutings.Add(new Muting(
                    $"{Mutings.Words(groups[neurons], size)} muted", size, beside.Change(layer, groups[neurons], size), beside.Order[..size]));
            }
        }
        var probed = Best(null);
        mutings.Add(new Muting("directions of probes erased (INLP)", probed?.Size ?? 0, probed?.Change));
        mutings.Add(new Muting("direction of the group erased (LEACE)", closed.Rank,
            closed.Rank == 0 ? null : Zeroed(new ErasedUnits(closed))));
        return (muted, [.. mutings.DistinctBy(one => one.Name)]);
    }

    private Intervention Zeroed(EditedUnits units) => new(layer, units, UnitOperation.Zero);

    /// <summary>As many units that are ever active, any of them.</summary>
    private int[] Random(UnitReadings units, int count)
    {
        int[] active = [.. Enumerable.Range(0, units.Count).Where(unit => units.Active(unit) > 0)];
        new CounterRandom(options.Seed, $"shortcut/random/{units.Group.Name}", count).Shuffle<int>(active);
        return [.. active.Take(count).Order()];
    }

    private int[]? Retrained(ImageReadings chosen, bool[] member, ImageReadings judged)
    {
        if (PooledHead.After(model, layer) is not { } head) return null;
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (weight, bias) = HeadRetraining.Fit(
            chosen.Pooled(), chosen.Labels, GroupWeights.Of(chosen.Labels, member), head.Weight, head.Bias, cancellation);
        return [.. (judged.Pooled().mm(weight.t()) + bias).argmax(1).data<long>().ToArray().Select(best => (int)best)];
    }

    private void Note(int label, UnitGroup group, IReadOnlyList<RankedShortcut> ranked, ImageReadings chosen)
    {
        foreach (RankedShortcut one in ranked) _rows.Add(ShortcutRow.Of(label, group.Name, one.Unit));
        foreach (RankedShortcut one in ranked.Take(ShownUnits).Where(one => one.Unit.Effect.Value > 0))
        {
            var top = Enumerable.Range(0, one.Effects.Length).Where(i => one.Effects[i] > 0)
                .OrderByDescending(i => one.Effects[i]).ThenBy(i => chosen.Images[i]).Take(ShownImages);
            foreach (int i in top) _shown.Add(new ShownShortcut(label, group, one.Unit.Unit, chosen.Images[i], one.Effects[i]));
        }
    }

    private ImageReadings Read(IReadOnlyList<UnitGroup> units, int[] images) => ImageReadings.Of(
        model, layer, units, source, images, options.Background, options.BatchSize, progress, cancellation);

    private bool[]? Members(ImageReadings readings) => options.Groups is not { } known ? null
        : [.. readings.Images.Select(image => known[image] == true)];

    private int[] Said(ImageModel network, IReadOnlyList<int> images)
    {
        // Any layer will do: only its answers are wanted.
        ImageReadings readings = ImageReadings.Of(network, network.Layers[^1].Name, [], source, images, options.Background,
            options.BatchSize, progress, cancellation);
        var said = readings.Images.Zip(readings.Predicted).ToDictionary(pair => pair.First, pair => pair.Second);
        return [.. images.Select(image => said[image])];
    }
}
