using static TorchSharp.torch;

namespace Fovea.Visualization;

/// <summary>
/// Adam (Kingma and Ba 2015; β = 0.9, 0.999; ε = 1e-8) on the free numbers of a batch of pictures. The gradient comes as an argument, because it was
/// taken for these numbers alone and stands in no <c>.grad</c>. Element-wise, so pictures of a batch do not touch each other.
/// </summary>
internal sealed class PictureAdam
{
    private const double Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;

    private readonly Tensor _free, _mean, _square;
    private int _steps;

    /// <summary>The moments join the dispose scope that is open now.</summary>
    public PictureAdam(Tensor free)
    {
        _free = free;
        using var quiet = no_grad();
        (_mean, _square) = (zeros_like(free).requires_grad_(false), zeros_like(free).requires_grad_(false));
    }

    /// <summary>One step down the gradient; call it without gradients recorded.</summary>
    public void Step(Tensor gradient, double learningRate)
    {
        using var scope = NewDisposeScope();
        _steps++;
        _mean.mul_(Beta1).add_(gradient, 1 - Beta1);
        _square.mul_(Beta2).addcmul_(gradient, gradient, 1 - Beta2);
        Tensor size = (_square / (1 - Math.Pow(Beta2, _steps))).sqrt_().add_(Epsilon);
        _free.addcdiv_(_mean, size, -learningRate / (1 - Math.Pow(Beta1, _steps)));
    }
}
