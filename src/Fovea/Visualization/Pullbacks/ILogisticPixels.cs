namespace Fovea.Visualization.Pullbacks;

/// <summary>A parameterisation rgb = σ(A·t) with t on the picture's pixels, which <see cref="ColourPullback"/> serves.</summary>
internal interface ILogisticPixels
{
    /// <summary>A, <c>[3, 3]</c>.</summary>
    double[,] Matrix { get; }
}
