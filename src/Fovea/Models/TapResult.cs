using static TorchSharp.torch;

namespace Fovea.Models;

/// <summary>
/// The outputs of the tapped layers in one forward pass. It owns its tensors: dispose it, or run inside a dispose scope, which it joins.
/// </summary>
public sealed class TapResult : IDisposable
{
    private readonly Dictionary<string, Tensor> _outputs = new(StringComparer.Ordinal);

    internal TapResult()
    {
    }

    /// <summary>A tapped layer's output as the next layer saw it, i.e. after <see cref="LayerTaps.Replace"/>; not a copy.</summary>
    /// <exception cref="KeyNotFoundException">The layer was not tapped.</exception>
    public Tensor this[string layer] => _outputs[layer];

    /// <summary>The network's output, <c>[N, classes]</c>; null where the pass stopped before it.</summary>
    public Tensor? Logits { get; internal set; }

    internal int Count => _outputs.Count;

    internal IEnumerable<Tensor> Tensors => Logits is null ? _outputs.Values : _outputs.Values.Append(Logits);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var output in _outputs.Values) output.Dispose();
        Logits?.Dispose();
    }

    internal void Add(string layer, Tensor output) => _outputs[layer] = output;
}
