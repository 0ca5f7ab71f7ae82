using Fovea.Dictionaries;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

/// <summary>Vectors with a known structure for the plain dictionaries.</summary>
internal static class BaselineSamples
{
    public static long[] Rows(long count) => [.. Enumerable.Range(0, (int)count).Select(row => (long)row)];

    public static long[] Rows(ArrayVectors source) => Rows(source.Count);

    /// <summary>rows × columns numbers, each from a generator of its own row.</summary>
    public static double[,] Matrix(int rows, int columns, string stage, Func<CounterRandom, double> draw)
    {
        var matrix = new double[rows, columns];
        for (int i = 0; i < rows; i++)
        {
            var random = new CounterRandom(21, stage, i);
            for (int j = 0; j < columns; j++) matrix[i, j] = draw(random);
        }
        return matrix;
    }

    public static double[,] Product(double[,] a, double[,] b)
    {
        var product = new double[a.GetLength(0), b.GetLength(1)];
        for (int i = 0; i < a.GetLength(0); i++)
            for (int j = 0; j < b.GetLength(1); j++)
                for (int k = 0; k < b.GetLength(0); k++) product[i, j] += a[i, k] * b[k, j];
        return product;
    }

    public static ArrayVectors Source(double[,] matrix, double shift = 0)
    {
        var values = new float[matrix.Length];
        Buffer.BlockCopy(
            matrix.Cast<double>().Select(value => (float)(value + shift)).ToArray(), 0, values, 0, values.Length * sizeof(float));
        return new ArrayVectors(values, matrix.GetLength(1));
    }

    /// <summary>Vectors with unequal variances along oblique directions and a mean far from zero.</summary>
    public static ArrayVectors Oblique(int rows, int inputs, double shift = 0)
    {
        var sources = Matrix(rows, inputs, "oblique", random => random.NextGaussian());
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < inputs; j++) sources[i, j] *= 3.0 / (1 + j);
        return Source(Product(sources, Matrix(inputs, inputs, "oblique/mix", random => random.NextGaussian())), shift);
    }

    public static Tensor Read(ArrayVectors source)
    {
        var values = new float[source.Count * source.Dimension];
        source.Read(Rows(source), values);
        return tensor(values, [source.Count, source.Dimension]);
    }

    public static DictionaryScores Measure(IFeatureDictionary dictionary, ArrayVectors source) =>
        DictionaryEvaluation.Measure(dictionary, source, Rows(source));

    public static double Fvu(IFeatureDictionary dictionary, ArrayVectors source) => Measure(dictionary, source).Scores.Fvu;
}
