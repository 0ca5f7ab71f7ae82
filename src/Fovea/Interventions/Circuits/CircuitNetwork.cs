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
    private readonly LayerTail _afterFrom, _afterTo;
    private readonly Probe _between;

    /// <exception cref="FoveaException">Configuration: no such layer, the order is wrong, a way leads around the later one, or the answer
    /// depends on neither.</exception>
    public CircuitNetwork(ImageModel model, string from, string to)
    {
        (From, To) = (from, to);
        NetworkGraph graph = model.Graph;
        int first = graph.ValueOf(graph.Layer(from).Value), second = graph.ValueOf(graph.Layer(to).Value);
        if (first == second) throw FoveaException.BadConfiguration($"{from} and {to} are one and the same output: name two layers.");
        (_afterFrom, _afterTo) = (new LayerTail(model, from), new LayerTail(model, to));
        HashSet<int> following = Following(graph, _afterFrom.Cut);
        if (!following.Contains(second))
        {
            throw FoveaException.BadConfiguration(Following(graph, _afterTo.Cut).Contains(first)
                ? $"{from} comes after {to}: edges go from the earlier layer to the later one. Swap them."
                : $"{to} does not depend on {from}.");
        }
        if (_afterTo.Cut.Beside.Any(value => value == first || following.Contains(value)))
        {
            throw FoveaException.BadConfiguration(
                $"From {from} a way leads around {to} to the answer: {to} is inside a block with a shortcut. Take the block itself.");
        }
        _between = _afterFrom.Until(to);
        Reads = [from, .. _afterFrom.Beside.Union(_afterTo.Beside)];
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
    public Tensor Between(ProbeResult first, Tensor output) => _afterFrom.Of(first).Until(_between, output);

    /// <summary>The answers where the later layer's output is given, <c>[N, outputs]</c>; differentiable by it.</summary>
    /// <param name="first">The batch's first pass.</param>
    /// <param name="output">In the later layer's shape.</param>
    public Tensor After(ProbeResult first, Tensor output) => _afterTo.Of(first).With(output).flatten(1);

    private static HashSet<int> Following(NetworkGraph graph, GraphCut cut) =>
        [.. cut.Nodes.SelectMany(node => node.Outputs).Where(name => name.Length > 0).Select(graph.ValueOf)];
}
