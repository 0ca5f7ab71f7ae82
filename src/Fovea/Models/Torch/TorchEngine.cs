using Fovea.Models.Graph;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Models.Torch;

/// <summary>
/// Runs a graph with libtorch: reads, edits and gradients. A value is freed as soon as nobody reads it any more; where gradients are
/// recorded, libtorch keeps what it needs. One thread at a time.
/// </summary>
internal sealed class TorchEngine : IModelEngine
{
    private readonly NetworkGraph _graph;
    private readonly (Func<OperatorCall, Tensor>? One, OperatorFunction? Many)[] _functions;
    private readonly Tensor?[] _weights;
    private readonly Dictionary<(int Node, int Input), Func<Tensor?[], Tensor>> _overwriting = [];
    private readonly PreparedConvolutions? _convolutions;

    /// <summary>An engine for a graph; the weights, by name, stay their owner's.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="mode">Training or evaluation.</param>
    /// <param name="prepared">Where weights in faster forms are kept; null: every node is run as it is written, in the layout that its
    /// input has.</param>
    /// <param name="half">Whether convolutions, and linear layers but the last, calculate in bfloat16; what is read of it is float32.</param>
    public TorchEngine(
        NetworkGraph graph, IReadOnlyDictionary<string, Tensor> weights, ForwardMode mode, PreparedWeights? prepared = null,
            bool half = false)
    {
        // Wrong numbers are silent: before any network runs, libtorch's kernels are tried on this processor.
        _ = ConvolutionKernels.Library;
        (_graph, Mode) = (graph, mode);
        _convolutions = prepared is null ? null : new PreparedConvolutions(graph, prepared, half);
        _functions = [.. graph.Nodes.Select(node => node.Operator.Bind(node.Attributes))];
        _weights = new Tensor?[graph.ValueCount];
        Bind(weights);
    }

    /// <inheritdoc/>
    public EngineAbilities Abilities => EngineAbilities.Read | EngineAbilities.Edit | EngineAbilities.Differentiate;

    /// <summary>Training or evaluation.</summary>
    public ForwardMode Mode { get; }

    /// <summary>Takes other tensors for the weights, e.g. after they went to another device.</summary>
    public void Bind(IReadOnlyDictionary<string, Tensor> weights)
    {
        foreach (GraphWeight weight in _graph.Weights) _weights[_graph.ValueOf(weight.Name)] = weights[weight.Name];
    }

    /// <inheritdoc/>
    public ProbeResult Run(Tensor? input, Probe probe, IReadOnlyList<Tensor> given)
    {
        ForwardPlan plan = probe.PlanFor(_graph);
        if (plan.NeedsInput) ArgumentNullException.ThrowIfNull(input);
        var result = new ProbeResult();
        using var scope = NewDisposeScope();
        using var mode = probe.Gradient is null ? null : enable_grad();
        // A plan of weights alone has neither.
        long images = input?.shape[0] ?? (given.Count > 0 ? given[0].shape[0] : 1);
        // Normalisation in training writes its running statistics without libtorch's counting it.
        if (Mode.BatchStatistics) _convolutions?.Forget();
        if (plan.EndsEarly) FastPaths.Ran(FastPath.EarlyEnd);
        if (plan.Given.Count > 0) FastPaths.Ran(FastPath.SharedPass);
        if (plan.Leaves.Count > 0 && !plan.Leaves.Contains(0)) FastPaths.Ran(FastPath.LateRecord);
        if (_graph.FixedBatch is { } size && images != size)
        {
            Tensor? answer = new PartwiseRun(this, plan, result, images, size).Run(input, given);
            if (plan.Output) result.AddLogits(answer!);
        }
        else
        {
            Tensor?[] values = Start();
            if (input is not null) values[0] = Laid(Own(plan, 0, input, result));
            for (int i = 0; i < plan.Given.Count; i++) values[plan.Given[i]] = Laid(Own(plan, plan.Given[i], given[i], result));
            foreach (ForwardPlan.Step step in plan.Steps) Run(step, plan, values, result, images);
            if (plan.Output) result.AddLogits(Shown(values[_graph.ValueOf(_graph.Output)]!));
        }
        if (probe.Gradient is { } gradient)
        {
            Tensor[] by = [.. gradient.By.Select(layer => result[layer])];
            Tensor[] gradients = Gradients.Of(gradient.Of(result), by);
            for (int i = 0; i < by.Length; i++) result.AddGradient(gradient.By[i], gradients[i]);
        }
        scope.MoveToOuter(result.Tensors.Distinct<Tensor>(ReferenceEqualityComparer.Instance));
        return result;
    }

