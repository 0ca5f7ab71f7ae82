using static TorchSharp.torch;

namespace Fovea.Visualization.Parameterizations;

/// <summary>Independent coordinates to colours and back: a matrix <c>[3, 3]</c> at every pixel.</summary>
internal sealed class ColourMix(double[,] matrix)
{
    /// <summary>Colours are pulled this far from 0 and 1 before the logistic function is inverted.</summary>
    public const double Epsilon = 1e-4;

    private readonly double[,] _inverse = Invert(matrix);

    /// <summary>The name of a root in captions.</summary>
    public static string Describe(ColourRoot root) => root == ColourRoot.Cholesky ? "Cholesky" : "principal axes";

    /// <summary>factor · M · t.</summary>
    public Tensor Apply(Tensor images, double factor) => Multiply(images, matrix, factor);

    /// <summary>factor · M.</summary>
    public double[,] Times(double factor)
    {
        var product = new double[3, 3];
        for (int k = 0; k < 9; k++) product[k / 3, k % 3] = factor * matrix[k / 3, k % 3];
        return product;
    }

    /// <summary>t from factor · M · t.</summary>
    public Tensor Undo(Tensor colours, double factor) => Multiply(colours, _inverse, 1 / factor);

    /// <summary>A 1×1 convolution.</summary>
    private static Tensor Multiply(Tensor images, double[,] matrix, double factor)
    {
        using var scope = NewDisposeScope();
        var entries = new double[9];
        for (int k = 0; k < 9; k++) entries[k] = factor * matrix[k / 3, k % 3];
        return nn.functional.conv2d(images, tensor(entries, [3, 3, 1, 1], dtype: images.dtype, device: images.device))
            .MoveToOuterDisposeScope();
    }

    /// <summary>Cofactors over the determinant; indices wrap round, which gives each cofactor its sign.</summary>
    private static double[,] Invert(double[,] m)
    {
        var inverse = new double[3, 3];
        double determinant = 0;
        for (int j = 0; j < 3; j++) determinant += m[0, j] * Cofactor(0, j);
        for (int i = 0; i < 3; i++)
        {
            for (int j = 0; j < 3; j++) inverse[i, j] = Cofactor(j, i) / determinant;
        }
        return inverse;
        double Cofactor(int i, int j)
        {
            (int i1, int i2, int j1, int j2) = ((i + 1) % 3, (i + 2) % 3, (j + 1) % 3, (j + 2) % 3);
            return m[i1, j1] * m[i2, j2] - m[i1, j2] * m[i2, j1];
        }
    }
}
