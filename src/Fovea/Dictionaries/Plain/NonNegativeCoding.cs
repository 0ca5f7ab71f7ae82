using System.Numerics;
using System.Runtime.InteropServices;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Plain;

/// <summary>
/// Codes over fixed directions: min ‖x − f D‖² with f ≥ 0 for each row, by cyclic coordinate descent (Franc, Hlaváč and Navara 2005). With
/// G = D Dᵀ and the gradient r = x Dᵀ − f G, one step sets f_j ← max(0, f_j + r_j / G_jj) and takes the change times row j of G from r. A
/// code that stays 0 costs one comparison, so sparse solutions are cheap; entries that are 0 are exactly so. Where directions are alike the
/// descent is slow, but which entries are positive is nearly known after a few sweeps: <see cref="PrincipalPivoting"/> goes on from there,
/// and a last sweep finds nothing to move. Rows are solved each on its own, in float64.
/// </summary>
internal static class NonNegativeCoding
{
    private const int RowsAtOnce = 16, MostSweeps = 2000, SweepsBefore = 8;

    /// <summary>Directions whose table of n × n products, 2 GiB, an array and a tensor's bytes still hold.</summary>
    private const int MostDirections = 16_383;

    /// <summary>Codes of a piece of the rows: 512 MiB in float64.</summary>
    private const long LargestPiece = 1L << 26;

    /// <summary>A row is done when a sweep moves no entry by more than this share of its largest.</summary>
    private const double Tolerance = 1e-7;

    /// <summary>Non-negative codes; with k, those k that are largest in the full solution, solved again without the others.</summary>
    /// <param name="x"><c>[rows, d]</c>.</param>
    /// <param name="directions"><c>[n, d]</c>.</param>
    /// <param name="k">Active latents a row at most; null for no limit.</param>
    /// <exception cref="FoveaException">Configuration: there are more than 16,383 directions. Memory: n² numbers, and as many again for
    /// each thread.</exception>
    /// <returns><c>[rows, n]</c>, where and what <paramref name="x"/> is; entries below 10⁻⁵ of a row's largest are rounding and set to
    /// 0.</returns>
    public static Tensor Encode(Tensor x, Tensor directions, int? k)
    {
        if (directions.shape[0] > MostDirections)
        {
            throw FoveaException.BadConfiguration(
                $"Non-negative codes over {directions.shape[0]:N0} directions need a table of the products of all pairs, which holds "
                + $"{MostDirections:N0} at most. Use fewer directions.");
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor d = directions.detach().cpu().to(float64);
        int n = (int)d.shape[0];
        double[] gram = Values(d.matmul(d.t()));
        int[] all = [.. Enumerable.Range(0, n)];
        // One for each thread, made when it first has something to do.
        var solvers = new Solver?[Workers.Count];
        var pieces = VectorBatches.Parts(x.shape[0], Math.Max(RowsAtOnce, LargestPiece / n))
            .Select(part =>
                Piece(x.detach().narrow(0, part.Start, part.Length), d, worker => solvers[worker] ??= new Solver(gram, n), all, k))
                    .ToArray();
        return (pieces.Length == 0 ? zeros(0, n) : pieces.Length == 1 ? pieces[0] : cat(pieces)).to_type(x.dtype).to(x.device)
            .MoveToOuterDisposeScope();
    }

    private static Tensor Piece(Tensor x, Tensor directions, Func<int, Solver> solver, int[] all, int? k)
    {
        using var scope = NewDisposeScope();
        double[] codes = Values(x.cpu().to(float64).matmul(directions.t()));
        int rows = (int)x.shape[0], n = all.Length;
        Workers.For((rows + RowsAtOnce - 1) / RowsAtOnce, (piece, worker) =>
        {
            var own = solver(worker);
            for (int row = piece * RowsAtOnce; row < Math.Min(rows, (piece + 1) * RowsAtOnce); row++)
                own.Solve(codes.AsSpan(row * n, n), all, k);
        });
        return tensor(codes, [rows, n]).MoveToOuterDisposeScope();
    }

    private static double[] Values(Tensor values) => MemoryMarshal.Cast<byte, double>(values.contiguous().bytes).ToArray();

    /// <summary>Scratch for one row after another.</summary>
    private sealed class Solver(double[] gram, int n)
    {
        private readonly double[] _target = new double[n], _gradient = new double[n], _code = new double[n];
        private readonly PrincipalPivoting _pivoting = new(gram, n);

        /// <summary>Replaces x Dᵀ by the code.</summary>
        public void Solve(Span<double> row, int[] all, int? k)
        {
            row.CopyTo(_target);
            Array.Clear(_code);
            Descend(all);
            if (k < n)
            {
                int[] kept = [.. all.Where(j => _code[j] > 0).OrderByDescending(j => _code[j]).ThenBy(j => j).Take(k.Value).Order()];
                foreach (int j in all)
                {
                    if (Array.BinarySearch(kept, j) < 0) _code[j] = 0;
                }
                Descend(kept);
            }
            double floor = 1e-5 * _code.Max();
            for (int j = 0; j < n; j++) row[j] = _code[j] > floor ? _code[j] : 0;
        }

        private void Descend(int[] allowed)
        {
            Restart(allowed);
            for (int sweep = 0; sweep < MostSweeps; sweep++)
            {
                double moved = 0, largest = 0;
                foreach (int j in allowed)
                {
                    double curvature = gram[(long)j * n + j];
                    if (curvature <= 0) continue; // a direction of zeros
                    double step = Math.Max(-_code[j], _gradient[j] / curvature);
                    if (step != 0)
                    {
                        _code[j] += step;
                        Take(j, step);
                        moved = Math.Max(moved, Math.Abs(step));
                    }
                    largest = Math.Max(largest, _code[j]);
                }
                if (moved <= Tolerance * largest) return;
                if (sweep + 1 != SweepsBefore) continue;
                _pivoting.Solve(_target, _code, allowed, Tolerance);
                Restart(allowed);
            }
        }

        /// <summary>The gradient of the code as it is.</summary>
        private void Restart(int[] allowed)
        {
            _target.CopyTo(_gradient.AsSpan());
            foreach (int j in allowed)
            {
                if (_code[j] > 0) Take(j, _code[j]);
            }
        }

        /// <summary>r −= step · G_j.</summary>
        private void Take(int j, double step)
        {
            ReadOnlySpan<double> row = gram.AsSpan(j * n, n);
            int i = 0;
            var factor = new Vector<double>(step);
            for (; i <= n - Vector<double>.Count; i += Vector<double>.Count)
                (new Vector<double>(_gradient, i) - factor * new Vector<double>(row[i..])).CopyTo(_gradient, i);
            for (; i < n; i++) _gradient[i] -= step * row[i];
        }
    }
}
