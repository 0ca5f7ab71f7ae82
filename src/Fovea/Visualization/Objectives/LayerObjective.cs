using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Visualization.Objectives;

/// <summary>An objective that sees one layer.</summary>
public abstract class LayerObjective : IObjective
{
    /// <summary>For derived objectives: the layer, and what each picture is of (<see cref="PictureKey.Number"/>).</summary>
    protected LayerObjective(string layer, IReadOnlyList<PictureKey> keys)
    {
        ArgumentNullException.ThrowIfNull(layer);
        ArgumentNullException.ThrowIfNull(keys);
        (Layer, Layers, Keys, Units) = (layer, [layer], [.. keys], [.. keys.Select(key => key.Unit)]);
    }

    /// <inheritdoc/>
    public string Layer { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Layers { get; }

    /// <inheritdoc/>
    public IReadOnlyList<PictureKey> Keys { get; }

    /// <inheritdoc/>
    public IReadOnlyList<int> Units { get; }

    /// <inheritdoc/>
    public string Description => Caption(null);

    /// <inheritdoc/>
    public string Describe(int picture) => Caption(Units[picture]);

    /// <inheritdoc/>
    public virtual bool CanSplitAt(int picture) => true;

    /// <inheritdoc/>
    public abstract IObjective Slice(int start, int count);

    /// <inheritdoc/>
    public virtual Tensor Evaluate(ProbeResult taps)
    {
        ArgumentNullException.ThrowIfNull(taps);
        return Evaluate(taps[Layer]);
    }

    /// <inheritdoc/>
    public Tensor Peak(ProbeResult taps)
    {
        ArgumentNullException.ThrowIfNull(taps);
        return Peak(taps[Layer]);
    }

    /// <summary>The figures to maximise, differentiable.</summary>
    /// <param name="activation">The layer's, <c>[N, C, H, W]</c> or <c>[N, C]</c>; N is the number of pictures.</param>
    /// <returns><c>[N]</c>.</returns>
    public abstract Tensor Evaluate(Tensor activation);

    /// <summary>The units' own largest activations, as <see cref="IObjective.Peak"/>.</summary>
    /// <param name="activation">As for <see cref="Evaluate(Tensor)"/>.</param>
    /// <returns><c>[N]</c>, without gradient.</returns>
    public abstract Tensor Peak(Tensor activation);

    /// <summary>The caption: of this unit, or of whichever where null.</summary>
    protected abstract string Caption(int? unit);

    /// <summary>Keys of a slice.</summary>
    protected IReadOnlyList<PictureKey> KeysOf(int start, int count) => [.. Keys.ToArray().AsSpan(start, count)];

    /// <summary>0 … <paramref name="count"/> − 1: the units of rows that have no numbers of their own.</summary>
    private protected static IReadOnlyList<int> Rows(long count) => [.. Enumerable.Range(0, (int)count)];
}
