using Fovea.Models;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Interventions.Circuits;

/// <summary>
/// What each node of the earlier layer adds through each node of the later one, on average over images (edge attribution patching, Syed et
/// al. 2023; between latents and error terms Marks et al. 2024): with g_j the derivative of what is explained by node j, held, the
/// derivative of Σ g_j f_j by the earlier layer's output times each of its nodes' differences. Summed over all j it is the attribution of
/// node i. Integrated: g_j is the mean one on the later layer's way, and the derivative that on the earlier layer's.
/// </summary>
internal sealed class EdgeAttributions
{
    private readonly double[,] _gradient, _integrated;
    private int _images;

    private EdgeAttributions(int from, int to) => (_gradient, _integrated) = (new double[from, to], new double[from, to]);

    /// <summary>By the derivative at the image, of the places of the nodes that were asked for.</summary>
    public double Gradient(int from, int to) => _gradient[from, to] / _images;

    /// <summary>By integrated gradients.</summary>
    public double Integrated(int from, int to) => _integrated[from, to] / _images;

    /// <summary>Attributions of all pairs of some nodes, on some images.</summary>
    public static EdgeAttributions Of(
        CircuitContext context, CircuitSide from, int[] fromNodes, CircuitSide to, int[] toNodes, IReadOnlyList<int> images)
    {
        var found = new EdgeAttributions(fromNodes.Length, toNodes.Length);
        int steps = context.Options.IntegrationSteps;
        context.Each(images, Math.Max(from.Units, to.Units), (batch, first, output) =>
        {
            Tensor rows = CircuitSide.Rows(output), values = from.Values(rows);
            Tensor? error = from.Error(rows, values);
            Tensor plain = context.Network.Between(first, output);
            Tensor AtLater(Tensor later) => NodeAttributions.Gradient(context, first, later, fromEarlier: false);
            Tensor held = CircuitSide.Rows(AtLater(plain)), mean = CircuitSide.Rows(SideAttributions.Mean(to, plain, AtLater, steps));
            found.Add(found._gradient, context, first, output, held, 1, to, toNodes,
                gradient => from.Attributions(fromNodes, batch.Count, gradient, values, error));
            for (int i = 0; i < steps; i++)
            {
                using var step = NewDisposeScope();
                Tensor at = CircuitSide.Output(from.Base + (rows - from.Base) * ((i + 0.5) / steps), output);
                found.Add(found._integrated, context, first, at, mean, 1.0 / steps, to, toNodes,
                    gradient => from.Attributions(fromNodes, batch.Count, gradient, values, error));
            }
            found._images += batch.Count;
        });
        return found;
    }

    /// <summary>One pass to the later layer, and one back for each of its nodes.</summary>
    private void Add(
        double[,] sums, CircuitContext context, ProbeResult first, Tensor at, Tensor held, double weight, CircuitSide to, int[] toNodes,
        Func<Tensor, Tensor> attribute)
    {
        using var scope = NewDisposeScope();
        using var recorded = enable_grad();
        Tensor leaf = at.detach().clone().requires_grad_(true);
        Tensor rows = CircuitSide.Rows(context.Network.Between(first, leaf)), values = to.Values(rows);
        Tensor? error = toNodes.Contains(to.Units) ? to.Error(rows, values) : null;
        for (int j = 0; j < toNodes.Length; j++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            using var one = NewDisposeScope();
            int node = toNodes[j];
            Tensor value = node == to.Units ? (error! * held).sum() : (values.select(1, node) * held.matmul(to.Direction(node))).sum();
            // A unit that is silent on the whole batch has no derivative, and no edge there.
            if (!value.requires_grad) continue;
            using var quiet = no_grad();
            Tensor gradient = Gradients.Of(value, leaf, keep: true);
            double[] added = attribute(CircuitSide.Rows(gradient)).sum([0L], type: float64).cpu().contiguous().data<double>().ToArray();
            for (int i = 0; i < added.Length; i++) sums[i, j] += weight * added[i];
        }
    }
}
