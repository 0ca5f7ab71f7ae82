namespace Fovea.Autoencoders;

/// <summary><see cref="TopKAutoencoder"/> over its entries: the k largest positive pre-activations of a row are its codes.</summary>
internal sealed unsafe class TopKRule(int k) : StepRule
{
    /// <inheritdoc/>
    public override int StripedSelection => k;

    /// <inheritdoc/>
    public override int Select(in ScoredRow row, int* latents, float* pre) =>
        TopSelection.Select(row.Z, row.Length, row.Maxima, row.Stripes, k, latents, pre);

    /// <inheritdoc/>
    public override void Codes(in EntryRow row) => new ReadOnlySpan<float>(row.Pre, row.Count).CopyTo(new Span<float>(row.Code, row.Count));

    /// <inheritdoc/>
    public override void Gradients(in EntryRow row)
    {
        // f = z at an entry.
    }
}
