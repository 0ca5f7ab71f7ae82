using static TorchSharp.torch;

namespace Fovea.Models;

/// <summary>
/// What a network makes of a layer's output, as it is and changed. Where the rest of the network needs nothing but that output, a change costs only the rest
/// (<see cref="Network.ContinueAfter"/>); inside a block with a shortcut it costs the whole pass again, with the output replaced on the way.
/// </summary>
internal sealed class LayerTail(Network network, string layer) : IDisposable
{
    private readonly LayerTaps _taps = new(network, layer);

    /// <summary>Whether a change costs the whole pass again and so needs the network's input.</summary>
    public bool NeedsInput { get; } = !network.CanContinueAfter(layer);

    /// <summary>The unchanged pass.</summary>
    /// <param name="input"><c>[N, 3, H, W]</c>.</param>
    /// <returns>The layer's output and the logits, in the current dispose scope.</returns>
    public (Tensor Output, Tensor Logits) Run(Tensor input)
    {
        TapResult result = _taps.Run(input, stopEarly: false);
        return (result[layer], result.Logits!);
    }

    /// <summary>The logits with another output of the layer.</summary>
    /// <param name="input">The input of <see cref="Run"/>.</param>
    /// <param name="output">The layer's output, of the same shape.</param>
    public Tensor Logits(Tensor input, Tensor output)
    {
        if (!NeedsInput) return network.ContinueAfter(layer, output);
        _taps.Replace(layer, _ => output.alias());
        try
        {
            return Run(input).Logits;
        }
        finally
        {
            _taps.Replace(layer, null);
        }
    }

    public void Dispose() => _taps.Dispose();
}
