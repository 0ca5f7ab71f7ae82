using System.Collections;
using System.Diagnostics.CodeAnalysis;
using static TorchSharp.torch;

namespace Fovea.Checkpoints;

/// <summary>
/// Tensors by name, in order: the weights of a network as a checkpoint holds them. Owns its tensors: they live until it is disposed,
/// whatever dispose scope it was made in. Tensors that shared memory in a PyTorch file (tied weights) share it here.
/// </summary>
public sealed class StateDict : IReadOnlyDictionary<string, Tensor>, IDisposable
{
    private const string BatchCounter = "num_batches_tracked";

    private readonly OrderedDictionary<string, Tensor> _tensors = [];

    /// <summary>Takes over <paramref name="tensors"/>, keeping their order.</summary>
    /// <exception cref="ArgumentException">Two tensors have one name.</exception>
    public StateDict(IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        foreach (var (name, tensor) in tensors)
        {
            if (!_tensors.TryAdd(name, tensor)) throw new ArgumentException($"Two tensors are called {name}.", nameof(tensors));
        }
        foreach (Tensor tensor in _tensors.Values) tensor.DetachFromDisposeScope();
        Metadata = metadata ?? new Dictionary<string, string>();
    }

    /// <summary>Free words stored with the tensors (safetensors only).</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _tensors.Keys;

    /// <inheritdoc/>
    public IEnumerable<Tensor> Values => _tensors.Values;

    /// <inheritdoc/>
    public int Count => _tensors.Count;

    /// <summary>The tensor of this name; the dictionary keeps it.</summary>
    /// <exception cref="FoveaException">There is none.</exception>
    public Tensor this[string key] => _tensors.TryGetValue(key, out Tensor? tensor)
        ? tensor
        : throw FoveaException.BadData($"The weights hold no tensor {key}; they hold {string.Join(", ", Keys.Take(12))}{(Count > 12 ? " …" : "")}.");

    /// <summary>Reads a checkpoint into main memory; its form (PyTorch zip or safetensors) is found from its content.</summary>
    /// <exception cref="FoveaException">The file is missing, damaged, of another form, or asks for anything but data.</exception>
    public static StateDict Load(string path)
    {
        if (CheckpointFormats.Detect(path) == CheckpointFormat.PyTorch) return PyTorchFile.Read(path);
        using var file = SafetensorsFile.Open(path);
        using var scope = NewDisposeScope();
        return new StateDict(file.Tensors.Keys.Select(name => KeyValuePair.Create(name, file.ToTensor(name))), new Dictionary<string, string>(file.Metadata));
    }

    /// <summary>A snapshot of a network's tensors: copies in main memory.</summary>
    public static StateDict Of(IReadOnlyDictionary<string, Tensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        return new StateDict(tensors.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.detach().cpu().clone())));
    }

    /// <summary>Writes the tensors in the form that the file's ending names: .safetensors (with the metadata), .pth or .pt (without).</summary>
    /// <exception cref="FoveaException">The ending is another, a tensor's type has no stored form, or the place cannot be written.</exception>
    public void Save(string path)
    {
        if (CheckpointFormats.FromExtension(path) == CheckpointFormat.PyTorch) PyTorchFile.Write(path, this);
        else Safetensors.Write(path, this, Metadata);
    }

    /// <summary>
    /// How these tensors differ from what a network needs. <c>num_batches_tracked</c>, a counter that changes nothing in evaluation and that
    /// some tools leave out, may be missing or too much.
    /// </summary>
    public StateDictMismatch Compare(IReadOnlyDictionary<string, Tensor> needed)
    {
        ArgumentNullException.ThrowIfNull(needed);
        var both = needed.Where(pair => _tensors.ContainsKey(pair.Key)).Select(pair => (Name: pair.Key, Needed: pair.Value, Found: _tensors[pair.Key])).ToArray();
        return new StateDictMismatch
        {
            Missing = [.. needed.Keys.Where(name => !_tensors.ContainsKey(name) && !IsBatchCounter(name))],
            Unexpected = [.. Keys.Where(name => !needed.ContainsKey(name) && !IsBatchCounter(name))],
            WrongShapes = [.. both.Where(t => !t.Needed.shape.SequenceEqual(t.Found.shape)).Select(t => new WrongShape(t.Name, t.Needed.shape, t.Found.shape))],
            WrongTypes = [.. both.Where(t => IsReal(t.Needed) != IsReal(t.Found)).Select(t => $"{t.Name} {TypeName(t.Found)} for {TypeName(t.Needed)}")],
        };
    }

    /// <summary>
    /// Copies the tensors into a network's, on whatever device and in whatever floating type those are. Nothing is
    /// copied unless everything fits.
    /// </summary>
    /// <param name="network">The network's tensors, which are kept and overwritten.</param>
    /// <param name="name">The network's name, for the message.</param>
    /// <param name="what">What these weights are, for the message: a path, or "resnet18 from weights.pth".</param>
    /// <exception cref="FoveaException">Tensors are missing, unexpected, or of another shape or type; the message lists all of them.</exception>
    public void CopyTo(IReadOnlyDictionary<string, Tensor> network, string name, string what)
    {
        StateDictMismatch mismatch = Compare(network);
        if (!mismatch.IsMatch) throw FoveaException.BadData($"{what} does not fit the network {name}:{mismatch.Describe()}");
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        foreach (var (key, target) in network)
        {
            if (_tensors.TryGetValue(key, out Tensor? source)) target.copy_(source);
        }
    }

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _tensors.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out Tensor value) => _tensors.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, Tensor>> GetEnumerator() => _tensors.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        foreach (Tensor tensor in _tensors.Values) tensor.Dispose();
    }

    private static bool IsBatchCounter(string name) => name == BatchCounter || name.EndsWith("." + BatchCounter, StringComparison.Ordinal);

    private static bool IsReal(Tensor tensor) => tensor.is_floating_point();

    private static string TypeName(Tensor tensor) => ElementTypes.Of(tensor.dtype).TorchName();
}
