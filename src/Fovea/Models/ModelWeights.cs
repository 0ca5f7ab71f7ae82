using Fovea.Checkpoints;
using Fovea.Models.Graph;
using Fovea.Models.Torch;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Models;

/// <summary>
/// The tensors of a network by name, in the order in which checkpoints list them. They live until this is disposed, whatever scope they
/// were made in.
/// </summary>
internal sealed class ModelWeights : IDisposable
{
    private readonly OrderedDictionary<string, Tensor> _all = [];
    private readonly NetworkGraph _graph;

    public ModelWeights(NetworkGraph graph)
    {
        _graph = graph;
        // What is learned stands first, then what is measured: the order that files have had.
        foreach (GraphWeight weight in graph.Weights.OrderBy(weight => weight.Kind != WeightKind.Parameter))
        {
            long[] shape = [.. weight.Shape];
            Tensor tensor = zeros(shape, dtype: weight.Type.ToScalarType());
            _all.Add(weight.Name, tensor.DetachFromDisposeScope());
        }
    }

    public IReadOnlyDictionary<string, Tensor> All => _all;

    /// <summary>What engines make of them to run faster.</summary>
    public PreparedWeights Prepared { get; } = new();

    public IReadOnlyDictionary<string, Tensor> Of(bool learned)
    {
        var some = new OrderedDictionary<string, Tensor>();
        foreach (GraphWeight weight in _graph.Weights)
            if (weight.Kind == WeightKind.Parameter == learned) some.Add(weight.Name, _all[weight.Name]);
        return some;
    }

    public void MoveTo(Device device) =>
        Change(old => old.device.type == device.type && (device.index < 0 || old.device.index == device.index) ? old : old.to(device));

    /// <summary>Floating-point tensors in another type.</summary>
    public void ToType(ScalarType type) => Change(old => !old.is_floating_point() || old.dtype == type ? old : old.to(type));

    private void Change(Func<Tensor, Tensor> to)
    {
        Prepared.Clear();
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        foreach (GraphWeight weight in _graph.Weights)
        {
            Tensor old = _all[weight.Name], changed = to(old);
            if (ReferenceEquals(old, changed)) continue;
            Tensor moved = changed.detach().DetachFromDisposeScope();
            moved.requires_grad = old.requires_grad;
            _all[weight.Name] = moved;
            old.Dispose();
        }
    }

    /// <summary>See <see cref="ImageModel.Initialise"/>.</summary>
    /// <param name="seed">Decides the numbers.</param>
    /// <param name="only">Names of the weights that are drawn; null: all.</param>
    public void Initialise(ulong seed, IReadOnlyCollection<string>? only = null)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        foreach (GraphWeight weight in _graph.Weights)
        {
            if (only?.Contains(weight.Name) == false) continue;
            Tensor tensor = _all[weight.Name];
            if (weight.Kind == WeightKind.Constant) continue;
            if (weight.Kind != WeightKind.Parameter) tensor.fill_(weight.Name.EndsWith("running_var", StringComparison.Ordinal) ? 1 : 0);
            else if (tensor.dim() == 1) tensor.fill_(weight.Name.EndsWith("bias", StringComparison.Ordinal) ? 0 : 1);
            else tensor.copy_(Normal(tensor.shape, new CounterRandom(seed, "init/" + weight.Name, 0)));
        }
    }

    public void Dispose()
    {
        Prepared.Dispose();
        foreach (Tensor tensor in _all.Values) tensor.Dispose();
    }

    private static Tensor Normal(long[] shape, CounterRandom random)
    {
        double deviation = shape.Length == 4 ? Math.Sqrt(2.0 / (shape[0] * shape[2] * shape[3])) : 0.01;
        var values = new float[shape.Aggregate(1L, (a, b) => a * b)];
        for (int i = 0; i < values.Length; i++) values[i] = (float)(deviation * random.NextGaussian());
        return tensor(values, shape);
    }
}
