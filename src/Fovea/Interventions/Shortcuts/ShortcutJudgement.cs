using Fovea.Interpretation.Shortcuts;

namespace Fovea.Interventions.Shortcuts;

/// <summary>Answers on the test images of one class, group by group.</summary>
internal sealed class ShortcutJudgement
{
    private readonly IReadOnlyList<int> _labels;
    private readonly GroupResampling _groups;
    private readonly bool[] _before;
    private readonly bool[]? _reference;

    /// <param name="labels">Classes of the images.</param>
    /// <param name="member">Which are of the suspected group.</param>
    /// <param name="label">The class.</param>
    /// <param name="before">What the network says.</param>
    /// <param name="reference">What the reference network says; null without one.</param>
    /// <param name="seed">Decides the draws of intervals.</param>
    public ShortcutJudgement(
        IReadOnlyList<int> labels, bool[] member, int label, IReadOnlyList<int> before, IReadOnlyList<int>? reference, ulong seed)
    {
        _labels = labels;
        _groups = new GroupResampling([.. labels.Select((own, i) => Cell(own == label, member[i]))], 4, seed);
        _before = Right(before);
        _reference = reference is null ? null : Right(reference);
    }

    /// <summary>The mean accuracy of the groups.</summary>
    public double Mean(IReadOnlyList<int> said) => _groups.Mean(Right(said));

    /// <summary>Everything about some answers.</summary>
    public MutingOutcome Of(string name, int size, IReadOnlyList<int> said, IReadOnlyList<int>? units = null)
    {
        bool[] right = Right(said);
        return new MutingOutcome
        {
            Name = name,
            Size = size,
            Units = units,
            Groups = [.. from ofClass in (bool[])[true, false]
                         from inGroup in (bool[])[true, false]
                         let count = _groups.Count(Cell(ofClass, inGroup), right)
                         select new GroupAccuracy(ofClass, inGroup, count.Images, Intervals.Wilson(count.Right, count.Images))],
            Worst = _groups.Worst(right),
            Balanced = _groups.Balanced(right),
            WorstGain = _groups.WorstGain(right, _before),
            BalancedGain = _groups.BalancedGain(right, _before),
            WorstWonBack = _reference is null ? null : _groups.WorstWonBack(right, _before, _reference),
            BalancedWonBack = _reference is null ? null : _groups.BalancedWonBack(right, _before, _reference),
        };
    }

    private static int Cell(bool ofClass, bool inGroup) => (ofClass ? 0 : 2) + (inGroup ? 0 : 1);

    private bool[] Right(IReadOnlyList<int> said) => [.. said.Select((answer, i) => answer == _labels[i])];
}
