using System.Runtime.ExceptionServices;
using Fovea.Imaging;

namespace Fovea.Datasets;

/// <summary>
/// One pass of an <see cref="ImageLoader"/>: a ring of batches that workers fill image by image, claimed in order, and that the reader
/// empties in order. One lock guards the counters; it is taken twice an image.
/// </summary>
internal sealed class ImageLoaderRun : IDisposable
{
    private readonly object _gate = new();
    private readonly IImageSource _source;
    private readonly IImageTransform _transform;
    private readonly DamageReport _damage;
    private readonly IReadOnlyList<int> _indices;
    private readonly long _itemOffset;
    private readonly CancellationToken _cancellation;
    private readonly CancellationTokenRegistration _registration;
    private readonly int _batchSize, _batches, _height, _width;
    private readonly Slot[] _slots;
    private readonly Thread[] _workers;
    private int _claimed, _delivered, _failedImage = int.MaxValue;
    private bool _stopped;
    private ExceptionDispatchInfo? _failure;

    public ImageLoaderRun(
        IImageSource source, IImageTransform transform, LoaderOptions options, DamageReport damage,
        IReadOnlyList<int> indices, long itemOffset, CancellationToken cancellation)
    {
        (_source, _transform, _damage, _indices, _itemOffset, _cancellation) =
            (source, transform, damage, indices, itemOffset, cancellation);
        _batchSize = options.BatchSize;
        _batches = (int)(((long)indices.Count + _batchSize - 1) / _batchSize);
        (_height, _width) = transform.OutputSize;
        _slots = new Slot[Math.Min(options.QueuedBatches, _batches)];
        for (int b = 0; b < _slots.Length; b++) _slots[b] = NewSlot(b);
        _registration = cancellation.Register(Stop);
        _workers = new Thread[Math.Min(options.Workers, indices.Count)];
        for (int w = 0; w < _workers.Length; w++)
        {
            _workers[w] = new Thread(Work) { IsBackground = true, Name = $"image loader {w}" };
            _workers[w].Start();
        }
    }

    /// <summary>Whether a worker has taken up every image: from now on workers run out of work.</summary>
    public bool HasBegunAll
    {
        get
        {
            lock (_gate) return _claimed >= _indices.Count;
        }
    }

    /// <summary>The next batch, or null after the last.</summary>
    public ImageBatch? Next()
    {
        if (_delivered == _batches) return null;
        int place = _delivered % _slots.Length;
        Slot slot = _slots[place];
        lock (_gate)
        {
            int end = Math.Min(_indices.Count, (_delivered + 1) * _batchSize);
            while (slot.Remaining > 0 && _failedImage >= end && !_stopped) Monitor.Wait(_gate);
            _cancellation.ThrowIfCancellationRequested();
            if (_failedImage < end) _failure!.Throw();
        }
        ImageBatch batch = Finish(slot);
        Slot? fresh = _delivered + _slots.Length < _batches ? NewSlot(_delivered + _slots.Length) : null;
        lock (_gate)
        {
            if (fresh is not null) _slots[place] = fresh;
            _delivered++;
            Monitor.PulseAll(_gate);
        }
        return batch;
    }

    public void Dispose()
    {
        Stop();
        foreach (Thread worker in _workers) worker.Join();
        _registration.Dispose();
    }

    private void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.PulseAll(_gate);
        }
    }

    private Slot NewSlot(int batch)
    {
        int images = Math.Min(_batchSize, _indices.Count - batch * _batchSize);
        return new Slot(images, GC.AllocateUninitializedArray<float>(checked(images * 3 * _height * _width)));
    }

    private void Work()
    {
        int length = 3 * _height * _width;
        while (true)
        {
            int image;
            Slot slot;
            lock (_gate)
            {
                while (!_stopped && _claimed < _indices.Count && _claimed / _batchSize >= _delivered + _slots.Length) Monitor.Wait(_gate);
                if (_stopped || _failure is not null || _claimed >= _indices.Count) return;
                image = _claimed++;
                slot = _slots[image / _batchSize % _slots.Length];
            }
            int place = image % _batchSize, index = _indices[image];
            try
            {
                _transform.Apply(_source.Read(index), _itemOffset + index, slot.Pixels.AsSpan(place * length, length));
            }
            catch (DamagedImageException e)
            {
                slot.Damage[place] = e;
            }
            catch (Exception e)
            {
                lock (_gate)
                {
                    // Images were claimed in order: all before this one are finished by somebody, so the reader gets every whole batch
                    // first.
                    if (image < _failedImage) (_failedImage, _failure) = (image, ExceptionDispatchInfo.Capture(e));
                    Monitor.PulseAll(_gate);
                }
                return;
            }
            lock (_gate)
            {
                if (--slot.Remaining == 0) Monitor.PulseAll(_gate);
            }
        }
    }

    private ImageBatch Finish(Slot slot)
    {
        int start = _delivered * _batchSize, length = 3 * _height * _width, kept = 0;
        var indices = new int[slot.Damage.Length];
        var labels = new int[slot.Damage.Length];
        var damaged = new List<(int, DamagedImageException)>();
        for (int i = 0; i < slot.Damage.Length; i++)
        {
            int index = _indices[start + i];
            if (slot.Damage[i] is { } error)
            {
                damaged.Add((index, error));
                continue;
            }
            if (kept != i) slot.Pixels.AsSpan(i * length, length).CopyTo(slot.Pixels.AsSpan(kept * length));
            (indices[kept], labels[kept]) = (index, _source.Label(index));
            kept++;
        }
        _damage.Add(slot.Damage.Length, damaged);
        return kept == indices.Length
            ? new ImageBatch(slot.Pixels, _height, _width, indices, labels)
            : new ImageBatch(slot.Pixels, _height, _width, indices[..kept], labels[..kept]);
    }

    /// <summary>A batch in the making.</summary>
    private sealed class Slot(int images, float[] pixels)
    {
        public float[] Pixels { get; } = pixels;

        public DamagedImageException?[] Damage { get; } = new DamagedImageException?[images];

        public int Remaining { get; set; } = images;
    }
}
