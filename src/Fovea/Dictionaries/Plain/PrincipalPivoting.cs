using System.Numerics;

namespace Fovea.Dictionaries.Plain;

/// <summary>
/// Which entries of a non-negative least squares solution are positive, and their values, by block principal pivoting (Júdice and Pires
/// 1994; Kim and Park 2011). With G = D Dᵀ and t = x Dᵀ the solution f and the gradient g satisfy
/// <code>
/// g = t − G f        f ≥ 0, g ≤ 0, f ∘ g = 0
/// </code>
/// For a guess P of the positive entries, f is 0 outside P and g is 0 inside. All entries of the wrong sign change sides at once; where
/// that does not make them fewer, only the last one does, which always ends. Sides are changed by exchanging g_k and f_k in a table that
/// holds what is unknown over what is zero: n² operations each.
/// </summary>
internal sealed class PrincipalPivoting(double[] gram, int n)
{
    /// <summary>Changes of all that are wrong which may fail to make them fewer before only one is changed at a time.</summary>
    private const int Patience = 3;

    /// <summary>A direction with less than this share of its length beyond the others in P cannot be told from them.</summary>
    private const double Independent = 1e-9;

    private readonly double[] _table = new double[checked(n * n)], _value = new double[n];
    private readonly bool[] _inside = new bool[n], _barred = new bool[n];
    private readonly int[] _wrong = new int[n];

    /// <summary>
    /// Improves <paramref name="code"/>, whose positive entries are the first guess; leaves it as it is where no end is found.
    /// </summary>
    /// <param name="target">t, <c>[n]</c>.</param>
    /// <param name="code">f, <c>[n]</c>.</param>
    /// <param name="allowed">Entries that may be positive.</param>
    /// <param name="tolerance">Share of the largest entry below which a wrong sign is rounding.</param>
    public void Solve(ReadOnlySpan<double> target, Span<double> code, ReadOnlySpan<int> allowed, double tolerance)
    {
        gram.CopyTo(_table.AsSpan());
        target.CopyTo(_value);
        Array.Clear(_inside);
        Array.Clear(_barred);
        foreach (int j in allowed)
        {
            if (code[j] > 0) Exchange(j);
        }
        int fewest = n + 1, patience = Patience;
        for (int round = 0; round < 2 * n; round++)
        {
            int wrong = Wrong(allowed, tolerance);
            if (wrong == 0)
            {
                foreach (int j in allowed) code[j] = _inside[j] ? Math.Max(0, _value[j]) : 0;
                return;
            }
            bool all = wrong < fewest || patience > 0;
            if (wrong < fewest) (fewest, patience) = (wrong, Patience);
            else patience--;
            for (int i = all ? 0 : wrong - 1; i < wrong; i++) Exchange(_wrong[i]);
        }
    }

    private int Wrong(ReadOnlySpan<int> allowed, double tolerance)
    {
        double largest = 0;
        foreach (int j in allowed)
        {
            if (_inside[j]) largest = Math.Max(largest, _value[j]);
        }
        int count = 0;
        foreach (int j in allowed)
        {
            if (_inside[j] ? _value[j] < 0 : !_barred[j] && _value[j] > tolerance * largest * gram[(long)j * n + j]) _wrong[count++] = j;
        }
        return count;
    }

    /// <summary>y = v − T z, where z are the zeros and y the others: y_k and z_k change places.</summary>
    private void Exchange(int k)
    {
        Span<double> pivots = _table.AsSpan(k * n, n);
        double pivot = pivots[k];
        if (!_inside[k] && !(pivot > Independent * gram[(long)k * n + k]))
        {
            _barred[k] = true;
            return;
        }
        _inside[k] = !_inside[k];
        // Without it another may be told from the rest.
        if (!_inside[k]) Array.Clear(_barred);
        double inverse = 1 / pivot, value = _value[k] * inverse;
        for (int j = 0; j < n; j++) pivots[j] *= inverse;
        pivots[k] = inverse;
        for (int i = 0; i < n; i++)
        {
            if (i == k) continue;
            Span<double> row = _table.AsSpan(i * n, n);
            double factor = row[k];
            _value[i] -= factor * value;
            Subtract(row, pivots, factor);
            row[k] = -factor * inverse;
        }
        _value[k] = value;
    }

    private static void Subtract(Span<double> row, ReadOnlySpan<double> other, double factor)
    {
        var v = new Vector<double>(factor);
        int j = 0;
        for (; j <= row.Length - Vector<double>.Count; j += Vector<double>.Count)
            (new Vector<double>(row[j..]) - v * new Vector<double>(other[j..])).CopyTo(row[j..]);
        for (; j < row.Length; j++) row[j] -= factor * other[j];
    }
}
