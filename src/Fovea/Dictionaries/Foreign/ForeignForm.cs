using Fovea.Dictionaries.Sparse;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Foreign;

/// <summary>
/// The tensors of a state dict of another library on their way to ours: taken one by one with the shape that they must have, changed in
/// float64, rounded once. New tensors belong to the current dispose scope.
/// </summary>
internal sealed class ForeignForm(IReadOnlyDictionary<string, Tensor> state, string path)
{
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor> _ours = new(StringComparer.Ordinal);

    /// <summary>What might surprise.</summary>
    public List<string> Notes { get; } = [];

    public string Path => path;

    /// <summary>Whether the weights are float64.</summary>
    public bool IsWide => state.Values.Any(tensor => tensor.dtype == ScalarType.Float64 && tensor.dim() > 0);

    public bool Has(string name) => state.ContainsKey(name);

    public IEnumerable<string> Names => state.Keys;

    /// <summary>A tensor of two dimensions in float64.</summary>
    public Tensor Matrix(string name) => Take(name) is { } tensor && tensor.dim() == 2 && tensor.numel() > 0
        ? tensor : throw Wrong(name, "not a matrix");

    /// <summary>A tensor of this shape in float64.</summary>
    public Tensor Shaped(string name, params long[] shape) => Take(name) is { } tensor && tensor.shape.AsSpan().SequenceEqual(shape)
        ? tensor : throw Wrong(name, $"not [{string.Join(", ", shape)}]");

    /// <summary>The one number of a tensor without dimensions.</summary>
    public double Number(string name) => Take(name) is { } tensor && tensor.numel() == 1
        ? tensor.item<double>() : throw Wrong(name, "not one number");

    /// <summary>Passes over tensors that inference does not need.</summary>
    public void Ignore(params string[] names) => _taken.UnionWith(names);

    /// <summary>Gives a tensor one of our names.</summary>
    public void Set(string name, Tensor value) => _ours[name] = value;

    /// <summary>Codes of z = x W_enc + b_enc, without x − b_dec: b_dec W_enc goes to the bias of z.</summary>
    public void TakeUncentred()
    {
        _ours[SparseAutoencoder.EncoderBiasName] = _ours[SparseAutoencoder.EncoderBiasName]
            + _ours[SparseAutoencoder.DecoderBiasName].matmul(_ours[SparseAutoencoder.EncoderWeightName]);
    }

    /// <summary>Codes of s·x, divided by s, as <see cref="SparseAutoencoder.FoldScale"/> makes them; the same autoencoder.</summary>
    public static SparseAutoencoder Scaled(SparseAutoencoder autoencoder, double? scale, string path)
    {
        if (scale is not { } s) return autoencoder;
        if (!double.IsFinite(s) || s <= 0)
        {
            autoencoder.Dispose();
            throw FoveaException.BadConfiguration($"{path}: an input scale is a number above 0, not {s}.");
        }
        autoencoder.FoldScale(s);
        autoencoder.InputScale = s;
        return autoencoder;
    }

    /// <summary>The autoencoder of these settings with the tensors that were set; every tensor of the state must have been used.</summary>
    public SparseAutoencoder Make(VariantOptions settings)
    {
        string[] left = [.. state.Keys.Where(name => !_taken.Contains(name))];
        if (left.Length > 0)
            throw FoveaException.BadData($"{path} holds what a dictionary of its kind does not have: {string.Join(", ", left.Take(8))}. "
                + $"It is not read.");
        long[] sizes = _ours[SparseAutoencoder.DecoderWeightName].shape;
        SparseAutoencoder? autoencoder = null;
        try
        {
            autoencoder = settings.Create((int)sizes[1], (int)sizes[0], IsWide ? ScalarType.Float64 : ScalarType.Float32);
            AutoencoderFile.CopyParameters(
                autoencoder, _ours.ToDictionary(pair => pair.Key, pair => pair.Value.to_type(autoencoder.DType)), path);
            return autoencoder;
        }
        catch (FoveaException e)
        {
            autoencoder?.Dispose();
            throw e.Kind == FailureKind.Configuration ? FoveaException.BadData($"{path}: {e.Message}", e) : e;
        }
    }

    private Tensor? Take(string name)
    {
        if (!state.TryGetValue(name, out var tensor)) throw FoveaException.BadData($"{path} lacks the tensor {name}.");
        _taken.Add(name);
        var wide = tensor.to_type(ScalarType.Float64);
        if (!wide.isfinite().all().item<bool>()) throw FoveaException.NumericalFailure($"{path}: {name} holds NaN or infinity.");
        return wide;
    }

    private FoveaException Wrong(string name, string what) =>
        FoveaException.BadData($"{path}: {name} is [{string.Join(", ", state[name].shape)}], {what} as the others say.");
}
