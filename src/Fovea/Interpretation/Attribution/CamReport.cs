namespace Fovea.Interpretation.Attribution;

/// <summary>What one method did over all images. Fractions are of the images.</summary>
/// <param name="Name">The method, a name of <see cref="ClassActivationMaps.Methods"/>.</param>
/// <param name="Formula">The formula of what is drawn from, for captions.</param>
/// <param name="AllZero">Maps that are zero (or NaN) everywhere as they are drawn from: sampling falls back to uniform.</param>
/// <param name="NowherePositive">Signed maps without a positive value: what a rectified method fails on, the cause of the paper's 71.8 %.</param>
/// <param name="Silent">Signed maps that are zero everywhere: what is left where the absolute value is taken, the cure.</param>
/// <param name="NegativeSum">Signed maps whose sum is not positive: the position-wise evidence speaks against the class as a whole.</param>
/// <param name="AllZeroWhereRight">The first among images that the network classifies rightly; null where there are none.</param>
/// <param name="AllZeroWhereWrong">The first among the others; null where there are none.</param>
/// <param name="PositiveArea">Mean share of positions with a positive signed value.</param>
public sealed record CamSummary(string Name, string Formula, double AllZero, double NowherePositive, double Silent, double NegativeSum, double? AllZeroWhereRight,
    double? AllZeroWhereWrong, double PositiveArea);

/// <summary>Class activation maps at one layer over a set of images.</summary>
public sealed record CamReport
{
    /// <summary>The layer.</summary>
    public required string Layer { get; init; }

    /// <summary>Height and width of the maps.</summary>
    public required IReadOnlyList<int> Grid { get; init; }

    /// <summary>Number of images.</summary>
    public required int Images { get; init; }

    /// <summary>Share of the images whose class the network gives the largest logit.</summary>
    public required double Top1 { get; init; }

    /// <summary>Which class the maps are of.</summary>
    public required CamClass Class { get; init; }

    /// <summary>The methods.</summary>
    public required IReadOnlyList<CamSummary> Methods { get; init; }

    /// <summary>Mean cosine between the maps of two methods as they are drawn from, in the order of <see cref="Methods"/>; images where either is constant are left out, and
    /// NaN stands where all are.</summary>
    public required double[][] Cosine { get; init; }

    /// <summary>Mean rank correlation (Spearman) of the same.</summary>
    public required double[][] Spearman { get; init; }
}

/// <summary>Which class a map is of.</summary>
public enum CamClass
{
    /// <summary>The image's own, as in the paper.</summary>
    True,

    /// <summary>The one with the largest logit.</summary>
    Predicted,
}
