using System.Numerics;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Fovea.Autoencoders;

/// <summary>
/// Codes over fixed directions: min ‖x − f D‖² with f ≥ 0 for each row, by cyclic coordinate descent (Franc, Hlaváč and Navara 2005). With G = D Dᵀ and the
/// gradient r = x Dᵀ − f G, one step sets f_j ← max(0, f_j + r_j / G_jj) and takes the change times row j of G from r. A code that stays 0 costs one
/// comparison, so sparse solutions are cheap; entries that are 0 are exactly so. Which entries are positive is known long before their values are: from time to
/// time the equations of the positive ones are solved outright, and if that solution satisfies the conditions of Karush, Kuhn and Tucker (none negative, r ≤ 0
/// elsewhere) it is the solution. Rows are solved each on its own, in float64.
/// </summary>
internal static class NonNegativeCoding
{
    private const int RowsAtOnce = 16, MostSweeps = 2000, FirstTry = 4;

    /// <summary>A row is done when a sweep moves no entry by more than this share of its largest.</summary>
    private const double Tolerance = 1e-7;

    /// <summary>Non-negative codes; with k, those k that are largest in the full solution, solved again without the others.</summary>
    /// <param name="x"><c>[rows, d]</c>.</param>
    /// <param name="directions"><c>[n, d]</c>.</param>
    /// <param name="k">Active latents a row at most; null for no limit.</param>
    /// <returns><c>[rows, n]</c>, where and what <paramref name="x"/> is; entries below 10⁻⁵ of a row's largest are rounding and set to 0.</returns>
    public static Tensor Encode(Tensor x, Tensor directions, int? k)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor d = directions.detach().cpu().to(float64), some = x.detach().cpu().to(float64);
        int n = (int)d.shape[0], rows = (int)some.shape[0];
        double[] gram = Values(d.matmul(d.t())), codes = Values(some.matmul(d.t()));
        int[] all = [.. Enumerable.Range(0, n)];
        Workers.For((rows + RowsAtOnce - 1) / RowsAtOnce, (piece, _) =>
        {
            var solver = new Solver(gram, n);
            for (int row = piece * RowsAtOnce; row < Math.Min(rows, (piece + 1) * RowsAtOnce); row++) solver.Solve(codes.AsSpan(row * n, n), all, k);
        });
        return tensor(codes, [rows, n]).to_type(x.dtype).to(x.device).MoveToOuterDisposeScope();
    }

    private static double[] Values(Tensor values) => MemoryMarshal.Cast<byte, double>(values.contiguous().bytes).ToArray();

    /// <summary>Scratch for one row after another.</summary>
    private sealed class Solver(double[] gram, int n)
    {
        private readonly double[] _target = new double[n], _gradient = new double[n], _code = new double[n], _solution = new double[n], _factor = new double[n * n];
        private readonly int[] _positive = new int[n];

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
            _target.CopyTo(_gradient.AsSpan());
            foreach (int j in allowed)
            {
                if (_code[j] > 0) Take(j, _code[j]);
            }
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
                // After 4, 8, 16, … sweeps: a try costs as much as some of them.
                if (sweep + 1 >= FirstTry && BitOperations.IsPow2(sweep + 1) && SolveOutright(allowed)) return;
            }
        }

        /// <summary>Solves G_PP f_P = (x Dᵀ)_P, P the positive entries, and takes the solution over if it is that of the whole problem.</summary>
        private bool SolveOutright(int[] allowed)
        {
            int count = 0;
            foreach (int j in allowed)
            {
                if (_code[j] > 0) _positive[count++] = j;
            }
            if (!Factorise(count)) return false;
            Span<double> f = _solution.AsSpan(0, count);
            for (int a = 0; a < count; a++) f[a] = (_target[_positive[a]] - Dot(_factor.AsSpan(a * n, a), f[..a])) / _factor[a * n + a];
            for (int a = count - 1; a >= 0; a--)
            {
                double sum = f[a];
                for (int b = a + 1; b < count; b++) sum -= _factor[b * n + a] * f[b];
                f[a] = sum / _factor[a * n + a];
                if (!(f[a] > 0)) return false;
            }
            // The gradient elsewhere, and here as well: badly conditioned equations do not solve themselves to rounding.
            _target.CopyTo(_gradient.AsSpan());
            for (int a = 0; a < count; a++) Take(_positive[a], f[a]);
            double largest = 0;
            for (int a = 0; a < count; a++) largest = Math.Max(largest, f[a]);
            bool solved = true;
            foreach (int j in allowed)
            {
                double slack = Tolerance * largest * gram[(long)j * n + j];
                if (_gradient[j] > slack || (_code[j] > 0 && _gradient[j] < -slack)) solved = false;
            }
            if (solved)
            {
                for (int a = 0; a < count; a++) _code[_positive[a]] = f[a];
                return true;
            }
            // The gradient again of the code that the descent goes on from.
            _target.CopyTo(_gradient.AsSpan());
            for (int a = 0; a < count; a++) Take(_positive[a], _code[_positive[a]]);
            return false;
        }

        /// <summary>The Cholesky factor of G_PP, rows <c>[count, count]</c> of stride n; false where it is singular to rounding.</summary>
        private bool Factorise(int count)
        {
            for (int a = 0; a < count; a++)
            {
                Span<double> row = _factor.AsSpan(a * n, a + 1);
                ReadOnlySpan<double> products = gram.AsSpan(_positive[a] * n, n);
                for (int b = 0; b < a; b++) row[b] = (products[_positive[b]] - Dot(row[..b], _factor.AsSpan(b * n, b))) / _factor[b * n + b];
                double pivot = products[_positive[a]] - Dot(row[..a], row[..a]);
                if (!(pivot > 1e-10 * products[_positive[a]])) return false;
                row[a] = Math.Sqrt(pivot);
            }
            return true;
        }

        private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
        {
            var sum = Vector<double>.Zero;
            int i = 0;
            for (; i <= a.Length - Vector<double>.Count; i += Vector<double>.Count) sum += new Vector<double>(a[i..]) * new Vector<double>(b[i..]);
            double total = Vector.Sum(sum);
            for (; i < a.Length; i++) total += a[i] * b[i];
            return total;
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
