using Fovea.Models;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Interventions.Circuits;

/// <summary>
/// What each node of both layers adds to what is explained, on average over images, by attribution patching (Nanda 2023; Syed et al. 2023):
/// the derivative at the image times the difference to what the node becomes where it is taken out. Beside it integrated gradients
/// (Sundararajan et al. 2017; Marks et al. 2024 take them for nodes): the derivative's mean at midpoints of the way from the layer's base
/// to its output, one way for all nodes of a layer, so that they sum up to the difference of what is explained at both ends.
/// </summary>
internal sealed class NodeAttributions
{
    private NodeAttributions(int from, int to) => (From, To) = (new SideAttributions(from), new SideAttributions(to));

    /// <summary>Nodes of the earlier layer.</summary>
    public SideAttributions From { get; }

    /// <summary>Nodes of the later layer; empty where a unit is explained.</summary>
    public SideAttributions To { get; }

    /// <summary>Attributions on some images.</summary>
    public static NodeAttributions Of(CircuitContext context, CircuitSide from, CircuitSide to, IReadOnlyList<int> images)
    {
        bool both = context.Target.Unit is null;
        var found = new NodeAttributions(from.Nodes, both ? to.Nodes : 0);
        context.Each(images, Math.Max(from.Units, to.Units), (batch, first, output) =>
        {
            Tensor plain = context.Network.Between(first, output);
            int steps = context.Options.IntegrationSteps;
            found.From.Add(batch.Count, from, output, at => Gradient(context, first, at, fromEarlier: true), steps);
            if (both) found.To.Add(batch.Count, to, plain, at => Gradient(context, first, at, fromEarlier: false), steps);
        });
        return found;
    }

    /// <summary>∂ what is explained / ∂ a layer's output, at an output.</summary>
    internal static Tensor Gradient(CircuitContext context, ProbeResult first, Tensor at, bool fromEarlier)
    {
        context.Cancellation.ThrowIfCancellationRequested();
        using var scope = NewDisposeScope();
        using var recorded = enable_grad();
        Tensor leaf = at.detach().clone().requires_grad_(true);
        Tensor metric = context.Metric(first, fromEarlier ? context.Network.Between(first, leaf) : leaf);
        return Gradients.Of(metric, leaf).MoveToOuterDisposeScope();
    }
}
