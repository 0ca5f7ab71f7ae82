namespace Fovea.Interventions.Effects;

/// <summary>What curves are made of.</summary>
public sealed record CurveOptions
{
    /// <summary>Classes, drawn by the seed from those with at least four of the images.</summary>
    public int Classes { get; init; } = 10;

    /// <summary>Images of these classes in all, shared evenly; half of a class's to rank units on, half to judge.</summary>
    public int Images { get; init; } = 400;

    /// <summary>Points on the way from 0 at which integrated gradients are taken; 0: the derivative at the image.</summary>
    public int IntegrationSteps { get; init; } = 8;

    /// <summary>As <see cref="EffectOptions.OfPredictedClass"/>.</summary>
    public bool OfPredictedClass { get; init; }

    /// <summary>Decides what is drawn.</summary>
    public ulong Seed { get; init; } = 1;
}

/// <summary>Units whose curve is made.</summary>
/// <param name="Name"><c>neurons</c>, a dictionary's name, <c>pca</c>, <c>random</c>.</param>
/// <param name="Dictionary">The dictionary, which stays its owner's; null for neurons.</param>
/// <param name="IsBaseline">Whether it is a yardstick.</param>
public sealed record CurveUnits(string Name, Dictionaries.IFeatureDictionary? Dictionary, bool IsBaseline = false);
