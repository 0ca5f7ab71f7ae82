using static TorchSharp.torch;

namespace Fovea.Models.Torch;

/// <summary>
/// Weights of a network in the form that its convolutions run fastest with: normalisations folded in, channels last. Made when they are
/// first asked for, and anew when any of what they are made of was written to. They live until this is disposed.
/// </summary>
internal sealed class PreparedWeights : IDisposable
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>How many there are.</summary>
    public int Count => _entries.Count;

    /// <summary>What was made under a name, if it is of these tensors as they are now; otherwise it is made.</summary>
    /// <param name="name">Tells what is made of what.</param>
    /// <param name="sources">What it is made of.</param>
    /// <param name="make">Makes it; called in a dispose scope of its own, without gradients.</param>
    /// <returns>Weight and bias, which stay this one's; null where it cannot be known whether somebody writes to the sources.</returns>
    public (Tensor Weight, Tensor? Bias)? Of(string name, Tensor?[] sources, Func<Tensor?[], (Tensor Weight, Tensor? Bias)> make)
    {
        var versions = new long[sources.Length];
        for (int i = 0; i < sources.Length; i++)
        {
            if (sources[i] is not { } source) continue;
            if (TensorVersions.Of(source) is not { } version) return null;
            versions[i] = version;
        }
        if (_entries.TryGetValue(name, out Entry? found))
        {
            if (found.IsOf(sources, versions)) return (found.Weight, found.Bias);
            found.Dispose();
        }
        // What is made in inference mode could not be used where gradients are recorded.
        using var usual = inference_mode(false);
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var (weight, bias) = make(sources);
        var entry = new Entry(weight.DetachFromDisposeScope(), bias?.DetachFromDisposeScope(), [.. sources], versions);
        _entries[name] = entry;
        return (entry.Weight, entry.Bias);
    }

    /// <summary>Frees everything; what is asked for later is made again.</summary>
    public void Clear()
    {
        foreach (Entry entry in _entries.Values) entry.Dispose();
        _entries.Clear();
    }

    /// <inheritdoc/>
    public void Dispose() => Clear();

    private sealed record Entry(Tensor Weight, Tensor? Bias, Tensor?[] Sources, long[] Versions) : IDisposable
    {
        public bool IsOf(Tensor?[] sources, long[] versions)
        {
            for (int i = 0; i < sources.Length; i++)
                if (!ReferenceEquals(sources[i], Sources[i])) return false;
            return versions.AsSpan().SequenceEqual(Versions);
        }

        public void Dispose()
        {
            Weight.Dispose();
            Bias?.Dispose();
        }
    }
}
