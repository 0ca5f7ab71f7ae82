using Fovea.Dictionaries.Kernels;

namespace Fovea.Dictionaries;

/// <summary>
/// Codes of some vectors as compressed sparse rows: the active latents of vector r are <c>Latents[RowStart[r] … RowStart[r + 1]]</c>, ascending, and their
/// activations the <see cref="Values"/> there, none of them zero. Memory of the <see cref="CodeStream"/> that gave it: good until its next batch.
/// </summary>
public sealed unsafe class CodeBatch
{
    private readonly SparseEntries _entries;

    internal CodeBatch(SparseEntries entries, int latentCount) => (_entries, LatentCount) = (entries, latentCount);

    /// <summary>The place of the batch's first vector among the rows that were asked for.</summary>
    public long First { get; internal set; }

    /// <summary>Number of vectors.</summary>
    public int RowCount => _entries.Rows;

    /// <summary>Length of a dense code.</summary>
    public int LatentCount { get; }

    /// <summary>Where each vector's entries start, <c>[RowCount + 1]</c>; the last is their number.</summary>
    public ReadOnlySpan<long> RowStart => new(_entries.RowStart, _entries.Rows + 1);

    /// <summary>The latent of each entry, <c>[entries]</c>.</summary>
    public ReadOnlySpan<int> Latents => new(_entries.Latent, checked((int)_entries.Count));

    /// <summary>
    /// Each latent's largest pre-activation over the rows of each image, padded with minus infinity to a multiple of 32 latents; null where none was asked for.
    /// </summary>
    internal PreActivationPeaks? Peaks { get; set; }

    /// <summary>The activation of each entry, <c>[entries]</c>.</summary>
    public ReadOnlySpan<float> Values => new(_entries.Code, checked((int)_entries.Count));
}
