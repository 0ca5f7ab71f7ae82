using Fovea.Activations;
using Fovea.Checkpoints;
using Fovea.Interpretation;
using Fovea.Runs.Settings;

namespace Fovea.Runs.Stages.Features;

/// <summary>What the stored vectors and the compared images say about the units of a group: found by one part, needed by those after it.</summary>
/// <param name="Statistics">Of the pass, with more examples than are shown: <see cref="Uniqueness"/> reads them.</param>
/// <param name="Scores">By unit, without those against the truth.</param>
/// <param name="Rankings">Of the units on each compared image.</param>
internal sealed record GroupEvidence(
    GroupStatistics Statistics, IReadOnlyList<UnitScores> Scores, IReadOnlyList<ImageRanking> Rankings)
{
    private const string FileName = "statistics.safetensors", Scored = "scores", Ranked = "ranked", Ends = "ranking_ends";
    private const int Schema = 1, ScoresOfUnit = 6;

    /// <summary>What was found before, or is found now and kept.</summary>
    /// <param name="context">The run.</param>
    /// <param name="group">The units.</param>
    /// <param name="judge">Gives the images in the eyes of another network, where they are needed; null for a run without one.</param>
    /// <param name="folder">The part's scratch.</param>
    public static GroupEvidence Of(RunContext context, UnitGroup group, Func<ImageEmbeddings?> judge, string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (KeptTensors.Find(path, Schema, file => Read(file, group)) is { } kept) return kept;
        GroupEvidence found = Find(context, group, judge());
        KeptTensors.Write(path, Schema, [.. StatisticsTensors.Of(found.Statistics), .. found.Tensors()]);
        return found;
    }

    /// <summary>The units that pictures are made of.</summary>
    /// <param name="settings">How many.</param>
    /// <param name="of">Which of them.</param>
    public int[] Units(FeatureSettings settings, RenderedUnits of)
    {
        int[] shown = [.. Statistics.ByInterest().Where(unit => Statistics.Units[unit].Density > 0).Take(settings.Pictures)];
        return of switch
        {
            // The paper's comparison needs pictures of the units it ranks, whatever their place in the gallery.
            RenderedUnits.All => [.. shown.Concat(Rankings.SelectMany(
                ranking => ComparedImage.UnitsOf(ranking, settings.CompareUnits))).Distinct()],
            RenderedUnits.Gallery => shown,
            _ => [.. shown.Take(settings.SideBySide)],
        };
    }

    private static GroupEvidence Find(RunContext context, UnitGroup group, ImageEmbeddings? embeddings)
    {
        using var store = ActivationStore.Open(context.Run.ActivationsOf(group.Layer));
        store.RequireAllPositions("Features need");
        var scoring = new UnitScoring(context, store, group, embeddings);
        var progress = new Reporter<TopExamplesProgress>(value => context.Report(
            FeatureStage.StageName, value.Images, value.Total, "images", $"evidence, {group.Layer}/{group.Name}"));
        GroupStatistics statistics = TopExamples.Collect(store, store.Manifest.Grid[0], store.Manifest.Grid[1], store.Images, [group],
            new TopExamplesOptions
            {
                Examples = Math.Max(context.Settings.Features!.Examples, Uniqueness.SetSize),
                Seed = context.Settings.Seed,
                BatchSize = 256,
                Labels = context.Harvested.Classes.Count is > 0 and var classes
                    ? new ImageLabels(store.Images, store.Labels, classes) : null,
                Observers = scoring.Observers,
            }, progress, context.Cancellation)[0];
        return new GroupEvidence(statistics, scoring.Of(statistics), new Comparisons(context, store).Rank(context.Network, statistics));
    }

    private IEnumerable<SafetensorsEntry> Tensors()
    {
        // A score that is not known is no number; one that is, is never NaN.
        yield return SafetensorsEntry.Of<double>(Scored, [.. Scores.SelectMany(one => new[]
        {
            one.Monosemanticity, one.MonosemanticityShuffled, one.Purity, one.PurityShuffled, one.Uniqueness, one.UniquenessRandom,
        }).Select(value => value ?? double.NaN)], Scores.Count, ScoresOfUnit);
        yield return SafetensorsEntry.Of<long>(Ends, [.. Rankings.SelectMany(
            one => new long[] { one.Top.Count, one.Least.Count, one.Active, one.Units })], Rankings.Count, 4);
        UnitMagnitude[] all = [.. Rankings.SelectMany(one => one.Top.Concat(one.Least))];
        yield return SafetensorsEntry.Of<double>(Ranked, [.. all.SelectMany(one => new[] { one.Unit, one.Magnitude })], all.Length, 2);
    }

    private static GroupEvidence Read(SafetensorsFile file, UnitGroup group)
    {
        GroupStatistics statistics = StatisticsTensors.Read(file, group);
        double[] scores = file.Span<double>(Scored).ToArray(), ranked = file.Span<double>(Ranked).ToArray();
        long[] ends = file.Span<long>(Ends).ToArray();
        UnitMagnitude[] all = [.. ranked.Chunk(2).Select(pair => new UnitMagnitude((int)pair[0], pair[1]))];
        List<ImageRanking> rankings = [];
        int at = 0;
        foreach (long[] one in ends.Chunk(4))
        {
            rankings.Add(new ImageRanking(group, Take(one[0]), Take(one[1]), (int)one[2], (int)one[3]));
        }
        if (scores.Length != ScoresOfUnit * statistics.Units.Count || at != all.Length)
            throw new ArgumentException("Scores and rankings are not of these units.", nameof(file));
        return new GroupEvidence(statistics, [.. scores.Chunk(ScoresOfUnit).Select(one => new UnitScores
        {
            Monosemanticity = Known(one[0]),
            MonosemanticityShuffled = Known(one[1]),
            Purity = Known(one[2]),
            PurityShuffled = Known(one[3]),
            Uniqueness = Known(one[4]),
            UniquenessRandom = Known(one[5]),
        })], rankings);

        UnitMagnitude[] Take(long count)
        {
            UnitMagnitude[] taken = all[at..(at + (int)count)];
            at += taken.Length;
            return taken;
        }
    }

    private static double? Known(double value) => double.IsNaN(value) ? null : value;
}
