using static TorchSharp.torch;

namespace Fovea.Interpretation.Shortcuts;

/// <summary>
/// The last layer trained again on a few images of known groups, all before it left as it is (Kirichenko et al. 2023, deep feature
/// reweighting): weighted cross-entropy, starting from the network's own weights and held to them by λ/2 ‖V − V₀‖² in units of the
/// components' standard deviations. Full batches and Adam along a cosine: nothing is drawn.
/// </summary>
internal static class HeadRetraining
{
    private const int Steps = 300;
    private const double LearningRate = 0.03, Pull = 1e-3;

    /// <summary>Trains the head.</summary>
    /// <param name="x">What it reads, <c>[n, d]</c>, float64.</param>
    /// <param name="labels">Classes.</param>
    /// <param name="weights">One an image, adding up to 1.</param>
    /// <param name="weight">Its weights, <c>[classes, d]</c>.</param>
    /// <param name="bias">Its bias, <c>[classes]</c>; null: none, and there is one afterwards.</param>
    /// <param name="cancellation">Looked at before every step.</param>
    /// <returns>New weights and bias, float64, in the current dispose scope.</returns>
    public static (Tensor Weight, Tensor Bias) Fit(
        Tensor x, IReadOnlyList<int> labels, double[] weights, Tensor weight, Tensor? bias, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor own = weight.cpu().to(float64), offset = bias is null ? zeros(own.shape[0], float64) : bias.cpu().to(float64);
        Tensor w = tensor(weights, [weights.Length, 1], float64), mean = (x * w).sum([0L]);
        Tensor scale = ((x - mean).pow(2) * w).sum([0L]).sqrt();
        scale = where(scale > 0, scale, ones_like(scale));
        Tensor design = (x - mean) / scale, start = own * scale;
        Tensor truth = nn.functional.one_hot(tensor(labels.Select(label => (long)label).ToArray()), own.shape[0]).to(float64);
        Tensor[] parameters = [start.clone(), offset + own.mv(mean)];
        Tensor[] first = [.. parameters.Select(one => zeros_like(one))], second = [.. parameters.Select(one => zeros_like(one))];
        for (int step = 1; step <= Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            Tensor error = w * (nn.functional.softmax(design.mm(parameters[0].t()) + parameters[1], 1) - truth);
            Tensor[] gradients = [error.t().mm(design) + Pull * (parameters[0] - start), error.sum([0L])];
            double rate = LearningRate * 0.5 * (1 + Math.Cos(Math.PI * (step - 1) / Steps));
            for (int i = 0; i < parameters.Length; i++)
            {
                first[i].mul_(0.9).add_(gradients[i] * 0.1);
                second[i].mul_(0.999).add_(gradients[i].pow(2) * 0.001);
                Tensor denominator = (second[i] / (1 - Math.Pow(0.999, step))).sqrt() + 1e-8;
                parameters[i].sub_(first[i] / (1 - Math.Pow(0.9, step)) / denominator * rate);
            }
        }
        Tensor trained = parameters[0] / scale;
        return (trained.MoveToOuterDisposeScope(), (parameters[1] - trained.mv(mean)).MoveToOuterDisposeScope());
    }
}
