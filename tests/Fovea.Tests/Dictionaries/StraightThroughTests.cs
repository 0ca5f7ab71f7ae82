using Fovea.Dictionaries;
using Fovea.Dictionaries.Kernels;
using Fovea.Dictionaries.Sparse;
using Fovea.Numerics;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

/// <summary>
/// JumpReLU's surrogate gradients at several bandwidths, for the activation and each penalty, in the dense and the sparse step: against
/// their closed form and against central differences of a loss in which the step H(u) is replaced by clamp(u/ε + ½, 0, 1), whose slope is
/// K(u/ε)/ε.
/// </summary>
public sealed class StraightThroughTests
{
    private const int Inputs = 5, Latents = 11, Rows = 40;
    private const double Coefficient = 0.7, TargetL0 = 2, TanhScale = 4;

    public static TheoryData<double, JumpReLUPenalty> Cases()
    {
        var cases = new TheoryData<double, JumpReLUPenalty>();
        foreach (double bandwidth in (double[])[1, 0.1, 0.01, 0.001])
            foreach (var penalty in Enum.GetValues<JumpReLUPenalty>()) cases.Add(bandwidth, penalty);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_gradient_of_theta_equals_the_closed_form(double bandwidth, JumpReLUPenalty penalty)
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Create(bandwidth, penalty);
        var x = VectorsInWindow(autoencoder, bandwidth);
        var actual = ThetaGradient(autoencoder, x).data<double>();
        double[] expected = ClosedForm(autoencoder, x);
        for (int i = 0; i < Latents; i++) Assert.Equal(expected[i], actual[i], 1e-9 * Math.Max(1, Math.Abs(expected[i])));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_gradient_of_theta_in_the_step_over_entries_equals_the_closed_form(double bandwidth, JumpReLUPenalty penalty)
    {
        using var scope = NewDisposeScope();
        using var exact = Create(bandwidth, penalty);
        var x = VectorsInWindow(exact, bandwidth);
        double[] expected = ClosedForm(exact, x);
        using var single = Create(bandwidth, penalty, ScalarType.Float32);
        using (var step = new SparseStep(single, single.Rule()!))
        {
            step.Train(x.to_type(ScalarType.Float32).data<float>().ToArray(), 1, 1, 1e-12, new AutoencoderMetrics(Inputs, Latents));
            // After one step the first moment is a tenth of the gradient.
            var actual = (step.ExportState()["exp_avg.threshold"] * 10).data<float>();
            double largest = expected.Max(Math.Abs);
            for (int i = 0; i < Latents; i++) Assert.Equal(expected[i], actual[i], 2e-5 * largest);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_gradient_of_theta_equals_the_slope_of_the_smoothed_loss(double bandwidth, JumpReLUPenalty penalty)
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Create(bandwidth, penalty);
        var x = VectorsInWindow(autoencoder, bandwidth);
        var actual = ThetaGradient(autoencoder, x).data<double>();
        var z = autoencoder.PreActivations(x);
        var start = autoencoder.Parameters["threshold"].clone();
        var codes = autoencoder.EncodeDense(x);
        Tensor Smooth(Tensor theta) => ((z - theta) / bandwidth + 0.5).clamp(0, 1);
        var (there, error) = (Smooth(start), autoencoder.DecodeDense(codes) - x);
        double active = codes.ne(0).sum().item<long>() / (double)Rows;

        // First order in the code and in L0: the estimator says how they move, the loss at the real ones says what that costs.
        double Loss(Tensor theta)
        {
            using var inner = NewDisposeScope();
            var moved = start * (Smooth(theta) - there);
            var reconstruction = 2 * (error * moved.matmul(autoencoder.DecoderWeight)).sum() / Rows;
            double more = (Smooth(theta) - there).sum().item<double>() / Rows;
            double cost = penalty switch
            {
                JumpReLUPenalty.Step => more,
                JumpReLUPenalty.Tanh => ((codes + moved) * TanhScale).tanh().sum().item<double>() / Rows,
                _ => Inputs * Math.Pow((active + more) / TargetL0 - 1, 2),
            };
            return reconstruction.item<double>() + Coefficient * cost;
        }

        double distance = bandwidth * 1e-5;
        for (int i = 0; i < Latents; i++)
        {
            Tensor above = start.clone(), below = start.clone();
            above[i] += distance;
            below[i] -= distance;
            double expected = (Loss(above) - Loss(below)) / (2 * distance);
            Assert.Equal(expected, actual[i], 1e-5 * Math.Max(1, Math.Abs(expected)));
        }
    }

    [Fact]
    public void The_surrogate_changes_no_value()
    {
        using var scope = NewDisposeScope();
        foreach (var penalty in Enum.GetValues<JumpReLUPenalty>())
        {
            using var autoencoder = Create(1, penalty);
            var x = VectorsInWindow(autoencoder, 1);
            var plain = autoencoder.EncodeDense(x);
            autoencoder.RequireGradients(true);
            using var loss = autoencoder.Loss(x);
            Assert.True(plain.Equals(loss.Codes.detach()));
            double active = plain.ne(0).sum().item<long>() / (double)Rows;
            double expected = penalty switch
            {
                JumpReLUPenalty.Step => active,
                JumpReLUPenalty.Tanh => plain.data<double>().Sum(code => Math.Tanh(TanhScale * code)) / Rows,
                _ => Inputs * (active / TargetL0 - 1) * (active / TargetL0 - 1),
            };
            Assert.Equal(Coefficient * expected, loss.Sparsity.item<double>(), 1e-12);
        }
    }

    /// <summary>∂L/∂θ by plain loops, from the paper's equations 11 and 12.</summary>
    private static double[] ClosedForm(JumpReLUAutoencoder autoencoder, Tensor x)
    {
        double bandwidth = autoencoder.Bandwidth;
        var z = Array(autoencoder.PreActivations(x));
        var theta = autoencoder.Parameters["threshold"].data<double>().ToArray();
        var error = Array(autoencoder.DecodeDense(autoencoder.EncodeDense(x)) - x);
        var decoder = Array(autoencoder.DecoderWeight);
        double active = 0;
        for (int row = 0; row < Rows; row++)
            for (int i = 0; i < Latents; i++) active += z[row, i] > theta[i] ? 1.0 / Rows : 0;
        // What an active latent more, and a code larger, cost in the penalty of one row.
        double price = autoencoder.PenaltyForm switch
        {
            JumpReLUPenalty.Step => Coefficient,
            JumpReLUPenalty.Target => Coefficient * Inputs * 2 * (active / TargetL0 - 1) / TargetL0,
            _ => 0,
        };
        double Slope(double code) =>
            autoencoder.PenaltyForm == JumpReLUPenalty.Tanh ? Coefficient * TanhScale / Math.Pow(Math.Cosh(TanhScale * code), 2) : 0;
        int below = 0, above = 0;
        var gradient = new double[Latents];
        for (int i = 0; i < Latents; i++)
        {
            for (int row = 0; row < Rows; row++)
            {
                if (Math.Abs(z[row, i] - theta[i]) >= bandwidth / 2) continue;
                bool on = z[row, i] > theta[i];
                if (on) above++;
                else below++;
                double slope = Slope(on ? z[row, i] : 0) / Rows;
                for (int j = 0; j < Inputs; j++) slope += 2 * error[row, j] / Rows * decoder[i, j];
                gradient[i] += slope * -(theta[i] / bandwidth) + price / Rows * -(1 / bandwidth);
            }
        }
        // Both sides of the threshold are seen.
        Assert.InRange(below, 5, Rows * Latents);
        Assert.InRange(above, 5, Rows * Latents);
        return gradient;
    }

    private static JumpReLUAutoencoder Create(double bandwidth, JumpReLUPenalty penalty, ScalarType dtype = ScalarType.Float64)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var autoencoder = new JumpReLUAutoencoder(Inputs, Latents, Coefficient, bandwidth, 0.5, dtype, penalty, TargetL0, TanhScale);
        autoencoder.Initialize(4);
        foreach (var (name, parameter) in autoencoder.TrainableParameters)
            if (name != "threshold") parameter.add_(Samples.Normal(parameter.shape, name, dtype) * 0.2);
        autoencoder.Parameters["threshold"].add_(Samples.Normal([Latents], "threshold", dtype).abs());
        // The same numbers in float32 and in float64.
        foreach (var parameter in autoencoder.Parameters.Values) parameter.copy_(parameter.to_type(ScalarType.Float32));
        return autoencoder;
    }

    /// <summary>
    /// Moves each vector so that one of its pre-activations falls into its window, below or above the threshold, however narrow, but off
    /// its edges.
    /// </summary>
    private static Tensor VectorsInWindow(JumpReLUAutoencoder autoencoder, double bandwidth)
    {
        var rows = new List<Tensor>();
        for (int item = 0; rows.Count < Rows; item++)
        {
            var x = Samples.Vectors(1, Inputs, ScalarType.Float64, item);
            int latent = item % Latents;
            var direction = autoencoder.EncoderWeight.select(1, latent);
            double offset = new CounterRandom(1, "offset", item).NextDouble(-0.4, 0.4) * bandwidth;
            double wanted = autoencoder.Parameters["threshold"][latent].item<double>() + offset;
            double missing = wanted - autoencoder.PreActivations(x)[0, latent].item<double>();
            x = (x + direction * (missing / direction.square().sum().item<double>())).to_type(ScalarType.Float32)
                .to_type(ScalarType.Float64);
            var u = ((autoencoder.PreActivations(x) - autoencoder.Parameters["threshold"]) / bandwidth).abs();
            // Float32 must see each on the same side.
            if ((u - 0.5).abs().min().item<double>() > 3e-3 && u.min().item<double>() > 3e-3) rows.Add(x);
            Assert.True(item < 1000);
        }
        return cat(rows, 0);
    }

    private static Tensor ThetaGradient(JumpReLUAutoencoder autoencoder, Tensor x)
    {
        autoencoder.RequireGradients(true);
        using (var loss = autoencoder.Loss(x)) loss.Total.backward();
        autoencoder.RequireGradients(false);
        return autoencoder.Parameters["threshold"].grad!;
    }

    private static double[,] Array(Tensor matrix)
    {
        var values = matrix.contiguous().data<double>();
        var result = new double[matrix.shape[0], matrix.shape[1]];
        for (int i = 0; i < result.GetLength(0); i++)
            for (int j = 0; j < result.GetLength(1); j++) result[i, j] = values[i * result.GetLength(1) + j];
        return result;
    }
}
