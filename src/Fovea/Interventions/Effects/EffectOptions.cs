namespace Fovea.Interventions.Effects;

/// <summary>How effects are measured.</summary>
public sealed record EffectOptions
{
    /// <summary>Units that are changed together, one list a change; null: each unit of the layer alone. A list may be empty.</summary>
    public IReadOnlyList<IReadOnlyList<int>>? Sets { get; init; }

    /// <summary>Indices of the source's images; null for all.</summary>
    public IReadOnlyList<int>? Images { get; init; }

    /// <summary>Which changes are made on which images, by the number of the set and the image's index; null: all on all.</summary>
    public Func<int, int, bool>? Where { get; init; }

    /// <summary>Whether effects are also predicted from derivatives (<see cref="EffectOutcome.Gradient"/>), which costs a backward pass an
    /// image, whatever the number of changes.</summary>
    public bool Predict { get; init; } = true;

    /// <summary>Points on the way from 0 to the layer's output at which integrated gradients are taken; 0: none.</summary>
    public int IntegrationSteps { get; init; } = 8;

    /// <summary>
    /// Whether the class that is looked at is the one that the network names on the unchanged image, not the image's own: for images whose
    /// classes are not the network's.
    /// </summary>
    public bool OfPredictedClass { get; init; }

    /// <summary>
    /// For networks without classes: in place of a class's logit, how much of the unchanged answer o is left of a changed one o′,
    /// <c>⟨o′, o⟩ / ‖o‖²</c>, 1 where nothing changes. Probability and top-1 are NaN. Images need no classes.
    /// </summary>
    public bool OfAnswer { get; init; }

    /// <summary>Images a pass up to the layer; changes results by rounding only.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Changed outputs a pass from the layer on; changes results by rounding only.</summary>
    public int PassSize { get; init; } = 32;

    /// <summary>Decides the bootstrap's draws.</summary>
    public ulong Seed { get; init; } = 1;
}
