namespace Fovea.Training;

/// <summary>How much an error analysis shows.</summary>
public sealed record ErrorAnalysisOptions
{
    /// <summary>Classes at each end.</summary>
    public int Classes { get; init; } = 5;

    /// <summary>Confused pairs.</summary>
    public int Pairs { get; init; } = 5;

    /// <summary>
    /// A class of fewer images stands after the others and is in no confusion: one miss of one image is no accuracy of 0 %.
    /// </summary>
    public int FewestImages { get; init; } = 5;

    /// <summary>Example images of each class and pair.</summary>
    public int Examples { get; init; } = 3;
}
