using Fovea.Interpretation.Relations;

namespace Fovea.Explorer.Relations;

/// <summary>The units near one, in each sense in which they can be; what the run does not say is empty.</summary>
internal sealed record NearUnits
{
    public int Schema => 1;

    /// <summary>By cosine of decoder rows; empty for neurons, whose axes are at right angles.</summary>
    public IReadOnlyList<RelatedUnit> ByDirection { get; init; } = [];

    /// <summary>By correlation of the mean activations on the images of each class.</summary>
    public IReadOnlyList<RelatedUnit> ByClass { get; init; } = [];

    /// <summary>By the positions at which both are active; null where that is not counted (yet).</summary>
    public SharedActivity? Together { get; init; }

    /// <summary>Whether something can be counted and is not yet.</summary>
    public bool Pending { get; init; }

    /// <summary>The unit nearest to it in each other source of the layer, by the cosine of the two directions.</summary>
    public IReadOnlyList<Counterpart> Elsewhere { get; init; } = [];

    /// <summary>The unit of each other dictionary of the layer whose activity follows its own most closely, as far as that is counted.</summary>
    public IReadOnlyList<ActiveCounterpart> AlikeElsewhere { get; init; } = [];

    /// <summary>Of a latent: the channels with the largest weights in its direction of length 1, with their signs.</summary>
    public IReadOnlyList<ChannelWeight> Channels { get; init; } = [];
}

/// <summary>Units that are active where one is.</summary>
/// <param name="Positions">Positions that were looked at.</param>
/// <param name="ActiveAt">At how many of them it is active itself.</param>
/// <param name="Units">The units, the largest overlap first.</param>
internal sealed record SharedActivity(int Positions, int ActiveAt, IReadOnlyList<CoActiveUnit> Units);

/// <summary>The unit of another source that is nearest to one.</summary>
/// <param name="Source">The dictionary, or <c>neurons</c>.</param>
/// <param name="Unit">Its number.</param>
/// <param name="Cosine">The cosine of the two directions.</param>
/// <param name="Mutual">Whether the one is the nearest to it, too.</param>
internal sealed record Counterpart(string Source, int Unit, double Cosine, bool Mutual);

/// <summary>The unit of another dictionary that is active as one is.</summary>
/// <param name="Source">The dictionary.</param>
/// <param name="Unit">Its number.</param>
/// <param name="Correlation">Of the two activations over the same positions.</param>
/// <param name="Mutual">Whether the one is the likest to it, too.</param>
internal sealed record ActiveCounterpart(string Source, int Unit, double Correlation, bool Mutual);

/// <summary>A channel's weight in a direction.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Weight">−1 to 1.</param>
internal sealed record ChannelWeight(int Channel, double Weight);
