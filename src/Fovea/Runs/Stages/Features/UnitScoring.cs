using Fovea.Activations;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Numerics;
using Fovea.Runs.Settings;

namespace Fovea.Runs.Stages.Features;

/// <summary>The scores of every unit of a layer that come out of the evidence pass: observers before it, figures after it.</summary>
internal sealed class UnitScoring
{
    private readonly Dictionary<UnitGroup, Monosemanticity> _alike = [];
    private readonly Dictionary<UnitGroup, ClassPurity> _pure = [];
    private readonly ulong _seed;

    public UnitScoring(RunContext context, ActivationStore store, IReadOnlyList<UnitGroup> groups)
    {
        _seed = context.Settings.Seed;
        int channels = store.Dimension, classes = context.Harvested.Classes.Count;
        var labels = store.Images.Zip(store.Labels).ToDictionary(pair => pair.First, pair => pair.Second);
        ImageEmbeddings? embeddings = context.Settings.Features!.Judge is { } judge ? Judge(context, judge, store.Images) : null;
        List<(UnitGroup Group, IUnitObserver Observer)> observers = [];
        foreach (var group in groups)
        {
            int units = group.UnitCount(channels);
            if (classes > 0)
            {
                _pure[group] = new ClassPurity(
                    units, store.Images, image => labels[image], classes, group.IsDictionary
                        ? 0 : UnitGroup.NeuronThreshold, seed: context.Settings.Seed);
                observers.Add((group, _pure[group]));
            }
            if (embeddings is null) continue;
            _alike[group] = new Monosemanticity(units, embeddings);
            observers.Add((group, new ImageSubset(_alike[group], embeddings.Images.ToHashSet())));
        }
        Observers = observers.ToLookup(pair => pair.Group, pair => pair.Observer);
    }

    /// <summary>What the pass feeds.</summary>
    public ILookup<UnitGroup, IUnitObserver> Observers { get; }

    /// <summary>The scores of a group, by unit.</summary>
    /// <param name="statistics">Of the pass, with at least <see cref="Uniqueness.SetSize"/> examples a unit.</param>
    /// <param name="truth">The group against the truth; null where it is not known.</param>
    public IReadOnlyList<UnitScores> Of(GroupStatistics statistics, ConceptSummary? truth)
    {
        var pure = _pure.GetValueOrDefault(statistics.Group)?.Finish();
        var alike = _alike.GetValueOrDefault(statistics.Group)?.Finish();
        var sets = Uniqueness.Sets(statistics);
        var (unique, random) = (Uniqueness.Of(sets), Uniqueness.Random(sets, statistics.Images, _seed));
        return
        [
            .. statistics.Units.Select((_, unit) => new UnitScores
            {
                Monosemanticity = Known(alike?[unit].Score), MonosemanticityShuffled = Known(alike?[unit].Shuffled),
                Purity = Known(pure?[unit].Weighted), PurityShuffled = Known(pure?[unit].ShuffledWeighted),
                    Uniqueness = Known(unique[unit].Nearest),
                UniquenessRandom = Known(random[unit].Nearest),
                BestFactor = truth?.PerUnit[unit].Concept, BestF1 = Known(truth?.PerUnit[unit].F1),
                    BestAuroc = Known(truth?.PerUnit[unit].Auroc),
            }),
        ];
    }

    /// <summary>The network that judges; the caller disposes it.</summary>
    /// <exception cref="FoveaException">Its weights are missing, or another network's.</exception>
    public static ImageModel BuildJudge(RunContext context, JudgeSettings settings)
    {
        Preprocessing own = context.Preprocessing, seen = settings.Size is { } side
            ? new Preprocessing(side, side, own.Mean, own.Std, own.Interpolation) : own;
        return ModelStage.Build(
            context, new ModelSettings { Architecture = settings.Architecture, Weights = settings.Weights }, settings.Classes, seen);
    }

    private static double? Known(double? value) => value is { } number && double.IsFinite(number) ? number : null;

    private static ImageEmbeddings Judge(RunContext context, JudgeSettings settings, IReadOnlyList<int> images)
    {
        using var network = BuildJudge(context, settings);
        int[] drawn =
            [.. new CounterRandom(context.Settings.Seed, "features/judge", 0).Permutation(images.Count).Take(settings.Images).Order()
                .Select(i => images[i])];
        context.Report(FeatureStage.StageName, 0, drawn.Length, "images", $"{settings.Architecture} looks at images");
        return ImageEmbeddings.Compute(network, context.Harvested, drawn, cancellationToken: context.Cancellation);
    }
}
