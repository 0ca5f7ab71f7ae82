using static TorchSharp.torch;

namespace Fovea.Dictionaries.Training;

/// <summary>
/// Shrinks the gradients of all trained parameters by one factor where their common L2 norm is above a limit (Pascanu et al. 2013, arXiv
/// 1211.5063, algorithm 1): g ← g · min(1, limit/‖g‖). The norm is of the gradients that Adam sees: the decoder's across its rows, where
/// rows are kept at length 1.
/// </summary>
internal static class GradientClipping
{
    /// <summary>min(1, limit/‖g‖).</summary>
    /// <param name="squares">‖g‖².</param>
    /// <param name="limit">Above 0.</param>
    public static double Factor(double squares, double limit) => Math.Sqrt(squares) is var norm && norm > limit ? limit / norm : 1;

    /// <summary>Clips the gradients of <paramref name="parameters"/> in place.</summary>
    public static void Clip(IEnumerable<Tensor> parameters, double limit)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var gradients = parameters.Select(parameter => parameter.grad).OfType<Tensor>().ToArray();
        double factor = Factor(gradients.Sum(gradient => gradient.to_type(ScalarType.Float64).square().sum().item<double>()), limit);
        if (factor == 1) return;
        foreach (var gradient in gradients) gradient.mul_(factor);
    }
}
