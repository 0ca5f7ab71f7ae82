using Fovea.Models;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models;

/// <summary>Gradients of a network against central differences in double precision.</summary>
internal static class FiniteDifferences
{
    /// <summary>
    /// Asserts that a weighted sum of the answer has the derivative along a direction that its gradient says, at each of some values.
    /// </summary>
    /// <param name="model">The network, in double precision.</param>
    /// <param name="input">Images, in double precision.</param>
    /// <param name="values">The network's input, or layers.</param>
    public static void Agree(ImageModel model, Tensor input, params string[] values)
    {
        foreach (string by in values)
        {
            ProbeResult pass = model.Forward(
                input, new Probe() { Gradient = new ProbeGradient(read => (read.Logits * Weights(read.Logits)).sum(), [by]) });
            Tensor gradient = pass.Gradient(by);
            Assert.True(gradient.abs().max().item<double>() > 1e-3);
            Tensor direction = Fovea.Tests.Dictionaries.Samples.Normal(gradient.shape, "direction", ScalarType.Float64);
            double expected = (gradient * direction).sum().item<double>(), step = 1e-6;
            double actual = (Moved(step) - Moved(-step)) / (2 * step);
            Assert.True(Math.Abs(expected - actual) < 1e-5 * Math.Max(1, Math.Abs(expected)),
                $"{by}: {expected} by gradients, {actual} by differences");

            double Moved(double far)
            {
                using var quiet = no_grad();
                Tensor logits = by == model.Graph.Input
                    ? model.Forward(input + direction * far) : model.Forward(input, new Probe().With(by, x => x + direction * far)).Logits;
                return (logits * Weights(logits)).sum().item<double>();
            }
        }
    }

    private static Tensor Weights(Tensor logits) => arange(1, logits.shape[1] + 1, dtype: logits.dtype) * 0.3;
}
