using System.Runtime.InteropServices;
using Fovea.Activations;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Plain;

/// <summary>Reads rows of a source as tensors, batch by batch in the order given.</summary>
internal static class VectorBatches
{
    /// <summary>Checks a fit's arguments.</summary>
    /// <exception cref="FoveaException">Data: there are no rows. Configuration: an option cannot be used.</exception>
    public static BaselineOptions Check(IVectorSource source, RowSet rows, BaselineOptions? options, string what)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(rows);
        options ??= new BaselineOptions();
        options.Validate();
        if (rows.Count == 0) throw FoveaException.BadData($"There are no vectors to fit {what} to.");
        rows.RequireWithin(source);
        return options;
    }

    /// <summary>
    /// Calls <paramref name="use"/> with each batch <c>[b, d]</c> float32 and its place in <paramref name="rows"/>, in a dispose scope of
    /// its own.
    /// </summary>
    /// <exception cref="FoveaException">Numerical: a vector holds NaN or infinity; the message names its row.</exception>
    public static void ForEach(IVectorSource source, RowSet rows, int batchRows, CancellationToken cancellation, Action<Tensor, long> use)
    {
        using var frozen = no_grad();
        var numbers = new long[(int)Math.Min(batchRows, rows.Count)];
        for (long start = 0; start < rows.Count; start += batchRows)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var some = numbers.AsSpan(0, (int)Math.Min(batchRows, rows.Count - start));
            rows.Read(start, some);
            var batch = empty([some.Length, source.Dimension], ScalarType.Float32);
            var values = MemoryMarshal.Cast<byte, float>(batch.bytes);
            source.Read(some, values);
            source.Release();
            for (int i = 0; i < values.Length; i++)
            {
                if (!float.IsFinite(values[i]))
                    throw FoveaException.NumericalFailure(
                        $"Vector {some[i / source.Dimension]} holds NaN or infinity. Harvest the layer again, or leave the vector out.");
            }
            use(batch, start);
        }
    }

    /// <summary><paramref name="count"/> of the rows without replacement, in their order; all where there are not more.</summary>
    public static RowSet Sample(RowSet rows, int count, ulong seed) => rows.Sample(count, seed, "baseline/sample");

    /// <summary>The rows as one tensor <c>[rows, d]</c>, float32: for a sample.</summary>
    public static Tensor ReadAll(IVectorSource source, RowSet rows, int batchRows, CancellationToken cancellation)
    {
        var all = empty([rows.Count, source.Dimension], ScalarType.Float32);
        ForEach(source, rows, batchRows, cancellation, (batch, start) => all.narrow(0, start, batch.shape[0]).copy_(batch));
        return all;
    }

    /// <summary>Parts of at most <paramref name="size"/> rows of a tensor: views, to be used inside a dispose scope.</summary>
    public static IEnumerable<(long Start, long Length)> Parts(long rows, long size)
    {
        for (long start = 0; start < rows; start += size) yield return (start, Math.Min(size, rows - start));
    }

    /// <summary>
    /// A tensor of standard normal numbers whose row i is drawn from (seed, stage, i), float64. In libtorch's own memory: a tensor over a
    /// .NET array lies where the collector put the array, and the last digit of a matrix product can depend on that.
    /// </summary>
    public static Tensor Normal(ulong seed, string stage, int rows, int columns)
    {
        var normal = empty([rows, columns], ScalarType.Float64);
        var values = MemoryMarshal.Cast<byte, double>(normal.bytes);
        for (int row = 0; row < rows; row++)
        {
            var random = new CounterRandom(seed, stage, row);
            for (int i = 0; i < columns; i++) values[row * columns + i] = random.NextGaussian();
        }
        return normal;
    }
}
