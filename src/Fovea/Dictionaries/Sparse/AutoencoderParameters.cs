using static TorchSharp.torch;

namespace Fovea.Dictionaries.Sparse;

/// <summary>
/// An autoencoder's parameters by name: which of them training changes, which is another's transpose, and where they live. They outlive
/// every dispose scope.
/// </summary>
internal sealed class AutoencoderParameters : IDisposable
{
    private readonly SortedDictionary<string, Tensor> _all = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Tensor> _trained = new(StringComparer.Ordinal);
    private (string View, string Of)? _transposed;
    private bool _disposed;

    /// <summary>Every parameter.</summary>
    public IReadOnlyDictionary<string, Tensor> All => _all;

    /// <summary>Those that training changes.</summary>
    public IReadOnlyDictionary<string, Tensor> Trained => _trained;

    /// <summary>Those that are not a view of another.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Stored => _all.Where(pair => pair.Key != _transposed?.View);

    /// <summary>Adds a parameter of zeros.</summary>
    public void Add(string name, bool trained, ScalarType dtype, params long[] shape)
    {
        var parameter = zeros(shape, dtype).DetachFromDisposeScope();
        _all.Add(name, parameter);
        if (trained) _trained.Add(name, parameter);
    }

    /// <summary>Adds a parameter that is another's transpose: a view of the same memory, not trained by itself.</summary>
    public void AddTransposed(string name, string of)
    {
        _transposed = (name, of);
        ShareTransposed();
    }

    /// <summary>Moves all of them; whoever holds one still holds the old one.</summary>
    public void MoveTo(Device device)
    {
        foreach (var (name, old) in Stored.ToArray())
        {
            bool gradient = old.requires_grad;
            using (no_grad())
            {
                var moved = old.to(device).DetachFromDisposeScope();
                if (ReferenceEquals(moved, old)) continue;
                _all[name] = moved;
            }
            _all[name].requires_grad_(gradient);
            if (_trained.ContainsKey(name)) _trained[name] = _all[name];
            old.Dispose();
        }
        if (_transposed is not { } transposed) return;
        _all[transposed.View].Dispose();
        ShareTransposed();
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        foreach (var parameter in _all.Values) parameter.Dispose();
    }

    private void ShareTransposed()
    {
        var (view, of) = _transposed!.Value;
        using var frozen = no_grad();
        _all[view] = _all[of].t().DetachFromDisposeScope();
    }
}
