using Fovea.Models.Graph;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Models.Torch;

/// <summary>
/// The convolutions and linear layers of a graph with weights in the form they run fastest with (<see cref="ChannelsLast"/>,
/// <see cref="FoldedNormalisation"/>, <see cref="SpaceToDepth"/>, <see cref="DepthwiseConvolution"/>). Weights that gradients are recorded
/// for stay as they are.
/// </summary>
internal sealed class PreparedConvolutions
{
    /// <summary>
    /// Numbers of a weight from which a convolution over windows is faster with channels first: libtorch's kernels for channels last go over
    /// the whole weight for each row of a map, and it no longer stays in the cache (512 × 512 × 3 × 3 takes 1.1 to 1.5 times as long, 256 ×
    /// 256 × 3 × 3 the same).
    /// </summary>
    private const long LargeWeight = 1 << 20;

    private const string Half = " in bfloat16";

    private readonly NetworkGraph _graph;
    private readonly PreparedWeights _prepared;
    private readonly bool[] _convolves, _multiplies;
    private readonly Dictionary<int, (string Name, double Epsilon)> _folded = [];
    private readonly bool _any, _half;

    /// <param name="graph">The network.</param>
    /// <param name="prepared">Where weights are kept.</param>
    /// <param name="half">Whether convolutions, and linear layers but the last, calculate in bfloat16.</param>
    public PreparedConvolutions(NetworkGraph graph, PreparedWeights prepared, bool half)
    {
        (_graph, _prepared, _half) = (graph, prepared, half);
        _convolves = [.. graph.Nodes.Select(node => node.Operator == Operators.Conv2d)];
        // What an answer is told apart by is more than three digits.
        _multiplies = [.. graph.Nodes.Select(node => node.Operator == Operators.Linear && node.Outputs[0] != graph.Output)];
        _any = _convolves.Contains(true);
    }

    /// <summary>Drops all that was prepared.</summary>
    public void Forget() => _prepared.Clear();

    /// <summary>A value from outside with its channels last, where the graph has convolutions that want it so.</summary>
    public Tensor Laid(Tensor value)
    {
        if (!_any || !ChannelsLast.Serves(value)) return value;
        FastPaths.Ran(FastPath.ChannelsLast);
        return ChannelsLast.Of(_half ? value.to(ScalarType.BFloat16) : value);
    }

    /// <summary>Puts a convolution's weight, and where it matters its input, into the faster order; leaves other nodes' alone.</summary>
    public void Prepare(int node, Tensor?[] inputs)
    {
        if (_half)
        {
            Halve(node, inputs);
            return;
        }
        if (!_convolves[node] || inputs[0] is not { } input || inputs[1] is not { } weight || !ChannelsLast.Serves(weight)
            || !ChannelsLast.Serves(input)) return;
        if (IsFirst(weight, input) || WritesBeyond(node, weight)) inputs[0] = input.contiguous();
        // Windows of one position have one order.
        if (IsFirst(weight, input) || !HasWindow(weight) || Recorded(weight)) return;
        string name = _graph.Nodes[node].Inputs[1];
        if (_graph.ValueOf(name) > _graph.Weights.Count) return;
        if (_prepared.Of(name, [weight], sources => (ChannelsLast.Of(sources[0]!), null)) is var (last, _)) inputs[1] = last;
    }

    /// <summary>
    /// Puts a weight and a bias that hold the normalisation behind a node, too, into the node's inputs. False: they cannot be folded now,
    /// and nothing was changed.
    /// </summary>
    /// <param name="node">The convolution or linear layer.</param>
    /// <param name="normalisation">The normalisation's node.</param>
    /// <param name="inputs">Input, weight and bias.</param>
    /// <param name="after">What the normalisation reads behind its first input.</param>
    public bool Fold(int node, int normalisation, ref Tensor?[] inputs, Tensor?[] after)
    {
        Tensor? input = inputs[0], weight = inputs[1], bias = inputs.Length > 2 ? inputs[2] : null;
        // A linear layer of more than rows has its channels elsewhere than the normalisation.
        if (input is null || weight is null || input.dim() != weight.dim() || !weight.is_floating_point()) return false;
        Tensor?[] sources = [weight, bias, after[1], after[2], after[3], after[4]];
        foreach (Tensor? source in sources)
            if (source is not null && Recorded(source)) return false;
        if (!_folded.TryGetValue(normalisation, out var how))
        {
            GraphNode norm = _graph.Nodes[normalisation], layer = _graph.Nodes[node];
            double epsilon = norm.Attributes.Number("eps", 1e-5);
            _folded[normalisation] = how = (FormattableString.Invariant(
                $"{string.Join(' ', layer.Inputs.Skip(1))} * {string.Join(' ', norm.Inputs.Skip(1).Take(4))} {epsilon:R}"), epsilon);
        }
        double eps = how.Epsilon;
        if (Halves(node, input))
        {
            if (_prepared.Of(how.Name + Half, sources, made => Halved(
                FoldedNormalisation.Of(made[0]!, made[1], made.AsSpan(2), eps))) is not var (weightOfHalf, biasOfHalf)) return false;
            inputs = [input.to(ScalarType.BFloat16), weightOfHalf, biasOfHalf];
            return true;
        }
        if (_prepared.Of(how.Name, sources, made => Folded(made, eps)) is not var (foldedWeight, foldedBias)) return false;
        inputs = [ChannelsLast.Serves(input) && IsFirst(weight, input) ? input.contiguous() : input, foldedWeight, foldedBias];
        return true;
    }

