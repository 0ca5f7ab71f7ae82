using static TorchSharp.torch;

namespace Fovea.Models;

/// <summary>
/// The outputs of the tapped layers in one forward pass. It owns its tensors: dispose it, or run inside a dispose scope, which it joins.
/// </summary>
public sealed class TapResult : IDisposable
{
    private readonly Dictionary<string, Tensor> _outputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor> _forNeurons = new(StringComparer.Ordinal);

    internal TapResult()
    {
    }

    /// <summary>
    /// A tapped layer's output as the next layer saw it, i.e. after <see cref="LayerTaps.Replace"/>; not a copy. In a rendering, where gradients shall pass a ReLU6 at the layer's end,
    /// the same values with those gradients.
    /// </summary>
    /// <exception cref="KeyNotFoundException">The layer was not tapped.</exception>
    public Tensor this[string layer] => _outputs[layer];

    /// <summary>The network's output, <c>[N, classes]</c>; null where the pass stopped before it.</summary>
    public Tensor? Logits { get; internal set; }

    internal int Count => _outputs.Count;

    internal IEnumerable<Tensor> Tensors => [.. _outputs.Values, .. _forNeurons.Values, .. Logits is null ? (Tensor[])[] : [Logits]];

    /// <summary>The same of some of the images: views, in the current dispose scope.</summary>
    /// <param name="start">The first image.</param>
    /// <param name="count">How many.</param>
    public TapResult Narrow(int start, int count)
    {
        var part = new TapResult { Logits = Logits?.narrow(0, start, count) };
        foreach (var (layer, output) in _outputs) part.Add(layer, output.narrow(0, start, count));
        foreach (var (layer, output) in _forNeurons) part.AddForNeurons(layer, output.narrow(0, start, count));
        return part;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in Tensors) tensor.Dispose();
    }

    /// <summary>Sets a layer's output, in place of one that is there.</summary>
    internal void Add(string layer, Tensor output) => _outputs[layer] = output;

    /// <summary>A layer's output as an objective on single neurons shall see it: the same values, other gradients where <see cref="AddForNeurons"/> gave some.</summary>
    internal Tensor ForNeurons(string layer) => _forNeurons.TryGetValue(layer, out var output) ? output : _outputs[layer];

    internal void AddForNeurons(string layer, Tensor output) => _forNeurons[layer] = output;
}
