namespace Fovea.Interpretation.Relations;

/// <summary>A unit near another one.</summary>
/// <param name="Unit">Its number.</param>
/// <param name="Cosine">The cosine between what is compared of the two: directions, or profiles over classes.</param>
public readonly record struct RelatedUnit(int Unit, double Cosine);

/// <summary>A unit that is active where another one is.</summary>
/// <param name="Unit">Its number.</param>
/// <param name="Together">Positions at which both are active.</param>
/// <param name="Own">Positions at which it is.</param>
/// <param name="Overlap">Of the positions at which one of them is active, the share at which both are (Jaccard's index), 0 to 1.</param>
/// <param name="Lift">How many times as often they are active together as they would be if each fired without regard to the other; 1 is
/// chance.</param>
public readonly record struct CoActiveUnit(int Unit, int Together, int Own, double Overlap, double Lift);
