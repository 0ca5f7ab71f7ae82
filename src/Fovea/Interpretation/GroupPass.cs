using System.Runtime.InteropServices;
using Fovea.Dictionaries;
using Fovea.Dictionaries.Kernels;
using Fovea.Dictionaries.Sparse;
using static TorchSharp.torch;

namespace Fovea.Interpretation;

/// <summary>One group's part in a pass: from the layer's vectors to its units' values, and those to whoever wants them.</summary>
internal sealed class GroupPass : IDisposable
{
    /// <summary>
    /// Values of units worked on at a time (64 MiB): the codes of a large dictionary on a large grid need not fit at once.
    /// </summary>
    private const long LargestPiece = 1 << 24;

    private readonly UnitGroup _group;
    private readonly int _channels, _units, _height, _width, _piece;
    private readonly UnitAccumulator _accumulator;
    private readonly IUnitObserver[] _observers;
    private readonly CodeStream? _codes;
    private readonly PreActivationPeaks _peaks = new();
    private float[] _dense = [];

    public GroupPass(UnitGroup group, int channels, int height, int width, TopExamplesOptions options)
    {
        (_group, _channels, _height, _width) = (group, channels, height, width);
        _units = group.UnitCount(channels);
        _piece = (int)Math.Clamp(LargestPiece / ((long)_units * height * width), 1, int.MaxValue);
        _accumulator = new UnitAccumulator(_units, group.IsDictionary, height, width, options, preActivations: group.IsDictionary);
        _observers = [.. options.Observers?[group] ?? []];
        _codes = group.Autoencoder is { } autoencoder && CodeStream.Supports(autoencoder) ? new CodeStream(autoencoder) : null;
    }

    /// <summary>Adds whole images.</summary>
    /// <param name="vectors">The layer's output, <c>[images · positions, channels]</c>.</param>
    /// <param name="images">Their indices.</param>
    public void Add(ReadOnlySpan<float> vectors, ReadOnlySpan<int> images)
    {
        int size = _height * _width * _channels;
        for (int start = 0; start < images.Length; start += _piece)
        {
            int count = Math.Min(_piece, images.Length - start);
            AddPiece(vectors.Slice(start * size, count * size), images.Slice(start, count));
        }
    }

    public GroupStatistics Finish() => _accumulator.Finish(_group);

    public void Dispose()
    {
        _codes?.Dispose();
        _peaks.Dispose();
    }

    private void AddPiece(ReadOnlySpan<float> vectors, ReadOnlySpan<int> images)
    {
        if (!_group.IsDictionary)
        {
            _accumulator.Add(vectors, images);
            Observe(vectors, images);
        }
        else if (_codes is not null)
        {
            SparseCodes codes = _codes.Encode(vectors, _height * _width);
            _accumulator.Add(codes, images);
            if (_observers.Length > 0) Observe(Dense(codes), images);
        }
        else
        {
            AddByTensors(_group.Autoencoder!, vectors, images);
        }
    }

    /// <summary>For a dictionary that lives elsewhere or computes in float64.</summary>
    private unsafe void AddByTensors(SparseAutoencoder autoencoder, ReadOnlySpan<float> vectors, ReadOnlySpan<int> images)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        int rows = vectors.Length / _channels;
        Tensor x = tensor(vectors.ToArray(), [rows, _channels]).to(autoencoder.DType).to(autoencoder.Device);
        Tensor z = autoencoder.PreActivations(x).to(float32).cpu().contiguous(), values = _group.Values(x).to(float32).cpu();
        _peaks.Begin(rows, _height * _width, rows, _units);
        fixed (byte* start = z.bytes) _peaks.Add(0, (float*)start, rows);
        _peaks.Finish();
        ReadOnlySpan<float> dense = MemoryMarshal.Cast<byte, float>(values.bytes);
        _accumulator.Add(dense, images, _peaks);
        Observe(dense, images);
    }

    private void Observe(ReadOnlySpan<float> values, ReadOnlySpan<int> images)
    {
        foreach (var observer in _observers) observer.Add(values, _height, _width, images);
    }

    private ReadOnlySpan<float> Dense(SparseCodes codes)
    {
        int length = checked(codes.RowCount * _units);
        if (_dense.Length < length) _dense = new float[length];
        Array.Clear(_dense, 0, length);
        ReadOnlySpan<int> latents = codes.Latents;
        ReadOnlySpan<float> values = codes.Values;
        for (int row = 0; row < codes.RowCount; row++)
        {
            for (int e = (int)codes.RowOffsets[row]; e < codes.RowOffsets[row + 1]; e++)
                _dense[(long)row * _units + latents[e]] = values[e];
        }
        return _dense.AsSpan(0, length);
    }
}
