using System.Security.Cryptography;

namespace Fovea.Activations;

/// <summary>
/// The rows a filter drew on some images, where they lie in the memory-mapped files of the draws. Valid while the store is open.
/// </summary>
/// <param name="draws">The store's draws of one filter.</param>
/// <param name="images">Which draws, as if every position had been drawn once.</param>
internal sealed class DrawnRows(StoredDraws draws, ImageRows images) : RowSet
{
    /// <inheritdoc/>
    public override long Count => images.Count;

    /// <inheritdoc/>
    internal override long End => draws.End;

    /// <inheritdoc/>
    public override void Gather(ReadOnlySpan<long> places, Span<long> rows)
    {
        images.Gather(places, rows);
        draws.Replace(rows);
    }

    /// <inheritdoc/>
    internal override void Identify(IncrementalHash hash)
    {
        Identify(hash, "draws");
        images.Identify(hash);
        draws.Identify(hash);
    }

    /// <inheritdoc/>
    private protected override void Fill(long start, Span<long> rows)
    {
        images.Read(start, rows);
        draws.Replace(rows);
    }
}
