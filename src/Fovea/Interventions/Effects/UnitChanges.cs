using Fovea.Dictionaries;
using Fovea.Models.Edits;
using static TorchSharp.torch;

namespace Fovea.Interventions.Effects;

/// <summary>
/// What units are on a batch of a layer's outputs, and by how much an operation changes them. A dictionary codes the batch once; columns
/// of what is asked for alone are made dense.
/// </summary>
internal sealed class UnitChanges : IDisposable
{
    private readonly EffectUnits _units;
    private readonly Tensor _vectors, _base;
    private readonly SparseCodes? _codes;
    private readonly bool _scaled;

    /// <summary>Reads a batch; what it makes is the current dispose scope's.</summary>
    /// <param name="units">The units.</param>
    /// <param name="output">The layer's, <c>[N, C, H, W]</c> or <c>[N, C]</c>; not changed.</param>
    /// <param name="scaled">Whether changes are of what is added to the vectors, where a dictionary has a scale for each; else of the values
    /// themselves.</param>
    public UnitChanges(EffectUnits units, Tensor output, bool scaled = true)
    {
        (_units, _scaled) = (units, scaled);
        Tensor last = output.movedim([1], [-1]);
        Channels = (int)output.shape[1];
        Positions = (int)(output.numel() / output.shape[0] / output.shape[1]);
        _vectors = last.reshape(-1, Channels).to(float32);
        _base = output;
        if (units.Dictionary is { } dictionary)
        {
            Tensor own = _vectors.to(dictionary.Directions.dtype).to(dictionary.Directions.device);
            _codes = dictionary.Encode(own);
            if (units.Error == DictionaryError.Dropped)
            {
                Tensor decoded = dictionary.Decode(_codes).to(output.device).to(output.dtype);
                _base = decoded.reshape(last.shape).movedim([-1], [1]).contiguous();
            }
        }
    }

    /// <summary>C.</summary>
    public int Channels { get; }

    /// <summary>Positions of an image.</summary>
    public int Positions { get; }

    /// <summary>What the layer gives where no unit is changed: its output, or the dictionary's reconstruction where the error is
    /// dropped.</summary>
    public Tensor Base => _base;

    /// <summary>By how much an operation changes the values of some units on some images.</summary>
    /// <param name="units">Their numbers.</param>
    /// <param name="operation">What becomes of them; means are one a unit, in this order.</param>
    /// <param name="first">The first image of the batch.</param>
    /// <param name="count">How many images.</param>
    /// <returns>Δ, <c>[count · positions, units]</c>, float32 where the network is, in the current dispose scope.</returns>
    public Tensor Of(IReadOnlyList<int> units, UnitOperation operation, int first, int count)
    {
        using var scope = NewDisposeScope();
        Tensor values = Values(units, first * Positions, count * Positions);
        Tensor change = operation.Apply(values, null) - values;
        if (_scaled && _codes?.Frames is { } frames)
        {
            // Each vector has a scale of its own, in which its reconstruction is put back.
            float[] scales = [.. Enumerable.Range(first * Positions, count * Positions).Select(row => (float)frames[2 * row])];
            change = change * tensor(scales, [scales.Length, 1]);
        }
        return change.to(_base.device).contiguous().MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => _codes?.Dispose();

    private Tensor Values(IReadOnlyList<int> units, int firstRow, int rows)
    {
        if (_codes is { } codes) return Columns(codes, units, firstRow, rows);
        Tensor vectors = _vectors.narrow(0, firstRow, rows);
        return _units.Own is null
            ? vectors.index_select(1, tensor([.. units.Select(unit => (long)unit)], int64, device: vectors.device))
            : vectors.matmul(_units.Rows(units, Channels, vectors.device).t());
    }

    private static Tensor Columns(SparseCodes codes, IReadOnlyList<int> units, int firstRow, int rows)
    {
        var place = new int[codes.LatentCount];
        Array.Fill(place, -1);
        for (int k = 0; k < units.Count; k++) place[units[k]] = k;
        var columns = new float[checked(rows * units.Count)];
        ReadOnlySpan<long> offsets = codes.RowOffsets;
        ReadOnlySpan<int> latents = codes.Latents;
        ReadOnlySpan<float> values = codes.Values;
        for (int row = 0; row < rows; row++)
        {
            for (long i = offsets[firstRow + row]; i < offsets[firstRow + row + 1]; i++)
                if (place[latents[(int)i]] is >= 0 and var k) columns[row * units.Count + k] = values[(int)i];
        }
        return tensor(columns, [rows, units.Count]);
    }
}
