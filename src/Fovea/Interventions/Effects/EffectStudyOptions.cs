namespace Fovea.Interventions.Effects;

/// <summary>What is measured of a layer's units.</summary>
public sealed record EffectStudyOptions
{
    /// <summary>Indices of the source's images; null for all.</summary>
    public IReadOnlyList<int>? Images { get; init; }

    /// <summary>Units that are measured where each needs passes of its own: those with the largest predicted effects.</summary>
    public int Units { get; init; } = 100;

    /// <summary>The units that are measured, by number; null: chosen by <see cref="Units"/>.</summary>
    public IReadOnlyList<int>? Chosen { get; init; }

    /// <summary>Points on the way from 0 at which integrated gradients are taken; 0: none.</summary>
    public int IntegrationSteps { get; init; } = 8;

    /// <summary>As <see cref="EffectOptions.OfPredictedClass"/>.</summary>
    public bool OfPredictedClass { get; init; }

    /// <summary>As <see cref="EffectOptions.OfAnswer"/>.</summary>
    public bool OfAnswer { get; init; }

    /// <summary>Decides what is drawn.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>As the evaluator takes them.</summary>
    internal EffectOptions ForEvaluator(IReadOnlyList<IReadOnlyList<int>>? sets) => new()
    {
        Sets = sets,
        Images = Images,
        IntegrationSteps = IntegrationSteps,
        OfPredictedClass = OfPredictedClass,
        OfAnswer = OfAnswer,
        Seed = Seed,
    };
}
