using Fovea.Models.Graph;
using Fovea.Models.Torch;
using static TorchSharp.torch;

namespace Fovea.Models;

/// <summary>
/// What one <see cref="Probe"/> needs of a graph: the nodes to run, what to do at which value, and after which node a value is read no
/// more. Engines run it.
/// </summary>
internal sealed class ForwardPlan
{
    private readonly List<Tap>?[] _taps;
    private readonly int[] _same;

    /// <summary>The plan of a probe.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="probe">What is wanted.</param>
    /// <param name="fold">Whether normalisations may be one step with the layer before them.</param>
    /// <exception cref="FoveaException">A layer does not exist, or what is asked for needs the network's input where other values are
    /// given.</exception>
    public ForwardPlan(NetworkGraph graph, Probe probe, bool fold = false)
    {
        Graph = graph;
        _taps = new List<Tap>?[graph.ValueCount];
        Output = probe.Output || probe.Gradient is not null || probe.Reads.Count == 0;
        string[] reads = [.. probe.Reads.Concat(probe.Gradient?.By ?? []).Distinct(StringComparer.Ordinal)];
        foreach (string name in reads) At(name).Add(new Tap(Order(name), name, null));
        foreach (var (name, edit) in probe.Edits) At(name).Add(new Tap(Order(name), name, edit));
        // Edits before reads of the same layer: what is read is what the next layer sees.
        foreach (var taps in _taps)
            taps?.Sort((a, b) => a.Order != b.Order ? a.Order.CompareTo(b.Order) : (a.Edit is null).CompareTo(b.Edit is null));

        Given = [.. probe.Given.Select(ValueOf)];
        _same = Same([.. probe.Edits.Keys.Concat(probe.Gradient?.By ?? []).Select(ValueOf).Concat(Given)]);
        var given = new bool[graph.ValueCount];
        foreach (int value in Given) given[value] = true;
        IEnumerable<int> wanted = reads.Select(ValueOf);
        if (Output) wanted = wanted.Append(graph.ValueOf(graph.Output));
        (Steps, NeedsInput) = Needed([.. wanted], given, fold);
        if (NeedsInput && Given.Count > 0)
        {
            throw FoveaException.BadConfiguration(
                $"What follows {string.Join(", ", probe.Given)} of {graph.Name} needs more than its output: it is inside a block. Take "
                    + $"the block itself.");
        }
        Leaves = probe.Gradient is { } gradient ? LeavesOf([.. gradient.By.Select(ValueOf)]) : [];
    }

    public NetworkGraph Graph { get; }

    /// <summary>Whether the network's answer is made.</summary>
    public bool Output { get; }

    /// <summary>Whether the images are read at all.</summary>
    public bool NeedsInput { get; }

    /// <summary>Whether what follows the deepest layer that is read is left out.</summary>
    public bool EndsEarly => !Output && Steps.Sum(step => step.Norm is null ? 1 : 2) < Graph.Nodes.Count;

    /// <summary>What is run, in order.</summary>
    public IReadOnlyList<Step> Steps { get; }

    /// <summary>Values that are given, in the probe's order.</summary>
    public IReadOnlyList<int> Given { get; }

    /// <summary>Values at which the record for gradients starts: those asked for that depend on no other of them, so that every one has its
    /// gradient and nothing before them is recorded.</summary>
    public IReadOnlySet<int> Leaves { get; }

    /// <summary>Whether a value is the network's answer.</summary>
    public bool IsAnswer(int value) => value == Graph.ValueOf(Graph.Output);

    /// <summary>What to do at a value, in this order; null: nothing.</summary>
    public IReadOnlyList<Tap>? TapsAt(int value) => _taps[value];

    private int ValueOf(string name) => name == Graph.Input ? 0 : Graph.ValueOf(Graph.Layer(name).Value);

    private int Order(string name) => Graph.OrderOf(name);

    private List<Tap> At(string name) => _taps[ValueOf(name)] ??= [];

    private (Step[] Steps, bool NeedsInput) Needed(int[] wanted, bool[] given, bool fold)
    {
        var needed = new bool[Graph.ValueCount];
        foreach (int value in wanted) needed[value] = true;
        int[] readers = Readers(Graph.Nodes.SelectMany(node => node.Inputs).Where(name => name.Length > 0).Select(Graph.ValueOf));
        List<Step> steps = [];
        int weights = 1 + Graph.Weights.Count;
        for (int i = Graph.Nodes.Count - 1; i >= 0; i--)
        {
            GraphNode node = Graph.Nodes[i];
            int[] outputs = [.. node.Outputs.Select(name => name.Length == 0 ? -1 : Graph.ValueOf(name))];
            if (!outputs.Any(output => output >= 0 && needed[output] && !given[output])) continue;
            int[] inputs = InputsOf(node);
            FoldedNorm? norm = null;
            int number = i;
            if (fold && FoldedNormalisation.Before(Graph, i) is >= 0 and var before && readers[inputs[0]] == 1 && !needed[inputs[0]]
                && !given[inputs[0]] && _taps[inputs[0]] is null)
            {
                // The layer before is run in its place, and the value between them is nobody's.
                norm = new FoldedNorm(i, inputs);
                (number, inputs) = (before, InputsOf(Graph.Nodes[before]));
            }
            // Going backwards, who reads a value first is who reads it last.
            List<int> free =
                [.. inputs.Where(value => value >= weights && !needed[value] && !given[value] && _taps[value] is null).Distinct()];
            free.AddRange(outputs.Where(value => value >= 0 && !needed[value] && !given[value] && _taps[value] is null));
            foreach (int input in inputs)
                if (input >= 0) needed[input] = true;
            steps.Add(new Step(number, inputs, outputs, [.. free], -1) { Norm = norm });
        }
        steps.Reverse();
        return (WithOverwriting(steps), needed[0] && !given[0]);
    }

