using Fovea.Autoencoders;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Autoencoders;

/// <summary>
/// JumpReLU's surrogate gradients at several bandwidths, against their closed form and against central differences of a loss in which the
/// step H(u) is replaced by clamp(u/ε + ½, 0, 1), whose slope is K(u/ε)/ε.
/// </summary>
public sealed class StraightThroughTests
{
    private const int Inputs = 5, Latents = 11, Rows = 40;
    private const double Coefficient = 0.7;

    public static TheoryData<double> Bandwidths => [1, 0.1, 0.01, 0.001];

    [Theory]
    [MemberData(nameof(Bandwidths))]
    public void The_gradient_of_theta_equals_the_closed_form(double bandwidth)
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Create(bandwidth);
        var x = VectorsInWindow(autoencoder, bandwidth);
        var actual = ThetaGradient(autoencoder, x).data<double>();

        // Plain loops, from the paper's equations 11 and 12.
        var z = Array(autoencoder.PreActivations(x));
        var theta = autoencoder.Parameters["threshold"].data<double>().ToArray();
        var error = Array(autoencoder.DecodeDense(autoencoder.EncodeDense(x)) - x);
        var decoder = Array(autoencoder.DecoderWeight);
        int inside = 0;
        for (int i = 0; i < Latents; i++)
        {
            double expected = 0;
            for (int row = 0; row < Rows; row++)
            {
                if (Math.Abs(z[row, i] - theta[i]) >= bandwidth / 2) continue;
                inside++;
                double slope = 0;
                for (int j = 0; j < Inputs; j++) slope += 2 * error[row, j] / Rows * decoder[i, j];
                expected += slope * -(theta[i] / bandwidth) + Coefficient / Rows * -(1 / bandwidth);
            }
            Assert.Equal(expected, actual[i], 1e-9 * Math.Max(1, Math.Abs(expected)));
        }
        Assert.InRange(inside, 10, Rows * Latents);
    }

    [Theory]
    [MemberData(nameof(Bandwidths))]
    public void The_gradient_of_theta_equals_the_slope_of_the_smoothed_loss(double bandwidth)
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Create(bandwidth);
        var x = VectorsInWindow(autoencoder, bandwidth);
        var actual = ThetaGradient(autoencoder, x).data<double>();
        var z = autoencoder.PreActivations(x);
        var start = autoencoder.Parameters["threshold"].clone();
        var codes = autoencoder.EncodeDense(x);
        Tensor Smooth(Tensor theta) => ((z - theta) / bandwidth + 0.5).clamp(0, 1);
        var (there, error) = (Smooth(start), autoencoder.DecodeDense(codes) - x);

        // First order in the code: the estimator says how the code moves, the error at the real code says what that costs.
        double Loss(Tensor theta)
        {
            using var inner = NewDisposeScope();
            var moved = start * (Smooth(theta) - there);
            var reconstruction = 2 * (error * moved.matmul(autoencoder.DecoderWeight)).sum() / Rows;
            return (reconstruction + Coefficient * Smooth(theta).sum() / Rows).item<double>();
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
        using var autoencoder = Create(1);
        var x = VectorsInWindow(autoencoder, 1);
        var plain = autoencoder.EncodeDense(x);
        autoencoder.RequireGradients(true);
        using var loss = autoencoder.Loss(x);
        Assert.True(plain.Equals(loss.Codes.detach()));
        Assert.Equal(Coefficient * plain.ne(0).sum().item<long>() / Rows, loss.Sparsity.item<double>(), 1e-12);
    }

    private static JumpReLUAutoencoder Create(double bandwidth)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var autoencoder = new JumpReLUAutoencoder(Inputs, Latents, Coefficient, bandwidth, 0.5, ScalarType.Float64);
        autoencoder.Initialize(4);
        foreach (var (name, parameter) in autoencoder.TrainableParameters)
            if (name != "threshold") parameter.add_(Samples.Normal(parameter.shape, name, ScalarType.Float64) * 0.2);
        autoencoder.Parameters["threshold"].add_(Samples.Normal([Latents], "threshold", ScalarType.Float64).abs());
        return autoencoder;
    }

    /// <summary>Moves each vector so that one of its pre-activations falls into its window, below or above the threshold, however narrow, but off its edges.</summary>
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
            x = x + direction * (missing / direction.square().sum().item<double>());
            var u = ((autoencoder.PreActivations(x) - autoencoder.Parameters["threshold"]) / bandwidth).abs();
            if ((u - 0.5).abs().min().item<double>() > 1e-3 && u.min().item<double>() > 1e-3) rows.Add(x);
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
