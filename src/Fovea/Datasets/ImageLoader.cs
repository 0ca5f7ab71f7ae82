using Fovea.Imaging;

namespace Fovea.Datasets;

/// <summary>
/// Decodes, transforms and batches images ahead of their use: worker threads fill batches, the reader gets them in order. Bounded,
/// and the same for any number of workers. Damaged images are left out of their batch and reported; any other error
/// of a worker is thrown to the reader at the batch it belongs to.
/// </summary>
public sealed class ImageLoader
{
    private readonly IImageSource _source;
    private readonly IImageTransform _transform;
    private readonly LoaderOptions _options;

    /// <summary>A loader; the source stays the caller's.</summary>
    /// <exception cref="FoveaException">An option is not positive.</exception>
    public ImageLoader(IImageSource source, IImageTransform transform, LoaderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(transform);
        (_source, _transform, _options) = (source, transform, options ?? new LoaderOptions());
        _options.Validate();
        Damage = new DamageReport(source);
    }

    /// <summary>What was skipped so far, over all calls of <see cref="Load"/>.</summary>
    public DamageReport Damage { get; }

    /// <summary>
    /// The images in the given order, in batches of the batch size (the last may be smaller). Workers start with the enumeration and end
    /// when the enumerator is disposed, as <c>foreach</c> does. One enumeration at a time.
    /// </summary>
    /// <param name="order">Indices into the source.</param>
    /// <param name="cancellationToken">Ends the enumeration with an <see cref="OperationCanceledException"/>.</param>
    /// <param name="itemOffset">Added to an image's index to give the transform's item: epoch × <c>source.Count</c>.</param>
    /// <exception cref="ArgumentOutOfRangeException">An index is not one of the source's.</exception>
    /// <exception cref="FoveaException">Too many images are damaged (<see cref="DamageReport"/>).</exception>
    public IEnumerable<ImageBatch> Load(IReadOnlyList<int> order, CancellationToken cancellationToken = default, long itemOffset = 0)
    {
        ArgumentNullException.ThrowIfNull(order);
        RequireImages(order);
        return Enumerate(order, itemOffset, cancellationToken);
    }

    /// <summary>
    /// As <see cref="Load"/>, with workers that start now: a reader of one order after another has the next one's first images ready. The
    /// batches of only one of them may be taken at a time.
    /// </summary>
    internal ImageLoaderRun Begin(IReadOnlyList<int> order, CancellationToken cancellationToken)
    {
        RequireImages(order);
        return new ImageLoaderRun(_source, _transform, _options, Damage, order, 0, cancellationToken);
    }

    private void RequireImages(IReadOnlyList<int> order)
    {
        for (int i = 0; i < order.Count; i++)
        {
            if ((uint)order[i] >= (uint)_source.Count)
                throw new ArgumentOutOfRangeException(nameof(order), $"Image {order[i]} of a source of {_source.Count}.");
        }
    }

    private IEnumerable<ImageBatch> Enumerate(IReadOnlyList<int> order, long itemOffset, CancellationToken cancellationToken)
    {
        using var run = new ImageLoaderRun(_source, _transform, _options, Damage, order, itemOffset, cancellationToken);
        while (run.Next() is { } batch) yield return batch;
    }
}