    /// <summary>The sizes of all values for some images; no more values are kept than are still read.</summary>
    internal long[]?[] Sizes(Tensor input)
    {
        using var scope = NewDisposeScope();
        var sizes = new long[]?[_graph.ValueCount];
        int[] last = new int[_graph.ValueCount];
        for (int i = 0; i < _graph.Nodes.Count; i++)
            foreach (string read in _graph.Nodes[i].Inputs)
                if (read.Length > 0) last[_graph.ValueOf(read)] = i;
        Tensor?[] values = Start();
        (values[0], sizes[0]) = (input, input.shape);
        for (int i = 0; i < _graph.Nodes.Count; i++)
        {
            GraphNode node = _graph.Nodes[i];
            int[] inputs = [.. node.Inputs.Select(name => name.Length == 0 ? -1 : _graph.ValueOf(name))];
            int[] outputs = [.. node.Outputs.Select(name => name.Length == 0 ? -1 : _graph.ValueOf(name))];
            Tensor[] made = Apply(new ForwardPlan.Step(i, inputs, outputs, [], -1), values, input.shape[0]);
            for (int o = 0; o < outputs.Length; o++)
            {
                if (outputs[o] < 0) continue;
                (values[outputs[o]], sizes[outputs[o]]) = (made[o], made[o].shape);
            }
            foreach (int value in inputs.Concat(outputs).Distinct())
            {
                if (value <= _graph.Weights.Count || last[value] > i) continue;
                values[value]?.Dispose();
                values[value] = null;
            }
        }
        return sizes;
    }

    /// <summary>What the caller gave, under a handle of our own where it is read or is the answer: a result owns its tensors.</summary>
    private static Tensor Own(ForwardPlan plan, int value, Tensor given, ProbeResult result) => plan.TapsAt(value) is null
        ? plan.IsAnswer(value) ? given.alias() : given
        : Tapped(plan, value, plan.Leaves.Contains(value) ? Leaf(plan, value, given) : given.alias(), result);

    /// <summary>A value from outside as the network's convolutions take it.</summary>
    internal Tensor Laid(Tensor value) => _convolutions?.Laid(value) ?? value;

    /// <summary>What others see of a value: float32 in the place of bfloat16.</summary>
    internal static Tensor Shown(Tensor value) => value.dtype == ScalarType.BFloat16 ? value.to(float32) : value;

    /// <summary>A value that gradients are asked for of.</summary>
    /// <exception cref="FoveaException">Configuration: its numbers are whole, or flags.</exception>
    internal static Tensor Leaf(ForwardPlan plan, int value, Tensor made) => made.is_floating_point()
        ? made.detach().requires_grad_(true)
        : throw LayerChoice.NoNumbers(plan.TapsAt(value)?[0].Layer ?? plan.Graph.NameOf(value), made.dtype);

    private void Run(in ForwardPlan.Step step, ForwardPlan plan, Tensor?[] values, ProbeResult result, long images)
    {
        var inputs = new Tensor?[step.Inputs.Length];
        for (int i = 0; i < inputs.Length; i++) inputs[i] = step.Inputs[i] < 0 ? null : values[step.Inputs[i]];
        if (step.Overwrites >= 0 && Overwriting.Allowed(inputs, step.Overwrites, step.OverwritesRecorded))
        {
            FastPaths.Ran(FastPath.OverwriteValue);
            Set(plan, step.Outputs[0], Overwritten(step)(inputs), inputs, values, result);
        }
        else if (_functions[step.Node].One is not null)
        {
            Set(plan, step.Outputs[0], One(step, inputs, values, images), inputs, values, result);
        }
        else
        {
            Tensor[] outputs = Many(step, inputs, images);
            for (int i = 0; i < step.Outputs.Length; i++) Set(plan, step.Outputs[i], outputs[i], inputs, values, result);
        }
        Free(step, values);
    }

    /// <summary>What one node makes of values; those the plan does not name are freed.</summary>
    internal Tensor[] Apply(in ForwardPlan.Step step, Tensor?[] values, long images)
    {
        var inputs = new Tensor?[step.Inputs.Length];
        for (int i = 0; i < inputs.Length; i++) inputs[i] = step.Inputs[i] < 0 ? null : values[step.Inputs[i]];
        Tensor[] outputs = _functions[step.Node].One is not null ? [One(step, inputs, values, images)] : Many(step, inputs, images);
        for (int i = 0; i < outputs.Length; i++)
            if (inputs.Contains(outputs[i], ReferenceEqualityComparer.Instance)) outputs[i] = outputs[i].alias();
        return outputs;
    }

