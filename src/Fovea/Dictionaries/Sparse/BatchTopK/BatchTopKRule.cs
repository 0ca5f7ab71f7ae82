using Fovea.Dictionaries.Kernels;
using Fovea.Distributed;

namespace Fovea.Dictionaries.Sparse;

/// <summary>
/// <see cref="BatchTopKAutoencoder"/> over its entries. The values of a batch are spread much like those of the batch before: each row
/// gives the values that reach what a few more than k·B reached there, and the exact selection is among those. Where too few do, the batch
/// is encoded again with a lower bound; the result never depends on it.
/// </summary>
internal unsafe class BatchTopKRule(double k, int latentSize) : StepRule
{
    /// <summary>
    /// How many values are looked at for one that is selected: batches differ, but an entry too many costs as much as one that stays.
    /// </summary>
    private const double Spare = 1.25;

    /// <summary>By how much a bound that proved too high, or that left too few to spare, is lowered.</summary>
    private const float Lower = 0.9f;

    /// <summary>Lowest bits of a bound that do not matter.</summary>
    private const int GuessBits = 16;

    private float* _threshold;
    private float _bound, _guess;
    private bool _training, _again;
    private long _step;
    private int _rows;

    /// <inheritdoc/>
    public override void Begin(StepParameters parameters, int rows, bool training, double sparsityScale, long step)
    {
        (_training, _again, _step, _rows) = (training, false, step, rows);
        _threshold = parameters.Pointer(SparseAutoencoder.ThresholdName);
        _bound = training ? Math.Max(float.Epsilon, _guess) : MathF.BitIncrement(Math.Max(0, _threshold[0]));
    }

    /// <inheritdoc/>
    public override int Select(in ScoredRow row, int* latents, float* pre) => TopSelection.AtLeast(row.Z, row.Length, _bound, latents, pre);

    /// <inheritdoc/>
    public override bool Complete(SparseEntries entries)
    {
        if (!_training) return true;
        int count = checked((int)entries.Count);
        long wanted = BatchTopKAutoencoder.ActiveOf(k, _rows), found = Ranks.Sum(count);
        if (found < wanted && _bound > float.Epsilon)
        {
            // Lowered once; after that, or where it was far off, given up.
            _bound = _again || found < wanted / 2 ? float.Epsilon : Math.Max(float.Epsilon, _bound * Lower * Lower);
            _again = true;
            return false;
        }
        float least = _bound;
        long spare = (long)Math.Ceiling(Spare * wanted);
        _guess = found < wanted ? 0
            : found < spare ? _bound * Lower
            : BitConverter.Int32BitsToSingle(KthLargest(entries, count, spare, GuessBits));
        if (found > wanted)
        {
            int key = KthLargest(entries, count, wanted, 0);
            least = BitConverter.Int32BitsToSingle(key);
            int above = TopSelection.CountAtLeast((int*)entries.Pre, count, key + 1);
            long ties = wanted - Ranks.Sum(above), own = TopSelection.CountAtLeast((int*)entries.Pre, count, key) - above;
            // Of equals the first ones stay: those of ranks before this one's.
            entries.RemoveBelow(least, Math.Max(0, ties - Ranks.Before(own)));
        }
        else if (found > 0) least = Ranks.Smallest(Smallest(entries));
        if (found == 0) return true;
        float threshold = _threshold[0] + (least - _threshold[0]) / Math.Min(_step, BatchTopKAutoencoder.ThresholdSteps);
        new Span<float>(_threshold, latentSize).Fill(threshold);
        return true;
    }

    private int KthLargest(SparseEntries entries, int count, long wanted, int ignored) => Ranks.Count == 1
        ? TopSelection.KthLargest((int*)entries.Pre, count, checked((int)wanted), ignored)
        : Ranks.KthLargest((int*)entries.Pre, count, wanted, ignored);

    private static float Smallest(SparseEntries entries)
    {
        float smallest = float.PositiveInfinity;
        for (long e = 0; e < entries.Count; e++) smallest = Math.Min(smallest, entries.Pre[e]);
        return smallest;
    }
}
