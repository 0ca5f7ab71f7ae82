using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Plain;

/// <summary>
/// min ‖x − f D‖² with f ≥ 0 for many rows at once, by Nesterov's accelerated projected gradient with restarts by row (Guan et al. 2012,
/// NeNMF; O'Donoghue and Candès 2015). Needs products of matrices only, and gives exact zeros, which multiplicative updates do not. A row
/// stops when it no longer moves, so its result does not depend on the rows beside it (to rounding).
/// </summary>
internal static class NonNegativeLeastSquares
{
    private const int CheckEvery = 10;

    /// <summary>Solves for the rows of a batch.</summary>
    /// <param name="gram">D Dᵀ, <c>[n, n]</c>.</param>
    /// <param name="target">x Dᵀ, <c>[rows, n]</c>.</param>
    /// <param name="start">Where to begin, <c>[rows, n]</c>, not below 0; null is zero.</param>
    /// <param name="iterations">Most iterations.</param>
    /// <param name="tolerance">A row is done when no entry moves by more than this share of its largest.</param>
    /// <returns><c>[rows, n]</c>.</returns>
    public static Tensor Solve(Tensor gram, Tensor target, Tensor? start, int iterations, double tolerance)
    {
        using var scope = NewDisposeScope();
        double step = 1 / Math.Max(LargestEigenvalue(gram), 1e-30);
        var result = start is null ? zeros_like(target) : start.clone();
        var active = arange(target.shape[0], ScalarType.Int64, device: target.device);
        Tensor x = result.clone(), y = x.clone(), momentum = ones([target.shape[0], 1], target.dtype, target.device);
        // Its own handle: it is replaced as rows are done, and the caller's tensor must stay.
        Tensor goal = target.alias();
        for (int iteration = 1; ; iteration++)
        {
            using var inner = NewDisposeScope();
            var gradient = y.matmul(gram) - goal;
            var next = (y - gradient * step).clamp_min_(0);
            var move = next - x;
            // Momentum that points uphill has overshot: this row starts it again.
            var uphill = (gradient * move).sum([1L], keepdim: true).gt(0);
            var current = where(uphill, ones_like(momentum), momentum);
            var following = ((current.square() * 4 + 1).sqrt() + 1) / 2;
            LoopTensor.Replace(ref y, next + (current - 1) / following * move);
            LoopTensor.Replace(ref x, next);
            LoopTensor.Replace(ref momentum, following);
            bool last = iteration >= iterations;
            if (last || iteration % CheckEvery == 0)
            {
                var going = last ? zeros([x.shape[0]], ScalarType.Bool, x.device) : move.abs().amax([1L]).gt(x.amax([1L]) * tolerance);
                var done = going.logical_not();
                NativeHeap.Trim();
                result.index_copy_(0, active[done], x[done]);
                if (!going.any().item<bool>()) return result.MoveToOuterDisposeScope();
                if (!done.any().item<bool>()) continue;
                LoopTensor.Replace(ref active, active[going]);
                LoopTensor.Replace(ref x, x[going]);
                LoopTensor.Replace(ref y, y[going]);
                LoopTensor.Replace(ref momentum, momentum[going]);
                LoopTensor.Replace(ref goal, goal[going]);
            }
        }
    }

    /// <summary>
    /// An upper estimate of the largest eigenvalue: power iteration with a margin, or the Frobenius norm where that is smaller.
    /// </summary>
    private static double LargestEigenvalue(Tensor gram)
    {
        using var scope = NewDisposeScope();
        int size = (int)gram.shape[0];
        var random = new CounterRandom(0, "nnls/power", size);
        var start = new double[size];
        for (int i = 0; i < size; i++) start[i] = random.NextDouble(0.5, 1.5);
        var vector = tensor(start).to(gram.device).to_type(gram.dtype);
        for (int i = 0; i < 50; i++)
        {
            using var step = NewDisposeScope();
            var image = gram.mv(vector);
            LoopTensor.Replace(ref vector, image / image.norm().clamp_min(1e-30));
        }
        return Math.Min(1.1 * Length(gram.mv(vector)), Length(gram));
    }

    private static double Length(Tensor values) => values.norm().to_type(ScalarType.Float64).item<double>();
}
