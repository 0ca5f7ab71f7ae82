using Fovea.Numerics;
namespace Fovea.Interpretation;

/// <summary>
/// How well each unit's value tells each concept, over the positions of all images, as a detector that says yes where the value is at least
/// t:
/// <code>
/// best F1 = max over t of 2 TP / (yes + P),   AUROC = P(value where shown &gt; value where not) + ½ P(equal)
/// </code>
/// exact, by sorting, with ties as one step. t runs over all values, the least too, where the answer is yes everywhere: no unit is below 2p
/// / (1 + p), and one that is the same everywhere scores just that, and AUROC ½. Both are NaN for a concept that is never shown, AUROC also
/// for one that always is.
/// </summary>
public sealed class ConceptScores
{
    private readonly float[] _f1, _auroc;
    private readonly int[] _active;

    /// <summary>Nothing scored yet.</summary>
    /// <param name="truth">What is true at every position.</param>
    /// <param name="units">Number of units.</param>
    internal ConceptScores(ConceptTruth truth, int units)
    {
        (Truth, Units, _active) = (truth, units, new int[units]);
        (_f1, _auroc) = (new float[checked(units * truth.Concepts.Count)], new float[checked(units * truth.Concepts.Count)]);
    }

    /// <summary>The truth that was scored against.</summary>
    public ConceptTruth Truth { get; }

    /// <summary>Number of units.</summary>
    public int Units { get; }

    /// <summary>Scores the values of some units.</summary>
    /// <param name="columns">The values at every position of exactly the images of <paramref name="truth"/>, in any order.</param>
    /// <param name="truth">What is true there, on the same grid.</param>
    /// <exception cref="FoveaException">Other images, or another grid.</exception>
    public static ConceptScores Of(UnitColumns columns, ConceptTruth truth)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(truth);
        var scores = new ConceptScores(truth, columns.Units);
        scores.Add(columns, 0);
        return scores;
    }

    /// <summary>Scores some neighbouring units.</summary>
    /// <param name="columns">Their values.</param>
    /// <param name="firstUnit">The first of them.</param>
    /// <exception cref="FoveaException">Other images, or another grid.</exception>
    internal void Add(UnitColumns columns, int firstUnit)
    {
        if (columns.Images.Count != Truth.Images.Count || columns.Grid != (Truth.Height, Truth.Width))
        {
            throw FoveaException.BadData($"Values of {columns.Images.Count} images of {columns.Grid.Height}×{columns.Grid.Width} positions "
                + $"cannot be scored against a truth of {Truth.Images.Count} images of {Truth.Height}×{Truth.Width}.");
        }
        int[] firstRows = [.. columns.Images.Select(Truth.FirstRow)];
        int positions = Truth.Height * Truth.Width, concepts = Truth.Concepts.Count;
        ParallelLoop.For(columns.Units, unit =>
        {
            var (values, places) = columns.Sorted(unit);
            var rows = new int[places.Length];
            for (int i = 0; i < rows.Length; i++) rows[i] = firstRows[places.Span[i] / positions] + places.Span[i] % positions;
            _active[firstUnit + unit] = rows.Length;
            int at = (firstUnit + unit) * concepts;
            new ConceptSweep(Truth).Run(values.Span, rows, _f1.AsSpan(at, concepts), _auroc.AsSpan(at, concepts));
        });
    }

    /// <summary>Positions at which a unit is not zero.</summary>
    public int Active(int unit) => _active[unit];

    /// <summary>The largest F1 of a unit for a concept over all thresholds; NaN where the concept is never shown.</summary>
    public double F1(int unit, int concept) => _f1[unit * Truth.Concepts.Count + concept];

    /// <summary>The area under the ROC curve; NaN where the concept is shown nowhere or everywhere.</summary>
    public double Auroc(int unit, int concept) => _auroc[unit * Truth.Concepts.Count + concept];

    /// <summary>
    /// How much of the way from the floor to 1 the F1 has gone, (F1 − f) / (1 − f) with f = 2p / (1 + p): fair between common and rare
    /// concepts.
    /// </summary>
    public double Skill(int unit, int concept)
    {
        // In single precision as F1 is kept: rounding is no skill.
        double floor = (float)Truth.FloorF1(concept);
        return (F1(unit, concept) - floor) / (1 - floor);
    }
}
