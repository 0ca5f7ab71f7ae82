using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Visualization.Objectives;

/// <summary>
/// Objectives one after the other, each for pictures of its own, so that unlike features (neurons beside latents, one layer beside another)
/// share a batch and its one forward pass. A picture is what it would be without the others.
/// </summary>
public sealed class BatchedObjective : IObjective
{
    private readonly IObjective[] _parts;
    private readonly int[] _starts;

    /// <summary>The pictures of all <paramref name="parts"/>, in their order.</summary>
    /// <exception cref="FoveaException">There are none.</exception>
    public BatchedObjective(params IEnumerable<IObjective> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        _parts = [.. parts.SelectMany(part => part is BatchedObjective batched ? batched._parts : [part])
            .Where(part => part.Keys.Count > 0)];
        if (_parts.Length == 0) throw FoveaException.BadConfiguration("A batch of no objectives has no pictures.");
        _starts = new int[_parts.Length];
        for (int i = 1; i < _parts.Length; i++) _starts[i] = _starts[i - 1] + _parts[i - 1].Keys.Count;
        Layers = [.. _parts.SelectMany(part => part.Layers).Distinct()];
        Keys = [.. _parts.SelectMany(part => part.Keys)];
        Units = [.. Keys.Select(key => key.Unit)];
    }

    /// <inheritdoc/>
    public string Layer => _parts[0].Layer;

    /// <inheritdoc/>
    public IReadOnlyList<string> Layers { get; }

    /// <inheritdoc/>
    public IReadOnlyList<PictureKey> Keys { get; }

    /// <inheritdoc/>
    public IReadOnlyList<int> Units { get; }

    /// <inheritdoc/>
    public string Description => string.Join("; ", _parts.Select(part => part.Description).Distinct());

    /// <inheritdoc/>
    public string Describe(int picture)
    {
        int part = PartOf(picture);
        return _parts[part].Describe(picture - _starts[part]);
    }

    /// <inheritdoc/>
    public bool CanSplitAt(int picture)
    {
        if (picture <= 0 || picture >= Keys.Count) return true;
        int part = PartOf(picture);
        return picture == _starts[part] || _parts[part].CanSplitAt(picture - _starts[part]);
    }

    /// <inheritdoc/>
    public IObjective Slice(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + count, Keys.Count);
        List<IObjective> parts = [];
        for (int i = 0; i < _parts.Length; i++)
        {
            int first = Math.Max(start - _starts[i], 0), end = Math.Min(start + count - _starts[i], _parts[i].Keys.Count);
            if (first < end) parts.Add(first == 0 && end == _parts[i].Keys.Count ? _parts[i] : _parts[i].Slice(first, end - first));
        }
        return parts.Count == 1 ? parts[0] : new BatchedObjective(parts);
    }

    /// <inheritdoc/>
    public Tensor Evaluate(ProbeResult taps) => Each(taps, (part, own) => part.Evaluate(own));

    /// <inheritdoc/>
    public Tensor Peak(ProbeResult taps) => Each(taps, (part, own) => part.Peak(own));

    private int PartOf(int picture)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(picture);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(picture, Keys.Count);
        int found = Array.BinarySearch(_starts, picture);
        return found >= 0 ? found : ~found - 1;
    }

    private Tensor Each(ProbeResult taps, Func<IObjective, ProbeResult, Tensor> figures)
    {
        ArgumentNullException.ThrowIfNull(taps);
        using var scope = NewDisposeScope();
        return cat([.. _parts.Select((part, i) => figures(part, taps.Narrow(_starts[i], part.Keys.Count)))]).MoveToOuterDisposeScope();
    }
}
