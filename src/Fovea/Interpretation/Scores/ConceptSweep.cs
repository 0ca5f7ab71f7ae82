namespace Fovea.Interpretation;

/// <summary>
/// One unit against every concept, from its largest value to its least. A concept's F1 can only be largest right after positions that show
/// it, and its rank sum changes only there: each position costs as many steps as it shows concepts, not as many as there are.
/// </summary>
internal sealed class ConceptSweep(ConceptTruth truth)
{
    private readonly int[] _found = new int[truth.Concepts.Count], _now = new int[truth.Concepts.Count];
    private readonly double[] _f1 = new double[truth.Concepts.Count], _ranks = new double[truth.Concepts.Count];
    private readonly List<short> _touched = [];
    private long _passed;

    /// <summary>Scores a unit.</summary>
    /// <param name="values">Its values other than zero, ascending.</param>
    /// <param name="rows">Their rows in the truth.</param>
    /// <param name="f1">Best F1 by concept.</param>
    /// <param name="auroc">AUROC by concept.</param>
    public void Run(ReadOnlySpan<float> values, ReadOnlySpan<int> rows, Span<float> f1, Span<float> auroc)
    {
        int next = Descend(values, rows, values.Length - 1, positive: true);
        Zeros(rows, truth.Positions - values.Length);
        Descend(values, rows, next, positive: false);
        for (int c = 0; c < f1.Length; c++)
        {
            double shown = truth.Positives[c], absent = truth.Positions - shown;
            f1[c] = shown == 0 ? float.NaN : (float)_f1[c];
            auroc[c] = shown == 0 || absent == 0 ? float.NaN : (float)((_ranks[c] - shown * (shown + 1) / 2) / (shown * absent));
        }
    }

    private int Descend(ReadOnlySpan<float> values, ReadOnlySpan<int> rows, int at, bool positive)
    {
        while (at >= 0 && values[at] > 0 == positive)
        {
            float value = values[at];
            int size = 0;
            for (; at >= 0 && values[at] == value; at--, size++)
            {
                foreach (short concept in truth.At(rows[at]))
                {
                    if (_now[concept]++ == 0) _touched.Add(concept);
                }
            }
            Step(size);
        }
        return at;
    }

    /// <summary>The positions of value 0, which are all that are not listed, as one step.</summary>
    private void Zeros(ReadOnlySpan<int> listed, int size)
    {
        if (size == 0) return;
        truth.Positives.CopyTo(_now, 0);
        foreach (int row in listed)
        {
            foreach (short concept in truth.At(row)) _now[concept]--;
        }
        for (short c = 0; c < _now.Length; c++)
        {
            if (_now[c] > 0) _touched.Add(c);
        }
        Step(size);
    }

    /// <summary>Passes equal values, the concepts shown there counted in <see cref="_now"/>.</summary>
    private void Step(int size)
    {
        // Equal values share the mean of their ranks, 1 for the least value of all.
        double rank = truth.Positions - _passed - (size - 1) / 2.0;
        _passed += size;
        foreach (short concept in _touched)
        {
            _found[concept] += _now[concept];
            _ranks[concept] += rank * _now[concept];
            _f1[concept] = Math.Max(_f1[concept], 2.0 * _found[concept] / (_passed + truth.Positives[concept]));
            _now[concept] = 0;
        }
        _touched.Clear();
    }
}
