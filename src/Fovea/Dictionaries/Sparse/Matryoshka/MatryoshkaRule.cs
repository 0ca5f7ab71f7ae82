using Fovea.Dictionaries.Kernels;

namespace Fovea.Dictionaries.Sparse;

/// <summary><see cref="MatryoshkaAutoencoder"/> over its entries: a slot is what one prefix has more than the one before.</summary>
internal sealed unsafe class MatryoshkaRule(double k, int latentSize, int[] prefixes) : BatchTopKRule(k, latentSize)
{
    /// <inheritdoc/>
    public override int Slots => prefixes.Length;

    /// <inheritdoc/>
    public override void AssignSlots(in EntryRow row, byte* slots)
    {
        byte slot = 0;
        for (int e = 0; e < row.Count; e++)
        {
            while (row.Latent[e] >= prefixes[slot]) slot++;
            slots[e] = slot;
        }
    }
}
