namespace Fovea.Interpretation;

/// <summary>How units are scored against the truth of ShapesWorld.</summary>
public sealed record ConceptOptions
{
    /// <summary>Images, the first of the source: every prefix has all classes alike.</summary>
    public int Images { get; init; } = 2000;

    /// <summary>The images to choose the first <see cref="Images"/> of, as indices of the source; null: all.</summary>
    public IReadOnlyList<int>? Among { get; init; }

    /// <summary>Share of a position's cell that must show a concept.</summary>
    public double Share { get; init; } = ConceptTruth.DefaultShare;

    /// <summary>Concepts shown at fewer positions are left out.</summary>
    public int MinimumPositives { get; init; } = 30;

    /// <summary>
    /// Concepts shown at a larger share of the positions take no part in a unit's best: the F1 of saying yes everywhere would be 0.4 and
    /// more.
    /// </summary>
    public double MaximumPrevalence { get; init; } = 0.25;

    /// <summary>Whether random directions are scored beside each group: as many, on the same layer.</summary>
    public bool RandomDirections { get; init; } = true;

    /// <summary>Images a forward pass.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Decides random directions and shuffles.</summary>
    public ulong Seed { get; init; } = 1;

    /// <exception cref="FoveaException">A value cannot be used.</exception>
    internal void Validate()
    {
        if (Images < 2 || BatchSize < 1 || MinimumPositives < 1 || !(Share is > 0 and <= 1) || !(MaximumPrevalence is > 0 and <= 1))
        {
            throw FoveaException.BadConfiguration(
                $"Scores against the truth need two images (got {Images}), a positive batch size ({BatchSize}) and least number of "
                + $"positions ({MinimumPositives}), and shares in (0, 1] (cell {Share}, prevalence {MaximumPrevalence}).");
        }
    }
}