    internal static void Free(in ForwardPlan.Step step, Tensor?[] values)
    {
        foreach (int value in step.Free)
        {
            values[value]?.Dispose();
            values[value] = null;
        }
    }

    /// <summary>The weights where the plan looks for values; everything else absent.</summary>
    internal Tensor?[] Start() => (Tensor?[])_weights.Clone();

    /// <summary>The value of a node that makes one, or of a node and the normalisation behind it.</summary>
    private Tensor One(in ForwardPlan.Step step, Tensor?[] inputs, Tensor?[] values, long images)
    {
        try
        {
            return Made(step, inputs, values, images);
        }
        catch (Exception e) when (NodeFailure.IsOfSizes(e))
        {
            throw NodeFailure.Of(_graph, step.Node, inputs, e);
        }
    }

    private Tensor Made(in ForwardPlan.Step step, Tensor?[] inputs, Tensor?[] values, long images)
    {
        var run = _functions[step.Node].One!;
        if (step.Norm is not { } norm)
        {
            _convolutions?.Prepare(step.Node, inputs);
            return _convolutions?.Instead(step.Node, inputs) ?? run(new OperatorCall(inputs, Mode, step.Node, images));
        }
        var after = new Tensor?[norm.Inputs.Length];
        for (int i = 1; i < after.Length; i++) after[i] = norm.Inputs[i] < 0 ? null : values[norm.Inputs[i]];
        if (!Mode.BatchStatistics && _convolutions?.Fold(step.Node, norm.Node, ref inputs, after) == true)
        {
            FastPaths.Ran(FastPath.FoldedNormalisation);
            return _convolutions.Instead(step.Node, inputs) ?? run(new OperatorCall(inputs, Mode, step.Node, images));
        }
        _convolutions?.Prepare(step.Node, inputs);
        using Tensor raw = after[0] = _convolutions?.Instead(step.Node, inputs) ?? run(new OperatorCall(inputs, Mode, step.Node, images));
        return _functions[norm.Node].One!(new OperatorCall(after, Mode, norm.Node, images));
    }

    private Tensor[] Many(in ForwardPlan.Step step, Tensor?[] inputs, long images)
    {
        Tensor[] outputs;
        try
        {
            outputs = _functions[step.Node].Many!(new OperatorCall(inputs, Mode, step.Node, images));
        }
        catch (Exception e) when (NodeFailure.IsOfSizes(e))
        {
            throw NodeFailure.Of(_graph, step.Node, inputs, e);
        }
        return outputs.Length >= step.Outputs.Length ? outputs : throw FoveaException.BadData(
            $"{_graph.Nodes[step.Node].Operator} gave {outputs.Length} values, the graph {_graph.Name} names {step.Outputs.Length}.");
    }

    private Func<Tensor?[], Tensor> Overwritten(in ForwardPlan.Step step)
    {
        if (!_overwriting.TryGetValue((step.Node, step.Overwrites), out var function))
            _overwriting[(step.Node, step.Overwrites)] = function = Overwriting.Of(_graph.Nodes[step.Node], step.Overwrites);
        return function;
    }

    private static void Set(ForwardPlan plan, int value, Tensor output, Tensor?[] inputs, Tensor?[] values, ProbeResult result)
    {
        // An operation that hands an input on gives a name of its own to it: each is freed by itself.
        foreach (Tensor? input in inputs)
            if (ReferenceEquals(input, output)) output = output.alias();
        if (value < 0)
        {
            output.Dispose();
            return;
        }
        if (plan.TapsAt(value) is not null)
        {
            output = Shown(output);
            output = Tapped(plan, value, plan.Leaves.Contains(value) ? Leaf(plan, value, output) : output, result);
        }
        values[value] = output;
    }

    internal static Tensor Tapped(ForwardPlan plan, int value, Tensor output, ProbeResult result)
    {
        foreach (ForwardPlan.Tap tap in plan.TapsAt(value)!)
        {
            if (tap.Edit is null)
            {
                result.Add(tap.Layer, output);
                continue;
            }
            Tensor edited = tap.Edit(output);
            if (!edited.shape.AsSpan().SequenceEqual(output.shape))
            {
                throw FoveaException.BadConfiguration(
                    $"The replacement of "
                        + $"{tap.Layer} has shape [{string.Join(", ", edited.shape)}], the layer [{string.Join(", ", output.shape)}].");
            }
            output = edited;
        }
        return output;
    }
}
