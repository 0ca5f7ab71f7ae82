namespace Fovea.Autoencoders;

/// <summary>
/// <see cref="BatchTopKAutoencoder"/> over its entries. The k·B-th largest value of a batch is close to that of the batch before: each row gives the
/// values that reach a little less, and the exact selection is among those. Where too few do, the batch is encoded again without that bound; the result
/// never depends on it.
/// </summary>
internal unsafe class BatchTopKRule(double k, int latentSize) : StepRule
{
    /// <summary>The share of the last batch's bound that a value must reach to be looked at.</summary>
    private const float Margin = 0.85f;

    private float* _threshold;
    private float _bound, _guess;
    private bool _training;
    private long _step;

    /// <inheritdoc/>
    public override void Begin(StepParameters parameters, int rows, bool training, double sparsityScale, long step)
    {
        (_training, _step) = (training, step);
        _threshold = parameters.Pointer(SparseAutoencoder.ThresholdName);
        _bound = training ? Math.Max(float.Epsilon, _guess) : MathF.BitIncrement(Math.Max(0, _threshold[0]));
    }

    /// <inheritdoc/>
    public override int Select(in ScoredRow row, int* latents, float* pre) => TopSelection.AtLeast(row.Z, row.Length, _bound, latents, pre);

    /// <inheritdoc/>
    public override bool Complete(SparseEntries entries)
    {
        if (!_training) return true;
        long wanted = BatchTopKAutoencoder.ActiveOf(k, entries.Rows);
        if (entries.Count < wanted && _bound > float.Epsilon)
        {
            _bound = float.Epsilon;
            return false;
        }
        float least = _bound;
        if (entries.Count > wanted)
        {
            int count = checked((int)entries.Count), key = TopSelection.KthLargest((int*)entries.Pre, count, (int)wanted, 0);
            least = BitConverter.Int32BitsToSingle(key);
            entries.RemoveBelow(least, wanted - TopSelection.CountAtLeast((int*)entries.Pre, count, key + 1));
        }
        else if (entries.Count > 0) least = Smallest(entries);
        _guess = entries.Count < wanted ? 0 : least * Margin;
        if (entries.Count == 0) return true;
        float threshold = _threshold[0] + (least - _threshold[0]) / Math.Min(_step, BatchTopKAutoencoder.ThresholdSteps);
        new Span<float>(_threshold, latentSize).Fill(threshold);
        return true;
    }

    private static float Smallest(SparseEntries entries)
    {
        float smallest = float.PositiveInfinity;
        for (long e = 0; e < entries.Count; e++) smallest = Math.Min(smallest, entries.Pre[e]);
        return smallest;
    }
}
