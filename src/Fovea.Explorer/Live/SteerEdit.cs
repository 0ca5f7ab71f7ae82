namespace Fovea.Explorer.Live;

/// <summary>What becomes of a unit's value.</summary>
public enum SteerKind
{
    /// <summary>It is multiplied.</summary>
    Scale,

    /// <summary>It becomes a number.</summary>
    Set,

    /// <summary>A number is added.</summary>
    Add,
}

/// <summary>What a number is counted in.</summary>
public enum SteerMeasure
{
    /// <summary>The unit's own activation.</summary>
    Value,

    /// <summary>Its largest activation in the run's images.</summary>
    Max,

    /// <summary>The 99.9th percentile of its activations there.</summary>
    P999,
}

/// <summary>One change that a reader makes.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Source"><c>neurons</c>, or the dictionary's name.</param>
/// <param name="Unit">Channel or latent.</param>
/// <param name="Kind">What becomes of it.</param>
/// <param name="Amount">By how much.</param>
/// <param name="Of">What the amount is counted in; of a factor nothing but the value.</param>
/// <param name="Positions">Rows and columns where it is made; null: everywhere.</param>
public sealed record SteerEdit(
    string Layer, string Source, int Unit, SteerKind Kind, double Amount, SteerMeasure Of = SteerMeasure.Value,
    IReadOnlyList<(int Y, int X)>? Positions = null)
{
    /// <summary>Whether two change the same unit.</summary>
    public bool IsOfSameUnit(SteerEdit other) => (Layer, Source, Unit) == (other.Layer, other.Source, other.Unit);
}

/// <summary>All changes of a state.</summary>
/// <param name="Edits">In their order.</param>
/// <param name="KeepsError">Whether what dictionaries do not explain stays.</param>
public sealed record Steering(IReadOnlyList<SteerEdit> Edits, bool KeepsError)
{
    /// <summary>No change.</summary>
    public static Steering None { get; } = new([], true);
}
