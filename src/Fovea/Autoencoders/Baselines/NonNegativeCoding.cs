using System.Numerics;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Fovea.Autoencoders;

/// <summary>
/// Codes over fixed directions: min ‖x − f D‖² with f ≥ 0 for each row, by cyclic coordinate descent (Franc, Hlaváč and Navara 2005). With G = D Dᵀ and the
/// gradient r = x Dᵀ − f G, one step sets f_j ← max(0, f_j + r_j / G_jj) and takes the change times row j of G from r. A code that stays 0 costs one
/// comparison, so sparse solutions are cheap; entries that are 0 are exactly so. Where directions are alike the descent is slow, but which entries are positive
/// is nearly known after a few sweeps: from there active sets find the exact solution. Rows are solved each on its own, in float64.
/// </summary>
internal static class NonNegativeCoding
{
    private const int RowsAtOnce = 16, MostSweeps = 2000, SweepsBefore = 8;

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
                if (sweep + 1 == SweepsBefore && FinishByActiveSets(allowed)) return;
            }
        }

        /// <summary>
        /// From the code the descent has come to, the exact solution by active sets (Lawson and Hanson 1974): solve G_PP f_P = (x Dᵀ)_P over the positive entries P; where an
        /// entry would fall below 0, go as far as it may and drop it from P; then let in the entry that wants most to grow. False where the equations are singular.
        /// </summary>
        private bool FinishByActiveSets(int[] allowed)
        {
            int banned = -1;
            for (int round = 0; round < 3 * n; round++)
            {
                bool settled = Settle(allowed);
                Restart(allowed);
                if (!settled) return false;
                int next = Wanting(allowed, banned);
                if (next < 0) return true;
                // The smallest number above 0 puts it into P; an entry that is dropped at once again is one that rounding alone wants.
                banned = next;
                _code[next] = double.Epsilon;
            }
            return false;
        }

        /// <summary>Solves over P and drops entries from it until the solution is one; false where the equations are singular.</summary>
        private bool Settle(int[] allowed)
        {
            while (true)
            {
                int count = Positive(allowed);
                if (!Solve(count)) return false;
                if (Advance(count)) return true;
            }
        }

        private int Positive(int[] allowed)
        {
            int count = 0;
            foreach (int j in allowed)
            {
                if (_code[j] > 0) _positive[count++] = j;
            }
            return count;
        }

        /// <summary>The entry outside P whose growth lowers the error most steeply; −1 where none does.</summary>
        private int Wanting(int[] allowed, int banned)
        {
            double largest = 0, most = 0;
            int next = -1;
            foreach (int j in allowed) largest = Math.Max(largest, _code[j]);
            foreach (int j in allowed)
            {
                double curvature = gram[(long)j * n + j];
                if (_code[j] > 0 || j == banned || _gradient[j] <= Tolerance * largest * curvature || _gradient[j] <= most) continue;
                (next, most) = (j, _gradient[j]);
            }
            return next;
        }

        /// <summary>f_P into <see cref="_solution"/>.</summary>
        private bool Solve(int count)
        {
            if (!Factorise(count)) return false;
            Span<double> f = _solution.AsSpan(0, count);
            for (int a = 0; a < count; a++) f[a] = (_target[_positive[a]] - Dot(_factor.AsSpan(a * n, a), f[..a])) / _factor[a * n + a];
            for (int a = count - 1; a >= 0; a--)
            {
                f[a] /= _factor[a * n + a];
                ReadOnlySpan<double> row = _factor.AsSpan(a * n, a);
                for (int b = 0; b < a; b++) f[b] -= f[a] * row[b];
            }
            return true;
        }

        /// <summary>Moves the code towards the solution as far as no entry falls below 0; true where that is all the way.</summary>
        private bool Advance(int count)
        {
            double share = 1;
            int first = -1;
            for (int a = 0; a < count; a++)
            {
                double from = _code[_positive[a]], to = _solution[a];
                if (to > 0 || from / (from - to) >= share) continue;
                (share, first) = (from / (from - to), a);
            }
            for (int a = 0; a < count; a++)
            {
                int j = _positive[a];
                _code[j] = first < 0 ? _solution[a] : Math.Max(0, _code[j] + share * (_solution[a] - _code[j]));
            }
            if (first >= 0) _code[_positive[first]] = 0;
            return first < 0;
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