    /// <summary>
    /// What a convolution gives by <see cref="SpaceToDepth"/> or <see cref="DepthwiseConvolution"/>; null where neither is for it.
    /// </summary>
    /// <param name="node">A node.</param>
    /// <param name="inputs">Input, weight and bias, as they would be run with.</param>
    public Tensor? Instead(int node, Tensor?[] inputs) => InBlocks(node, inputs) ?? ByPlaces(node, inputs);

    private Tensor? ByPlaces(int node, Tensor?[] inputs)
    {
        if (!_convolves[node] || inputs[0] is not { } input || inputs[1] is not { } weight
            || !DepthwiseConvolution.Serves(_graph.Nodes[node], input, weight)) return null;
        FastPaths.Ran(FastPath.DepthwiseSum);
        return DepthwiseConvolution.Run(_graph.Nodes[node], input, weight, inputs.Length > 2 ? inputs[2] : null);
    }

    private Tensor? InBlocks(int node, Tensor?[] inputs)
    {
        if (_half || !_convolves[node] || inputs[0] is not { } input || inputs[1] is not { } weight || !ChannelsLast.Serves(input)
            || !ChannelsLast.Serves(weight) || !SpaceToDepth.Serves(_graph.Nodes[node], input, weight)) return null;
        string name = $"{_graph.Nodes[node].Outputs[0]} in blocks";
        if (_prepared.Of(name, [weight], sources => (SpaceToDepth.Weight(sources[0]!), null)) is not var (blocks, _)) return null;
        FastPaths.Ran(FastPath.SpaceToDepth);
        return SpaceToDepth.Run(
            _graph.Nodes[node], input, blocks, inputs.Length > 2 ? inputs[2] : null, (weight.shape[2], weight.shape[3]));
    }

    /// <summary>Whether a node calculates in bfloat16.</summary>
    private bool Halves(int node, Tensor input) => _half && (_convolves[node] || _multiplies[node])
        && input.dtype is ScalarType.Float32 or ScalarType.BFloat16;

    /// <summary>Input, weight and bias in bfloat16, where the node calculates so; where it does not, the input as it was before.</summary>
    private void Halve(int node, Tensor?[] inputs)
    {
        if (inputs.Length < 2 || inputs[0] is not { } input || inputs[1] is not { dtype: ScalarType.Float32 } weight) return;
        if (!Halves(node, input))
        {
            if (_graph.Nodes[node].Operator == Operators.Linear && input.dtype == ScalarType.BFloat16) inputs[0] = input.to(float32);
            return;
        }
        inputs[0] = input.to(ScalarType.BFloat16);
        Tensor? bias = inputs.Length > 2 ? inputs[2] : null;
        string name = string.Join(' ', _graph.Nodes[node].Inputs.Skip(1)) + Half;
        var (halfWeight, halfBias) = _prepared.Of(name, [weight, bias], made => Halved((made[0]!, made[1]))) ?? Halved((weight, bias));
        inputs[1] = halfWeight;
        if (halfBias is not null) inputs[2] = halfBias;
    }

    private static (Tensor Weight, Tensor? Bias) Halved((Tensor Weight, Tensor? Bias) whole)
    {
        Tensor weight = whole.Weight.to(ScalarType.BFloat16);
        return (ChannelsLast.Serves(weight) ? ChannelsLast.Of(weight) : weight, whole.Bias?.to(ScalarType.BFloat16));
    }

    private static (Tensor Weight, Tensor? Bias) Folded(Tensor?[] sources, double epsilon)
    {
        var (weight, bias) = FoldedNormalisation.Of(sources[0]!, sources[1], sources.AsSpan(2), epsilon);
        return (ChannelsLast.Serves(weight) && !IsLarge(weight) ? ChannelsLast.Of(weight) : weight, bias);
    }

    /// <summary>
    /// Whether a convolution runs with channels first: always with a large weight; where the weight learns, whenever it is larger than the
    /// maps, since then it and its gradient would be put into another order in every step.
    /// </summary>
    private static bool IsFirst(Tensor weight, Tensor input) =>
        IsLarge(weight) || (HasWindow(weight) && Recorded(weight) && weight.numel() > input.numel());

    /// <summary>
    /// Whether libtorch 2.10 may write beyond its memory where it works out the derivative by the weight: windows of one position in steps
    /// of more than one, over channels that do not fill a register of sixteen and stand last. The process then ends some steps later, or
    /// goes on with other numbers. With channels first it takes another way.
    /// </summary>
    private bool WritesBeyond(int node, Tensor weight) => !HasWindow(weight) && weight.shape[1] % 16 != 0 && Recorded(weight)
        && _graph.Nodes[node].Attributes.Ints("stride", 1, 1) is not [1, 1];

    private static bool IsLarge(Tensor weight) => HasWindow(weight) && weight.numel() > LargeWeight;

    private static bool HasWindow(Tensor weight) => weight.dim() == 4 && (weight.shape[2] > 1 || weight.shape[3] > 1);

    private static bool Recorded(Tensor weight) => weight.requires_grad && is_grad_enabled();
}
