using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Models.Torch;
using Fovea.Numerics;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Torch;

/// <summary>A network run node by node as it is written, channels before rows, nothing folded: what the fast run is held against.</summary>
internal static class PlainRun
{
    /// <summary>How far engines may be apart, of the largest value.</summary>
    public const double Tolerance = 3e-5;

    /// <summary>One pass of the plain engine.</summary>
    public static ProbeResult Of(ImageModel model, Tensor input, Probe probe) =>
        new TorchEngine(model.Graph, model.State, model.Mode).Run(input, new Probe(probe.Reads)
        {
            Output = probe.Output,
            Edits = probe.Edits,
            Gradient = probe.Gradient,
        }, []);

    /// <summary>A network of the catalogue whose normalisations do something: no weight of them is 0 or 1.</summary>
    public static ImageModel Trained(string name, GradientFlow? flow = null, int outputs = 7)
    {
        ImageModel model = ImageModel.Create(name, outputs, flow, seed: 5);
        Disturb(model);
        model.Eval();
        model.SetTrainable(false);
        return model;
    }

    /// <summary>Draws the weights and statistics of all normalisations.</summary>
    public static void Disturb(ImageModel model)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        foreach (GraphNode node in model.Graph.Nodes.Where(node => node.Operator == Operators.BatchNorm))
        {
            for (int i = 1; i < 5; i++)
            {
                if (!model.State.TryGetValue(node.Inputs[i], out Tensor? target)) continue;
                var random = new CounterRandom(3, "normalisation/" + node.Inputs[i], 0);
                float[] values = [.. Enumerable.Range(0, (int)target.numel())
                    .Select(_ => (float)(i is 1 or 4 ? 0.5 + random.NextDouble() : 0.4 * random.NextDouble() - 0.2))];
                target.copy_(tensor(values).to(target.dtype));
            }
        }
    }

    /// <summary>Asserts that two tensors agree as far as engines have to.</summary>
    public static void Close(Tensor expected, Tensor actual, string what)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected.shape, actual.shape);
        double largest = expected.abs().max().to(float64).item<double>();
        double apart = (expected.to(float64) - actual.to(float64)).abs().max().item<double>();
        Assert.True(apart <= Math.Max(Tolerance * largest, 2e-7), $"{what}: {apart:G3} apart, the largest is {largest:G3}");
    }
}
