using System.Runtime.InteropServices;
using Fovea.Activations;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Plain;

/// <summary>
/// k-means (Lloyd 1982) with n centroids: the code of a vector is 1 at its nearest centroid and 0 elsewhere, the reconstruction is that
/// centroid.
/// <code>
/// i = argmin ‖x − cᵢ‖²        f = eᵢ        x̂ = cᵢ
/// </code>
/// One latent is always active, whatever <see cref="BaselineOptions.K"/> says. No mean is taken away: centroids are places, and contain the
/// mean. Seeding by k-means++ on <see cref="BaselineOptions.SampleRows"/> rows, then full passes over all rows with sums in float64, in
/// memory that does not depend on their number. Empty clusters start again at the vectors farthest from their centroid. Ends when a pass
/// lowers the sum of squares by less than the tolerance (10⁻⁴ of it), or after 50 passes.
/// </summary>
public sealed class KMeans : FittedDictionary
{
    /// <summary>Name in <see cref="BaselineDictionaries"/>.</summary>
    public const string DictionaryName = "kmeans";

    private KMeans(Tensor centroids, double squares, int iterations, bool converged)
        : base(DictionaryName, centroids, null, null, null) =>
            (MeanSquaredDistance, Iterations, Converged) = (squares, iterations, converged);

    /// <summary>E‖x − c‖² over the rows, at the last pass.</summary>
    public double MeanSquaredDistance { get; }

    /// <summary>Passes over the rows.</summary>
    public int Iterations { get; }

    /// <summary>False where the limit of passes ended the fit.</summary>
    public bool Converged { get; }

    /// <summary>Fits to the rows.</summary>
    /// <param name="source">The vectors.</param>
    /// <param name="rows">Rows to fit to.</param>
    /// <param name="options">n, seed, sample, limit of iterations and tolerance are used.</param>
    /// <param name="cancellation">Stops the fit.</param>
    /// <exception cref="FoveaException">Data: there are fewer rows (or sampled rows) than centroids. Numerical: NaN or infinity in a
    /// vector.</exception>
    public static KMeans Fit(IVectorSource source, RowSet rows, BaselineOptions? options = null, CancellationToken cancellation = default) =>
        Fit(source, rows, options, null, cancellation);

    /// <summary>The same, telling how far it is: centroids that are drawn, then vectors of the passes.</summary>
    /// <param name="source">The vectors.</param>
    /// <param name="rows">Rows to fit to.</param>
    /// <param name="options">As there.</param>
    /// <param name="told">Gets what is counted, how many, of how many at most; null: nobody asks.</param>
    /// <param name="cancellation">Stops the fit.</param>
    internal static KMeans Fit(
        IVectorSource source, RowSet rows, BaselineOptions? options, Action<string, long, long>? told, CancellationToken cancellation)
    {
        options = VectorBatches.Check(source, rows, options, "centroids");
        int latents = options.LatentSize ?? source.Dimension, limit = options.MaxIterations ?? 50;
        double tolerance = options.Tolerance ?? 1e-4;
        var sampled = VectorBatches.Sample(rows, options.SampleRows, options.Seed);
        if (sampled.Count < latents)
            throw FoveaException.BadData(
                $"{latents} centroids cannot be started from {sampled.Count} vectors. Use fewer centroids, more vectors or a larger "
                    + $"sample.");
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        Tensor centroids;
        using (var sample = VectorBatches.ReadAll(source, sampled, options.BatchRows, cancellation))
            centroids = KMeansSeeds.Choose(
                sample, latents, options.Seed, told is null ? null : drawn => told("centroids", drawn, latents), cancellation);
        double before = double.PositiveInfinity;
        for (int iteration = 1; ; iteration++)
        {
            long seen = (iteration - 1L) * rows.Count;
            var pass = new Pass(latents, source.Dimension);
            VectorBatches.ForEach(
                source, rows, options.BatchRows, cancellation, (batch, start) =>
                {
                    pass.Add(batch, Nearest(batch, centroids), start);
                    told?.Invoke("vectors", seen + start + batch.shape[0], (long)limit * rows.Count);
                });
            bool converged = before - pass.Squares <= tolerance * before && !double.IsInfinity(before);
            if (converged || iteration == limit) return new KMeans(centroids, pass.Squares / rows.Count, iteration, converged);
            before = pass.Squares;
            pass.Update(source, rows, centroids);
        }
    }

    private protected override Tensor Codes(Tensor centred)
    {
        var (_, nearest) = Nearest(centred, Directions);
        var codes = zeros([centred.shape[0], LatentSize], ScalarType.Float32, centred.device);
        return codes.scatter_(1, nearest.unsqueeze(1), ones_like(codes));
    }

    /// <summary>‖x − c‖² − ‖x‖² of the nearest centroid, and which it is.</summary>
    private static (Tensor Values, Tensor Indices) Nearest(Tensor x, Tensor centroids) =>
        centroids.square().sum([1L]).addmm(x, centroids.t(), 1, -2).min(1);

    /// <summary>Sums of one pass.</summary>
    private sealed class Pass(int latents, int dimension)
    {
        /// <summary>One array a centroid: together they may be larger than an array can be.</summary>
        private readonly double[][] _sums = [.. Enumerable.Range(0, latents).Select(_ => new double[dimension])];
        private readonly long[] _counts = new long[latents];
        private readonly PriorityQueue<long, double> _farthest = new();

        public double Squares { get; private set; }

        public void Add(Tensor batch, (Tensor Values, Tensor Indices) nearest, long start)
        {
            var x = MemoryMarshal.Cast<byte, float>(batch.bytes);
            var excess = MemoryMarshal.Cast<byte, float>(nearest.Values.bytes);
            var owners = MemoryMarshal.Cast<byte, long>(nearest.Indices.bytes);
            for (int row = 0; row < owners.Length; row++)
            {
                var sum = _sums[owners[row]].AsSpan();
                double length = 0;
                for (int i = 0; i < dimension; i++)
                {
                    double value = x[row * dimension + i];
                    sum[i] += value;
                    length += value * value;
                }
                double squared = Math.Max(length + excess[row], 0);
                _counts[owners[row]]++;
                Squares += squared;
                // The n farthest at most: there are no more clusters to start again.
                if (_farthest.Count < latents) _farthest.Enqueue(start + row, squared);
                else _farthest.EnqueueDequeue(start + row, squared);
            }
        }

        public void Update(IVectorSource source, RowSet rows, Tensor centroids)
        {
            var values = MemoryMarshal.Cast<byte, float>(centroids.bytes);
            var fresh = new Stack<long>();
            while (_farthest.TryDequeue(out long place, out _)) fresh.Push(rows[place]);
            for (int latent = 0; latent < latents; latent++)
            {
                var centroid = values.Slice(latent * dimension, dimension);
                if (_counts[latent] == 0)
                {
                    if (fresh.TryPop(out long row)) source.Read([row], centroid);
                    continue;
                }
                for (int i = 0; i < dimension; i++) centroid[i] = (float)(_sums[latent][i] / _counts[latent]);
            }
        }
    }
}
