using Fovea.Dictionaries.Kernels;

namespace Fovea.Dictionaries.Sparse;

/// <summary>
/// <see cref="TopKAutoencoder"/> over its entries: the k largest positive pre-activations of a row are its codes. In training with a second
/// k the others of the k₂ largest follow them, in a slot of their own.
/// </summary>
internal sealed unsafe class TopKRule(int k, int secondK, float secondWeight) : StepRule
{
    private bool _training;

    /// <inheritdoc/>
    public override int StripedSelection => Math.Max(k, secondK);

    /// <inheritdoc/>
    public override int Slots => secondK > 0 ? 2 : 1;

    /// <inheritdoc/>
    public override int MainSlot => 0;

    /// <inheritdoc/>
    public override float SlotWeight(int slot) => slot == 0 ? 1 : secondWeight;

    /// <inheritdoc/>
    public override void Begin(StepParameters parameters, int rows, bool training, double sparsityScale, long step) => _training = training;

    /// <inheritdoc/>
    public override int Select(in ScoredRow row, int* latents, float* pre)
    {
        if (secondK == 0 || !_training) return TopSelection.Select(row, k, latents, pre);
        int count = TopSelection.Select(row, secondK, latents, pre);
        if (count > k) TopSelection.PutLargestFirst(latents, pre, count, k);
        return count;
    }

    /// <inheritdoc/>
    public override void AssignSlots(in EntryRow row, byte* slots)
    {
        for (int e = 0; e < row.Count; e++) slots[e] = (byte)(e < k ? 0 : 1);
    }
}
