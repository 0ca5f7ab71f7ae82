using Fovea.Activations;
using Fovea.Interpretation;

namespace Fovea.Runs.Stages.Features;

/// <summary>The scores of every unit of a group that come out of the evidence pass: observers before it, figures after it.</summary>
internal sealed class UnitScoring
{
    private readonly Monosemanticity? _alike;
    private readonly ClassPurity? _pure;
    private readonly ulong _seed;

    /// <summary>Nothing seen yet.</summary>
    /// <param name="context">The run.</param>
    /// <param name="store">What the pass reads.</param>
    /// <param name="group">The units.</param>
    /// <param name="embeddings">The images in the eyes of another network; null without one.</param>
    public UnitScoring(RunContext context, ActivationStore store, UnitGroup group, ImageEmbeddings? embeddings)
    {
        _seed = context.Settings.Seed;
        int units = group.UnitCount(store.Dimension), classes = context.Harvested.Classes.Count;
        List<IUnitObserver> observers = [];
        if (classes > 0)
        {
            var labels = store.Images.Zip(store.Labels).ToDictionary(pair => pair.First, pair => pair.Second);
            _pure = new ClassPurity(
                units, store.Images, image => labels[image], classes, group.IsDictionary ? 0 : UnitGroup.NeuronThreshold,
                seed: context.Settings.Seed);
            observers.Add(_pure);
        }
        if (embeddings is not null)
        {
            _alike = new Monosemanticity(units, embeddings);
            observers.Add(new ImageSubset(_alike, embeddings.Images.ToHashSet()));
        }
        Observers = observers.ToLookup(_ => group);
    }

    /// <summary>What the pass feeds.</summary>
    public ILookup<UnitGroup, IUnitObserver> Observers { get; }

    /// <summary>The scores, by unit; those against the truth come later (<see cref="TruthScores"/>).</summary>
    /// <param name="statistics">Of the pass, with at least <see cref="Uniqueness.SetSize"/> examples a unit.</param>
    public IReadOnlyList<UnitScores> Of(GroupStatistics statistics)
    {
        var pure = _pure?.Finish();
        var alike = _alike?.Finish();
        var sets = Uniqueness.Sets(statistics);
        var (unique, random) = (Uniqueness.Of(sets), Uniqueness.Random(sets, statistics.Images, _seed));
        return
        [
            .. statistics.Units.Select((_, unit) => new UnitScores
            {
                Monosemanticity = Known(alike?[unit].Score), MonosemanticityShuffled = Known(alike?[unit].Shuffled),
                Purity = Known(pure?[unit].Weighted), PurityShuffled = Known(pure?[unit].ShuffledWeighted),
                Uniqueness = Known(unique[unit].Nearest), UniquenessRandom = Known(random[unit].Nearest),
            }),
        ];
    }

    private static double? Known(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}
