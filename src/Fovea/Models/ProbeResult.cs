using static TorchSharp.torch;

namespace Fovea.Models;

/// <summary>
/// What a forward pass gave to a <see cref="Probe"/>. It owns its tensors: dispose it, or run inside a dispose scope, which it joins.
/// </summary>
public sealed class ProbeResult : IDisposable
{
    private readonly Dictionary<string, Tensor> _outputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor> _forNeurons = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor> _gradients = new(StringComparer.Ordinal);
    private Tensor? _logits;

    internal ProbeResult()
    {
    }

    /// <summary>
    /// A layer's output as the next layer saw it, i.e. after its edits; not a copy, and in memory in whatever order it was made in:
    /// <c>contiguous()</c> before its bytes are read. In a rendering, where gradients shall pass a ReLU6 at
    /// the layer's end, the same values with those gradients.
    /// </summary>
    /// <exception cref="KeyNotFoundException">The layer was not read.</exception>
    public Tensor this[string layer] => _outputs[layer];

    /// <summary>The network's answer, <c>[N, classes]</c>.</summary>
    /// <exception cref="InvalidOperationException">The pass stopped before it.</exception>
    public Tensor Logits =>
        _logits ?? throw new InvalidOperationException($"The answer was not asked for: set {nameof(Probe)}.{nameof(Probe.Output)}.");

    /// <summary>Whether the pass went on to the answer.</summary>
    public bool HasLogits => _logits is not null;

    /// <summary>∂ what <see cref="ProbeGradient.Of"/> gave / ∂ a layer's output, in its shape.</summary>
    /// <exception cref="KeyNotFoundException">It was not asked for.</exception>
    public Tensor Gradient(string layer) => _gradients[layer];

    internal IEnumerable<Tensor> Tensors =>
        [.. _outputs.Values, .. _forNeurons.Values, .. _gradients.Values, .. _logits is null ? (Tensor[])[] : [_logits]];

    /// <summary>The same of some of the images: views, in the current dispose scope.</summary>
    /// <param name="start">The first image.</param>
    /// <param name="count">How many.</param>
    public ProbeResult Narrow(int start, int count)
    {
        var part = new ProbeResult { _logits = _logits?.narrow(0, start, count) };
        foreach (var (layer, output) in _outputs) part.Add(layer, output.narrow(0, start, count));
        foreach (var (layer, output) in _forNeurons) part.AddForNeurons(layer, output.narrow(0, start, count));
        foreach (var (layer, gradient) in _gradients) part.AddGradient(layer, gradient.narrow(0, start, count));
        return part;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in Tensors) tensor.Dispose();
    }

    /// <summary>Sets a layer's output, in place of one that is there.</summary>
    internal void Add(string layer, Tensor output) => _outputs[layer] = output;

    internal void AddLogits(Tensor logits) => _logits = logits;

    internal void AddGradient(string layer, Tensor gradient) => _gradients[layer] = gradient;

    /// <summary>
    /// A layer's output as an objective on single neurons shall see it: the same values, other gradients where <see cref="AddForNeurons"/>
    /// gave some.
    /// </summary>
    internal Tensor ForNeurons(string layer) => _forNeurons.TryGetValue(layer, out var output) ? output : _outputs[layer];

    internal void AddForNeurons(string layer, Tensor output) => _forNeurons[layer] = output;
}
