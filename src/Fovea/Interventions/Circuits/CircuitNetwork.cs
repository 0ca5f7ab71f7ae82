using Fovea.Models;
using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Interventions.Circuits;

/// <summary>
/// A network in three parts: up to one layer, from there to a later one, and from that to the answer. Every way from the earlier layer to
/// the answer leads through the later one, so that there are no edges but those between the two. Values that the parts read beside them are
/// kept from the first pass.
/// </summary>
internal sealed class CircuitNetwork
{
    private readonly ImageModel _model;
    private readonly string[] _besideFrom, _besideTo;
    private readonly Probe _between, _after;

    /// <exception cref="FoveaException">Configuration: no such layer, the order is wrong, or a way leads around the later
    /// one.</exception>
    public CircuitNetwork(ImageModel model, string from, string to)
    {
        (_model, From, To) = (model, from, to);
        NetworkGraph graph = model.Graph;
        int first = graph.ValueOf(graph.Layer(from).Value), second = graph.ValueOf(graph.Layer(to).Value);
        GraphCut afterFrom = new(graph, first), afterTo = new(graph, second);
        if (first == second) throw FoveaException.BadConfiguration($"{from} and {to} are one and the same output: name two layers.");
        HashSet<int> following = Following(graph, afterFrom);
        if (!following.Contains(second))
        {
            throw FoveaException.BadConfiguration(Following(graph, afterTo).Contains(first)
                ? $"{from} comes after {to}: edges go from the earlier layer to the later one. Swap them."
                : $"{to} does not depend on {from}, or the answer of {graph.Name} depends on neither.");
        }
        if (afterTo.Beside.Any(value => value == first || following.Contains(value)))
        {
            throw FoveaException.BadConfiguration(
                $"From {from} a way leads around {to} to the answer: {to} is inside a block with a shortcut. Take the block itself.");
        }
        _besideFrom = Names(graph, afterFrom);
        _besideTo = Names(graph, afterTo);
        _between = new Probe(to) { Given = [from, .. _besideFrom] };
        _after = new Probe { Output = true, Given = [to, .. _besideTo] };
        Reads = [from, .. _besideFrom.Union(_besideTo)];
    }

    /// <summary>The earlier layer.</summary>
    public string From { get; }

    /// <summary>The later layer.</summary>
    public string To { get; }

    /// <summary>What a first pass has to read.</summary>
    public IReadOnlyList<string> Reads { get; }

    /// <summary>The later layer's output where the earlier one's is given; differentiable by it.</summary>
    /// <param name="first">The batch's first pass.</param>
    /// <param name="output">In the earlier layer's shape.</param>
    public Tensor Between(ProbeResult first, Tensor output) =>
        _model.Continue(_between, [output, .. _besideFrom.Select(value => first[value])])[To];

    /// <summary>The answers where the later layer's output is given, <c>[N, outputs]</c>; differentiable by it.</summary>
    /// <param name="first">The batch's first pass.</param>
    /// <param name="output">In the later layer's shape.</param>
    public Tensor After(ProbeResult first, Tensor output) =>
        _model.Continue(_after, [output, .. _besideTo.Select(value => first[value])]).Logits.flatten(1);

    private static HashSet<int> Following(NetworkGraph graph, GraphCut cut) =>
        [.. cut.Nodes.SelectMany(node => node.Outputs).Where(name => name.Length > 0).Select(graph.ValueOf)];

    private static string[] Names(NetworkGraph graph, GraphCut cut) =>
        [.. cut.Beside.Select(value => value == 0 ? graph.Input : graph.NameOf(value))];
}
