using Fovea.Models;
using Fovea.Tests.Dictionaries;
using Fovea.Visualization.Objectives;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Visualization;

/// <summary>Activations without a network, and gradients by differences.</summary>
internal static class ObjectiveChecks
{
    public static ProbeResult Taps(params (string Layer, Tensor Activation)[] outputs)
    {
        var taps = new ProbeResult();
        foreach (var (layer, activation) in outputs) taps.Add(layer, activation);
        return taps;
    }

    public static double[] Values(this IObjective objective, params (string Layer, Tensor Activation)[] outputs)
    {
        using var scope = NewDisposeScope();
        return objective.Evaluate(Taps(outputs)).data<double>().ToArray();
    }

    public static double[] Peaks(this IObjective objective, params (string Layer, Tensor Activation)[] outputs)
    {
        using var scope = NewDisposeScope();
        Tensor peaks = objective.Peak(Taps(outputs));
        Assert.False(peaks.requires_grad);
        return peaks.data<double>().ToArray();
    }

    /// <summary>
    /// The gradient of the figures' sum, weighted 1, 2, 3, …, with respect to every layer against central differences in float64.
    /// </summary>
    public static void CheckGradient(IObjective objective, params (string Layer, long[] Shape)[] layers)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(layers.Select(layer => layer.Layer), objective.Layers);
        double[][] at = [.. layers.Select((layer, i) => Samples.Normal(layer.Shape, "gradient", float64, i).data<double>().ToArray())];
        Tensor[] leaves = [.. at.Select((values, i) => tensor(values, layers[i].Shape, requires_grad: true))];
        IList<Tensor> gradients = autograd.grad([Total(leaves)], leaves);
        const double h = 1e-5;
        for (int layer = 0; layer < layers.Length; layer++)
        {
            double[] gradient = gradients[layer].contiguous().data<double>().ToArray();
            Assert.Contains(gradient, value => Math.Abs(value) > 1e-3);
            for (int k = 0; k < gradient.Length; k++) Assert.Equal((Moved(layer, k, h) - Moved(layer, k, -h)) / (2 * h), gradient[k], 1e-6);
        }

        double Moved(int layer, int k, double shift)
        {
            using var inner = NewDisposeScope();
            Tensor[] moved = [.. at.Select((values, i) => tensor(values, layers[i].Shape))];
            moved[layer].view(-1)[k] += shift;
            return Total(moved).ToDouble();
        }

        Tensor Total(Tensor[] activations)
        {
            Tensor values = objective.Evaluate(Taps([.. layers.Select((layer, i) => (layer.Layer, activations[i]))]));
            Assert.Equal([objective.Units.Count], values.shape);
            return (values * arange(1, values.shape[0] + 1, dtype: float64)).sum();
        }
    }
}
