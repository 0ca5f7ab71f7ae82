namespace Fovea.Visualization.Parameterizations;

/// <summary>
/// The grid of a real picture's discrete Fourier transform, <c>[H, W/2 + 1]</c>: rows 0, 1, …, −2, −1, columns 0 … W/2, over the sides.
/// </summary>
internal static class Frequencies
{
    /// <summary>Columns of the transform of a picture of the given width, even or odd.</summary>
    public static int Columns(int width) => width / 2 + 1;

    /// <summary>Frequency of a row in cycles a pixel, from −1/2 to 1/2.</summary>
    public static double Row(int row, int height) => (double)(row < (height + 1) / 2 ? row : row - height) / height;

    /// <summary>max(|f|, 1 / longer side)^−decay for every frequency, row by row: the constant is treated as the slowest wave.</summary>
    public static double[] Decay(int height, int width, double exponent)
    {
        int columns = Columns(width);
        double slowest = 1.0 / Math.Max(height, width);
        var values = new double[height * columns];
        for (int row = 0; row < height; row++)
        {
            double y = Row(row, height);
            for (int column = 0; column < columns; column++)
            {
                double x = (double)column / width;
                values[row * columns + column] = Math.Pow(Math.Max(Math.Sqrt(x * x + y * y), slowest), -exponent);
            }
        }
        return values;
    }
}
