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

    /// <summary>What was decided when they were read and might surprise: other weights in the file, names that were shortened.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

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
        : throw FoveaException.BadData(
            $"The weights hold no tensor {key}; they hold {string.Join(", ", Keys.Take(12))}{(Count > 12 ? " …" : "")}.");

    /// <summary>Reads a checkpoint into main memory; its form (PyTorch of any age or safetensors) is found from its content.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">
    /// Which weights, where the file holds several sets: a key of a PyTorch file (<c>state_dict_ema</c>), or the prefix of their names
    /// (<c>ema_model.</c>). Null: found.
    /// </param>
    /// <exception cref="FoveaException">The file is missing, damaged, of another form, asks for anything but data, or has no such
    /// key.</exception>
    public static StateDict Load(string path, string? key = null) => Read(path, key, content: true);

    /// <summary>
    /// Names, types and shapes of a checkpoint's tensors, as <see cref="Load(string, string?)"/> finds them, without reading what is in
    /// them: whether weights fit a network is known from this (<see cref="RequireFit"/>). The tensors are zeros that take no memory.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="key">Which weights, where the file holds several sets.</param>
    /// <exception cref="FoveaException">As <see cref="Load(string, string?)"/>, but for damage inside a tensor.</exception>
    public static StateDict LoadShapes(string path, string? key = null) => Read(path, key, content: false);

    private static StateDict Read(string path, string? key, bool content)
    {
        if (CheckpointFormats.Detect(path) != CheckpointFormat.Safetensors)
        {
            if (key is null) return Chosen(null);
            using (var checkpoint = PyTorch.PyTorchCheckpoint.Open(path))
            {
                bool isKey = checkpoint.StateDicts.Any(entry => entry.Key == key);
                if (isKey || !HasPrefix(checkpoint.Tensors.Select(tensor => tensor.Name), key)) return Chosen(key);
            }
            return WithPrefix(Chosen(null), key);
        }
        using var file = SafetensorsFile.Open(path);
        string[] names = [.. file.Tensors.Keys];
        if (key is not null && !HasPrefix(names, key))
            throw FoveaException.BadData($"{path} holds no weights under {key}: no name begins with {key.TrimEnd('.')}.");
        string[] renamed = WeightNames.WithoutWrappers(names, out string removed);
        using var scope = NewDisposeScope();
        var all = new StateDict(
            names.Select(
                (name, i) => KeyValuePair.Create(
                    renamed[i], content ? file.ToTensor(name) : Shaped(file.Tensors[name].Type, file.Tensors[name].Shape)))
                        .ToArray(), new Dictionary<string, string>(file.Metadata))
        {
            Notes = PyTorch.PyTorchCheckpoint.Notes([], "", removed),
        };
        return key is null ? all : WithPrefix(all, key);

        StateDict Chosen(string? chosen) => content ? PyTorchFile.Read(path, chosen) : PyTorchFile.ReadShapes(path, chosen);
    }

    /// <summary>A tensor of zeros of a type and a shape that takes the memory of one number.</summary>
    internal static Tensor Shaped(ElementType type, IReadOnlyList<long> shape)
    {
        using Tensor zero = zeros([], dtype: type.ToScalarType());
        return zero.expand([.. shape]);
    }

    /// <summary>A snapshot of a network's tensors: copies in main memory.</summary>
    public static StateDict Of(IReadOnlyDictionary<string, Tensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        return new StateDict(tensors.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.detach().cpu().clone())));
    }

    /// <summary>
    /// Writes the tensors in the form that the file's ending names: .safetensors (with the metadata), .pth or .pt (without).
    /// </summary>
    /// <exception cref="FoveaException">The ending is another, a tensor's type has no stored form, or the place cannot be
    /// written.</exception>
    public void Save(string path)
    {
        if (CheckpointFormats.FromExtension(path) == CheckpointFormat.PyTorch) PyTorchFile.Write(path, this);
        else Safetensors.Write(path, this, Metadata);
    }

    /// <summary>
    /// These weights under the names that a network uses: a prefix that all of them share comes off where what is left is what the network
    /// needs, and what belongs to a training (<c>n_averaged</c>, <c>criterion.</c> …) is dropped. The notes say so.
    /// </summary>
    /// <returns>This dictionary where nothing is to be done, else one over the same tensors; owned by this one.</returns>
    internal StateDict NamedFor(IReadOnlyDictionary<string, Tensor> network)
    {
        string[] needed = [.. network.Keys.Where(name => !IsBatchCounter(name))];
        if (needed.All(_tensors.ContainsKey))
        {
            string[] extra = [.. Keys.Where(WeightNames.IsOfTraining).Except(needed)];
            return extra.Length == 0
                ? this : Renamed(
                    _tensors.Where(pair => !extra.Contains(pair.Key)),
                        $"Left out: {string.Join(", ", extra.Take(6))}, which belong to a training.");
        }
        if (WeightNames.FindPrefix([.. Keys], needed, null, out IReadOnlyList<string> others) is not { } prefix) return this;
        string beside = others.Count == 0 ? "" : $" There {(others.Count == 1 ? "is another set" : "are other sets")} of weights under "
            + $"{string.Join(", ", others)}: ask for it with --weights-key {others[0].TrimEnd('.')}, in a recipe weights_key.";
        return Renamed(
            _tensors.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal))
                .Select(pair => KeyValuePair.Create(pair.Key[prefix.Length..], pair.Value)),
            $"The prefix {prefix} of all names was taken off.{beside}");
    }

    private StateDict Renamed(IEnumerable<KeyValuePair<string, Tensor>> tensors, string note) =>
        new(tensors, Metadata) { Notes = [.. Notes, note] };

    private static bool HasPrefix(IEnumerable<string> names, string key) =>
        names.Any(name => name.StartsWith(key.TrimEnd('.') + ".", StringComparison.Ordinal));

    private static StateDict WithPrefix(StateDict all, string key)
    {
        string prefix = all.Keys.Any(name => name.StartsWith(key.TrimEnd('.') + ".", StringComparison.Ordinal))
            ? key.TrimEnd('.') + "." : "";
        var kept = all._tensors.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal)).ToArray();
        foreach (var (_, tensor) in all._tensors.Except(kept)) tensor.Dispose();
        string[] names = WeightNames.WithoutWrappers([.. kept.Select(pair => pair.Key[prefix.Length..])], out _);
        return new StateDict(
            kept.Select((pair, i) => KeyValuePair.Create(names[i], pair.Value)),
                all.Metadata)
        { Notes = [$"Taken are the weights under {prefix}"] };
    }

    /// <summary>
    /// How these tensors differ from what a network needs. <c>num_batches_tracked</c>, a counter that changes nothing in evaluation and
    /// that some tools leave out or write as a list of one, may be missing, too much or of that shape.
    /// </summary>
    public StateDictMismatch Compare(IReadOnlyDictionary<string, Tensor> needed)
    {
        ArgumentNullException.ThrowIfNull(needed);
        var both = needed.Where(pair => _tensors.ContainsKey(pair.Key))
            .Select(pair => (Name: pair.Key, Needed: pair.Value, Found: _tensors[pair.Key])).ToArray();
        return new StateDictMismatch
        {
            Missing = [.. needed.Keys.Where(name => !_tensors.ContainsKey(name) && !IsBatchCounter(name))],
            Unexpected = [.. Keys.Where(name => !needed.ContainsKey(name) && !IsBatchCounter(name))],
            WrongShapes =
                [.. both.Where(t => !t.Needed.shape.SequenceEqual(t.Found.shape) && !(IsBatchCounter(t.Name) && t.Found.numel() == 1))
                    .Select(t => new WrongShape(t.Name, t.Needed.shape, t.Found.shape))],
            WrongTypes = [.. both.Where(t => IsReal(t.Needed) != IsReal(t.Found))
                .Select(t => $"{t.Name} {TypeName(t.Found)} for {TypeName(t.Needed)}")],
        };
    }

    /// <summary>
    /// Copies the tensors into a network's, on whatever device and in whatever floating type those are. Nothing is
    /// copied unless everything fits. A prefix that all names share comes off where what is left fits.
    /// </summary>
    /// <param name="network">The network's tensors, which are kept and overwritten.</param>
    /// <param name="name">The network's name, for the message.</param>
    /// <param name="what">What these weights are, for the message: a path, or "resnet18 from weights.pth".</param>
    /// <returns>The notes of these weights, and what was done to their names.</returns>
    /// <exception cref="FoveaException">Tensors are missing, unexpected, or of another shape or type; the message lists all of
    /// them.</exception>
    public IReadOnlyList<string> CopyTo(IReadOnlyDictionary<string, Tensor> network, string name, string what)
    {
        StateDict named = Fitting(network, name, what);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        foreach (var (key, target) in network)
        {
            if (named._tensors.TryGetValue(key, out Tensor? source)) target.copy_(source.reshape(target.shape));
        }
        return named.Notes;
    }

    /// <summary>Refuses what <see cref="CopyTo"/> would refuse, and copies nothing.</summary>
    /// <inheritdoc cref="CopyTo"/>
    public IReadOnlyList<string> RequireFit(IReadOnlyDictionary<string, Tensor> network, string name, string what) =>
        Fitting(network, name, what).Notes;

    private StateDict Fitting(IReadOnlyDictionary<string, Tensor> network, string name, string what)
    {
        StateDict named = NamedFor(network);
        StateDictMismatch mismatch = named.Compare(network);
        if (!mismatch.IsMatch)
        {
            string shared = named == this ? WeightNames.Shared([.. Keys]) : "";
            string taken = named.Notes.Count > 0 ? $"\n({string.Join(" ", named.Notes)})" : "";
            string prefix = mismatch.Missing.Count > 0 && shared.Length > 0
                ? $"\nAll names begin with {shared}; without it they are not what this network needs either." : "";
            if (named == this
                && WeightNames.FindPrefix([.. Keys], [.. network.Keys.Where(key => !IsBatchCounter(key))], null, out var sets) is null
                    && sets.Count > 1)
            {
                throw FoveaException.BadData($"{what} holds several whole sets of weights for {name}, under {string.Join(", ", sets)}: "
                    + $"say which with --weights-key {sets[0].TrimEnd('.')}, in a recipe weights_key.");
            }
            throw FoveaException.BadData($"{what} does not fit the network {name}:{mismatch.Describe()}{prefix}{taken}");
        }
        return named;
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
