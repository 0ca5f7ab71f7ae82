using System.Collections.Concurrent;
using Fovea.Datasets;

namespace Fovea.Activations;

/// <summary>
/// The images of one shard after the other, in batches of the batch size that begin anew with each shard. While the last images of one are
/// waited for, the first of the next are loaded. Which shard comes next is asked for when the time has come.
/// </summary>
/// <param name="loader">Loads them.</param>
/// <param name="batchSize">Of the loader.</param>
/// <param name="next">The next shard; null after the last. Called on whatever thread enumerates.</param>
/// <param name="imagesOf">The images of a shard.</param>
/// <param name="cancellation">Ends the loading.</param>
internal sealed class ShardBatches(
    ImageLoader loader, int batchSize, Func<int?> next, Func<int, IReadOnlyList<int>> imagesOf, CancellationToken cancellation)
{
    private readonly ConcurrentQueue<(int Shard, int Images)> _begun = new();
    private bool _over;
    private int _used;

    /// <summary>All batches, also empty ones, whose images are all damaged.</summary>
    public IEnumerable<ImageBatch> All()
    {
        ImageLoaderRun? current = Begin(), following = null;
        try
        {
            while (current is not null)
            {
                while (true)
                {
                    if (!_over && following is null && current.HasBegunAll) following = Begin();
                    if (current.Next() is not { } batch) break;
                    yield return batch;
                }
                current.Dispose();
                (current, following) = (following ?? (_over ? null : Begin()), null);
            }
        }
        finally
        {
            current?.Dispose();
            following?.Dispose();
        }
    }

    /// <summary>Of the next batch that was given out, in order: its shard, its images with damaged ones, whether it is the shard's last.</summary>
    public (int Shard, int Images, bool IsLast) Use()
    {
        if (!_begun.TryPeek(out var first)) throw new InvalidOperationException("A batch of no shard.");
        int images = Math.Min(batchSize, first.Images - _used);
        _used += images;
        if (_used < first.Images) return (first.Shard, images, false);
        _begun.TryDequeue(out _);
        _used = 0;
        return (first.Shard, images, true);
    }

    private ImageLoaderRun? Begin()
    {
        if (next() is not { } shard)
        {
            _over = true;
            return null;
        }
        IReadOnlyList<int> images = imagesOf(shard);
        _begun.Enqueue((shard, images.Count));
        return loader.Begin(images, cancellation);
    }
}
