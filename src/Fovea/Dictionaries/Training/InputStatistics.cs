using Fovea.Activations;
using Fovea.Dictionaries.Kernels;
using Fovea.Distributed;

namespace Fovea.Dictionaries.Training;

/// <summary>
/// What a training must know of its vectors before the first step: from one pass in the order of the rows, in float64; from a second where
/// long vectors are capped. Where batches are cut into shards, so are the rows: each process looks at its shards', and all add those of all in their order.
/// </summary>
/// <param name="Mean">x̄, <c>[d]</c>.</param>
/// <param name="MeanSquaredLength">E‖x‖².</param>
/// <param name="Outliers">The long ones, before capping.</param>
internal sealed record InputStatistics(double[] Mean, double MeanSquaredLength, VectorOutliers Outliers)
{
    private const int RowsAtOnce = 4096;

    /// <summary>s with E‖s·x‖² = d, or 1 where every vector is zero.</summary>
    public double Scale => MeanSquaredLength > 0 ? Math.Sqrt(Mean.Length / MeanSquaredLength) : 1;

    /// <param name="source">The vectors as they are.</param>
    /// <param name="rows">The rows to train on.</param>
    /// <param name="cap">Longer vectors than this times the median length are shortened to it; null: none.</param>
    /// <param name="cancellation">Stops the pass.</param>
    /// <param name="shards">How batches are cut, and who has which part; null: they are not.</param>
    /// <exception cref="FoveaException">
    /// Numerical: a vector holds NaN or infinity; the message names its row. Data: there is a cap and no median length to measure it by.
    /// </exception>
    public static InputStatistics Measure(
        IVectorSource source, RowSet rows, double? cap, CancellationToken cancellation, BatchShards? shards = null)
    {
        var lengths = new LengthHistogram();
        var (mean, squared) = Pass(source, rows, lengths, shards, cancellation);
        double factor = cap ?? VectorOutliers.DefaultFactor, median = lengths.Median();
        if (cap is not null && median == 0)
            throw FoveaException.BadData(
                "Half of the vectors or more are zero: there is no median length to cap by. Leave the cap out, or train on a filter that "
                    + "draws other positions.");
        var (count, energy) = lengths.Above(factor * median);
        var outliers =
            new VectorOutliers { MedianLength = median, Factor = factor, Count = count, EnergyShare = energy, Capped = cap is not null };
        if (cap is not null)
            (mean, squared) = Pass(new CappedVectors(source, outliers.MaximumLength), rows, new LengthHistogram(), shards, cancellation);
        return new InputStatistics(mean, squared, outliers);
    }

    private static (double[] Mean, double MeanSquaredLength) Pass(
        IVectorSource source, RowSet rows, LengthHistogram lengths, BatchShards? shards, CancellationToken cancellation)
    {
        var sums = new double[source.Dimension];
        double squares = shards is null ? Add(source, rows, 0, rows.Count, lengths, sums, cancellation)
            : AddShards(source, rows, lengths, shards, sums, cancellation);
        for (int i = 0; i < sums.Length; i++) sums[i] /= rows.Count;
        return (sums, squares / rows.Count);
    }

    /// <summary>The sums over all shards of the rows, those of this process looked at here.</summary>
    /// <returns>Σ‖x‖².</returns>
    private static double AddShards(
        IVectorSource source, RowSet rows, LengthHistogram lengths, BatchShards shards, double[] sums, CancellationToken cancellation)
    {
        int length = sums.Length + 1 + LengthHistogram.Length;
        var own = new double[shards.LocalCount * length];
        for (int shard = 0; shard < shards.LocalCount; shard++)
        {
            long number = shards.Ranks.Rank * shards.LocalCount + shard;
            var part = own.AsSpan(shard * length, length);
            var found = new double[sums.Length];
            var histogram = new LengthHistogram();
            part[sums.Length] = Add(
                source, rows, First(number), First(number + 1), histogram, found, cancellation);
            found.CopyTo(part);
            histogram.Save(part[(sums.Length + 1)..]);
        }
        double[] all = shards.Ranks.All<double>(own);
        double squares = 0;
        for (int shard = 0; shard < shards.Count; shard++)
        {
            var part = all.AsSpan(shard * length, length);
            for (int i = 0; i < sums.Length; i++) sums[i] += part[i];
            squares += part[sums.Length];
            lengths.Merge(part[(sums.Length + 1)..]);
        }
        return squares;

        long First(long number) => (long)((Int128)rows.Count * number / shards.Count);
    }

    private static double Add(
        IVectorSource source, RowSet rows, long first, long last, LengthHistogram lengths, double[] sums, CancellationToken cancellation)
    {
        int dimension = source.Dimension;
        var buffer = new float[checked(Math.Min(RowsAtOnce, last - first) * dimension)];
        long[] numbers = new long[(int)Math.Min(RowsAtOnce, last - first)], next = new long[numbers.Length];
        double squares = 0;
        for (long start = first; start < last; start += RowsAtOnce)
        {
            cancellation.ThrowIfCancellationRequested();
            var some = numbers.AsSpan(0, (int)Math.Min(RowsAtOnce, last - start));
            rows.Read(start, some);
            source.Read(some, buffer.AsSpan(0, some.Length * dimension));
            source.Release();
            if (start + some.Length < last)
            {
                var following = next.AsSpan(0, (int)Math.Min(RowsAtOnce, last - start - some.Length));
                rows.Read(start + some.Length, following);
                source.Expect(following);
            }
            for (int row = 0; row < some.Length; row++)
            {
                double length = AddRow(buffer.AsSpan(row * dimension, dimension), sums);
                if (!double.IsFinite(length))
                    throw FoveaException.NumericalFailure(
                        $"Vector {some[row]} holds NaN or infinity. Harvest the layer again, or leave the vector out.");
                squares += length;
                lengths.Add(length);
            }
        }
        return squares;
    }

    private static double AddRow(ReadOnlySpan<float> vector, Span<double> sums)
    {
        double length = 0;
        for (int i = 0; i < vector.Length; i++)
        {
            double value = vector[i];
            sums[i] += value;
            length += value * value;
        }
        return length;
    }
}
