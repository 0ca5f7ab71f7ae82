using static TorchSharp.torch;

namespace Fovea.Models;

/// <summary>
/// Reads and replaces the outputs of any layers of a network by name, in any forward pass that goes through <see cref="Run"/>; other forward
/// passes of the network are untouched. Works under autograd: <c>torch.autograd.grad(objective, taps[layer])</c> is the gradient at the layer.
/// Harvesting, splicing, ablation, steering and class activation maps share it. One thread at a time.
/// </summary>
public sealed class LayerTaps : IDisposable
{
    private readonly Network _network;
    private readonly HashSet<string> _reads = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Func<Tensor, Tensor>> _edits = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Action> _unhook = new(StringComparer.Ordinal);
    private TapResult? _result;
    private bool _stop;
    private bool _disposed;

    /// <summary>Taps on the given layers; names as in <see cref="Network.LayerNames"/>.</summary>
    /// <exception cref="FoveaException">A layer does not exist; the message names the nearest ones.</exception>
    public LayerTaps(Network network, params IEnumerable<string> layers)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(layers);
        _network = network;
        string[] names = [.. layers];
        foreach (string layer in names) network.Layer(layer); // all names are checked before the first hook is set
        foreach (string layer in names)
        {
            _reads.Add(layer);
            Hook(layer);
        }
    }

    /// <summary>The tapped layers, in the order in which they run.</summary>
    public IEnumerable<string> Layers => _network.LayerNames.Where(_reads.Contains);

    /// <summary>
    /// From the next <see cref="Run"/> on, <paramref name="edit"/> gets the layer's output and returns what the rest of the network sees in its
    /// place: the same shape, and connected to its argument where gradients shall flow through. Null takes an edit away.
    /// </summary>
    /// <exception cref="FoveaException">The layer does not exist.</exception>
    public void Replace(string layer, Func<Tensor, Tensor>? edit)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _network.Layer(layer);
        if (edit is not null)
        {
            _edits[layer] = edit;
            Hook(layer);
        }
        else if (_edits.Remove(layer) && !_reads.Contains(layer) && _unhook.Remove(layer, out var unhook))
        {
            unhook();
        }
    }

    /// <summary>One forward pass.</summary>
    /// <param name="input"><c>[N, 3, H, W]</c>.</param>
    /// <param name="stopEarly">Stop as soon as every tapped layer has run: <see cref="TapResult.Logits"/> is then null.
    /// Without tapped layers the pass runs to its end.</param>
    /// <returns>The outputs; the caller owns them.</returns>
    public TapResult Run(Tensor input, bool stopEarly = true)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_result is not null) throw new InvalidOperationException("A forward pass of these taps is already running.");
        var result = _result = new TapResult();
        _stop = stopEarly && _reads.Count > 0;
        try
        {
            using var scope = NewDisposeScope();
            try
            {
                result.Logits = _network.call(input).DetachFromDisposeScope();
            }
            catch (StopForward)
            {
                // every tapped layer has run
            }
            foreach (var tensor in result.Tensors) scope.Attach(tensor);
            scope.MoveToOuter(result.Tensors);
            return result;
        }
        catch
        {
            result.Dispose();
            throw;
        }
        finally
        {
            _result = null;
        }
    }

    /// <summary>Removes every hook from the network.</summary>
    public void Dispose()
    {
        _disposed = true;
        foreach (var unhook in _unhook.Values) unhook();
        _unhook.Clear();
    }

    private void Hook(string layer)
    {
        if (_unhook.ContainsKey(layer)) return;
        var hook = _network.Layer(layer).register_forward_hook((_, _, output) => Fired(layer, output));
        _unhook.Add(layer, hook.remove);
    }

    private Tensor Fired(string layer, Tensor output)
    {
        if (_result is null) return output; // somebody else's forward pass
        if (_edits.TryGetValue(layer, out var edit))
        {
            var edited = edit(output);
            if (!edited.shape.AsSpan().SequenceEqual(output.shape))
                throw FoveaException.BadConfiguration($"The replacement of {layer} has shape [{string.Join(", ", edited.shape)}], the layer [{string.Join(", ", output.shape)}].");
            output = edited;
        }
        if (_reads.Contains(layer))
        {
            // Out of the scopes of the modules around: they would dispose it when they return.
            _result.Add(layer, output.DetachFromDisposeScope());
            if (_stop && _result.Count == _reads.Count) throw new StopForward();
        }
        return output;
    }

    /// <summary>Unwinds the forward pass through the modules' dispose scopes, which free what is no longer needed.</summary>
    private sealed class StopForward : Exception;
}
