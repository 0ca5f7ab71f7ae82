using Fovea.Numerics;
using Fovea.Visualization.Pullbacks;
using static TorchSharp.torch;

namespace Fovea.Visualization;

/// <summary>
/// Adam (Kingma and Ba 2015; β = 0.9, 0.999; ε = 1e-8) on the free numbers of a batch of pictures. The gradient comes as an argument,
/// because it was taken for these numbers alone and stands in no <c>.grad</c>. Element-wise, so pictures of a batch do not touch each
/// other.
/// </summary>
internal sealed class PictureAdam
{
    private static readonly AdamOptions Options = new();

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
        if (PictureMemory.Serves(_free) && PictureMemory.Serves(gradient))
        {
            OnePass(gradient, learningRate);
            return;
        }
        _mean.mul_(Options.Beta1).add_(gradient, 1 - Options.Beta1);
        _square.mul_(Options.Beta2).addcmul_(gradient, gradient, 1 - Options.Beta2);
        Tensor size = (_square / (1 - Math.Pow(Options.Beta2, _steps))).sqrt_().add_(Options.Epsilon);
        _free.addcdiv_(_mean, size, -learningRate / (1 - Math.Pow(Options.Beta1, _steps)));
    }

    private unsafe void OnePass(Tensor gradient, double learningRate)
    {
        FastPaths.Ran(FastPath.PictureAdam);
        int length = checked((int)_free.numel());
        var factors = AdamKernel.Factors.At(Options, learningRate, _steps);
        float* p = PictureMemory.Pointer(_free), g = PictureMemory.Pointer(gradient), m = PictureMemory.Pointer(
            _mean), v = PictureMemory.Pointer(_square);
        Workers.For(PictureMemory.Bands(1, length), (band, _) =>
        {
            var (_, start, count) = PictureMemory.At(band, length);
            AdamKernel.Update(p + start, g + start, m + start, v + start, count, factors);
        });
    }
}
