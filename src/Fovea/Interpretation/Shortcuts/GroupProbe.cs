using static TorchSharp.torch;

namespace Fovea.Interpretation.Shortcuts;

/// <summary>
/// A linear probe: logistic regression of a group on vectors, by Newton's method, with a small ridge on standardised components so that it
/// exists where the group is separable.
/// </summary>
/// <param name="Direction">Weights of the vectors' own components, <c>[d]</c>.</param>
/// <param name="Bias">Added to them.</param>
/// <param name="Loss">Weighted mean negative log likelihood on what it was fitted to, in nats, the ridge left out.</param>
internal sealed record GroupProbe(double[] Direction, double Bias, double Loss)
{
    private const int MostSteps = 60;

    /// <summary>Fits a probe.</summary>
    /// <param name="x"><c>[n, d]</c>, float64.</param>
    /// <param name="member">Whether each is of the group.</param>
    /// <param name="weights">One a vector, adding up to 1.</param>
    /// <param name="ridge">λ of λ/2 ‖β‖².</param>
    public static GroupProbe Fit(Tensor x, bool[] member, double[] weights, double ridge = 1e-3)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        long n = x.shape[0], d = x.shape[1];
        Tensor w = tensor(weights, [n, 1], float64), y = tensor([.. member.Select(own => own ? 1.0 : 0)], [n, 1], float64);
        Tensor mean = (x * w).sum([0L]), scale = ((x - mean).pow(2) * w).sum([0L]).sqrt();
        // A component that does not vary says nothing, and is not blown up.
        scale = where(scale > 1e-12 * scale.max() + 1e-300, scale, full_like(scale, double.PositiveInfinity));
        Tensor design = cat([(x - mean) / scale, ones(n, 1, float64)], 1);
        Tensor penalty = tensor([.. Enumerable.Repeat(ridge, (int)d), 0.0], [d + 1, 1], float64);
        // Only so that the Hessian of the bias is never 0.
        Tensor diagonal = diag((penalty + 1e-12).squeeze(1));
        Tensor beta = zeros(d + 1, 1, float64);
        double last = Objective(beta);
        for (int step = 0; step < MostSteps; step++)
        {
            using var inner = NewDisposeScope();
            Tensor p = design.mm(beta).sigmoid();
            Tensor gradient = design.t().mm(w * (p - y)) + penalty * beta;
            if (gradient.abs().max().item<double>() < 1e-10) break;
            Tensor hessian = design.t().mm(design * (w * p * (1 - p))) + diagonal;
            Tensor change = linalg.solve(hessian, gradient);
            double size = 1, next = Objective(beta - change);
            while (!(next <= last) && size > 1e-6)
            {
                size /= 2;
                next = Objective(beta - change * size);
            }
            if (!(next < last)) break;
            (beta, last) = ((beta - change * size).MoveToOuterDisposeScope(), next);
        }
        double loss = Likelihood(beta);
        Tensor own = beta.narrow(0, 0, d).squeeze(1) / scale;
        double bias = beta[d].item<double>() - (own * mean).sum().item<double>();
        return new(own.contiguous().data<double>().ToArray(), bias, loss);

        double Likelihood(Tensor b)
        {
            using var inner = NewDisposeScope();
            Tensor logit = design.mm(b);
            return (w * (nn.functional.softplus(logit) - y * logit)).sum().item<double>();
        }

        double Objective(Tensor b)
        {
            using var inner = NewDisposeScope();
            return Likelihood(b) + 0.5 * (penalty * b.pow(2)).sum().item<double>();
        }
    }
}
