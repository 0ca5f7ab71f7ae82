using Fovea.Autoencoders;

namespace Fovea.Tests.Autoencoders;

/// <summary>
/// Vectors that are sums of a few known directions: x = Σ aᵢ dᵢ over some latents, dᵢ random of length 1, aᵢ uniform in 0.5 … 1.5.
/// An autoencoder has learned the dictionary where each direction has a decoder row of its own.
/// </summary>
internal sealed class PlantedDictionary
{
    private readonly double[][] _directions;

    public PlantedDictionary(int inputs, int latents, int active, int vectors, ulong seed)
    {
        _directions = [.. Enumerable.Range(0, latents).Select(latent => Direction(inputs, seed, latent))];
        Values = new float[vectors * inputs];
        Parallel.For(0, vectors, row =>
        {
            var random = new CounterRandom(seed, "planted/vector", row);
            var chosen = new HashSet<int>();
            while (chosen.Count < active) chosen.Add(random.NextInt(latents));
            foreach (int latent in chosen.Order())
            {
                double amount = random.NextDouble(0.5, 1.5);
                for (int i = 0; i < inputs; i++) Values[row * inputs + i] += (float)(amount * _directions[latent][i]);
            }
        });
        Inputs = inputs;
    }

    public int Inputs { get; }

    public float[] Values { get; }

    public ArrayVectors Source => new(Values, Inputs);

    /// <summary>Mean cosine between planted directions and decoder rows after matching one to one, by the Hungarian algorithm.</summary>
    public double Recovery(SparseAutoencoder autoencoder)
    {
        using var decoder = autoencoder.DecoderWeight.contiguous();
        var rows = decoder.data<float>().ToArray().Chunk(Inputs).ToArray();
        var cost = new double[_directions.Length, rows.Length];
        for (int i = 0; i < _directions.Length; i++)
        {
            for (int j = 0; j < rows.Length; j++)
            {
                double dot = 0, length = 0;
                for (int k = 0; k < Inputs; k++) (dot, length) = (dot + _directions[i][k] * rows[j][k], length + rows[j][k] * rows[j][k]);
                cost[i, j] = -dot / Math.Sqrt(Math.Max(length, 1e-30));
            }
        }
        return -LeastCost(cost) / _directions.Length;
    }

    /// <summary>Sum of the cheapest one-to-one assignment of rows to columns (rows ≤ columns; shortest augmenting paths with potentials).</summary>
    internal static double LeastCost(double[,] cost)
    {
        int rows = cost.GetLength(0), columns = cost.GetLength(1);
        double[] u = new double[rows + 1], v = new double[columns + 1];
        int[] matched = new int[columns + 1], way = new int[columns + 1];
        for (int row = 1; row <= rows; row++)
        {
            matched[0] = row;
            int column = 0;
            var least = Enumerable.Repeat(double.PositiveInfinity, columns + 1).ToArray();
            var used = new bool[columns + 1];
            do
            {
                used[column] = true;
                int next = 0;
                double delta = double.PositiveInfinity;
                for (int j = 1; j <= columns; j++)
                {
                    if (used[j]) continue;
                    double reduced = cost[matched[column] - 1, j - 1] - u[matched[column]] - v[j];
                    if (reduced < least[j]) (least[j], way[j]) = (reduced, column);
                    if (least[j] < delta) (delta, next) = (least[j], j);
                }
                for (int j = 0; j <= columns; j++)
                {
                    if (used[j]) (u[matched[j]], v[j]) = (u[matched[j]] + delta, v[j] - delta);
                    else least[j] -= delta;
                }
                column = next;
            }
            while (matched[column] != 0);
            for (; column != 0; column = way[column]) matched[column] = matched[way[column]];
        }
        double sum = 0;
        for (int j = 1; j <= columns; j++)
            if (matched[j] != 0) sum += cost[matched[j] - 1, j - 1];
        return sum;
    }

    private static double[] Direction(int inputs, ulong seed, int latent)
    {
        var random = new CounterRandom(seed, "planted/direction", latent);
        var direction = Enumerable.Range(0, inputs).Select(_ => random.NextGaussian()).ToArray();
        double length = Math.Sqrt(direction.Sum(value => value * value));
        return [.. direction.Select(value => value / length)];
    }
}