    private int[] InputsOf(GraphNode node) => [.. node.Inputs.Select(name => name.Length == 0 ? -1 : _same[Graph.ValueOf(name)])];

    private int[] Readers(IEnumerable<int> read)
    {
        var readers = new int[Graph.ValueCount];
        foreach (int value in read)
            if (value >= 0) readers[value]++;
        return readers;
    }

    /// <summary>
    /// For each value, the one that is read in its place: what was made into a grid and back is what it was, unless somebody edits the
    /// grid, gives it or asks for its derivative.
    /// </summary>
    private int[] Same(HashSet<int> changed)
    {
        int[] same = [.. Enumerable.Range(0, Graph.ValueCount)];
        foreach (GraphNode node in Graph.Nodes)
        {
            if (node.Operator != Operators.Ungrid) continue;
            int whole = Graph.ValueOf(node.Outputs[0]);
            if (_taps[whole] is null && !changed.Contains(whole) && !node.Inputs.Any(part => changed.Contains(Graph.ValueOf(part))))
                same[whole] = same[Graph.ValueOf(Graph.Producer(node.Inputs[0])!.Inputs[0])];
        }
        return same;
    }

    /// <summary>
    /// An input may be overwritten where its memory is its own, this step is the only one that reads it, and nobody reads it afterwards: a
    /// view of it that lives on would be a second reader.
    /// </summary>
    private Step[] WithOverwriting(List<Step> steps)
    {
        int[] readers = Readers(steps.SelectMany(step => step.Inputs));
        bool[] fresh = new bool[Graph.ValueCount], kept = new bool[Graph.ValueCount];
        foreach (Step step in steps)
        {
            if (step.Outputs is not [>= 0 and var output]) continue;
            fresh[output] = Overwriting.IsFresh(Graph.Nodes[step.Node].Operator);
            kept[output] = Overwriting.KeepsResult(Graph.Nodes[step.Node].Operator);
        }
        return
        [
            .. steps.Select(step => Place(step) is >= 0 and var place ? step with
            {
                Overwrites = place,
                OverwritesRecorded = !kept[step.Inputs[place]] && Overwriting.Differentiable(Graph.Nodes[step.Node]),
            } : step),
        ];

        int Place(Step step)
        {
            foreach (int place in Overwriting.Candidates(Graph.Nodes[step.Node]))
            {
                if (place < step.Inputs.Length && step.Inputs[place] is >= 0 and var value && fresh[value] && readers[value] == 1
                    && step.Free.Contains(value)) return place;
            }
            return -1;
        }
    }

    private HashSet<int> LeavesOf(int[] by)
    {
        HashSet<int> leaves = [];
        foreach (int one in by)
        {
            var depends = new bool[Graph.ValueCount];
            foreach (int other in by)
                if (other != one) depends[other] = true;
            foreach (GraphNode node in Graph.Nodes)
            {
                if (!node.Inputs.Any(input => input.Length > 0 && depends[Graph.ValueOf(input)])) continue;
                foreach (string output in node.Outputs)
                    if (output.Length > 0) depends[Graph.ValueOf(output)] = true;
            }
            if (!depends[one]) leaves.Add(one);
        }
        return leaves;
    }

    /// <summary>One node.</summary>
    /// <param name="Node">Its number in the graph.</param>
    /// <param name="Inputs">Values it reads, −1 where absent.</param>
    /// <param name="Outputs">Values it makes, −1 where nobody needs one.</param>
    /// <param name="Free">Values that nobody reads after it.</param>
    /// <param name="Overwrites">Which of the inputs' memory may hold the result; −1: none.</param>
    internal readonly record struct Step(int Node, int[] Inputs, int[] Outputs, int[] Free, int Overwrites)
    {
        /// <summary>Whether it may do so where derivatives are recorded, too.</summary>
        public bool OverwritesRecorded { get; init; }

        /// <summary>The normalisation that follows the node within this step, whose output the step makes; null: none.</summary>
        public FoldedNorm? Norm { get; init; }
    }

    /// <summary>A batch normalisation that is one step with the layer before it.</summary>
    /// <param name="Node">Its number in the graph.</param>
    /// <param name="Inputs">Values it reads; the first is the layer's, which nobody else sees.</param>
    internal sealed record FoldedNorm(int Node, int[] Inputs);

    /// <summary>A reading or an edit of a layer.</summary>
    /// <param name="Order">Its place among the layers that name the value.</param>
    /// <param name="Layer">The layer.</param>
    /// <param name="Edit">The edit; null: it is read.</param>
    internal readonly record struct Tap(int Order, string Layer, Func<Tensor, Tensor>? Edit);
}
