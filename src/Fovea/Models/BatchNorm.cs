using TorchSharp;
using static TorchSharp.torch;

namespace Fovea.Models;

/// <summary>
/// Batch normalisation over <c>[N, C, H, W]</c> (Ioffe and Szegedy 2015) with PyTorch's names, momentum 0.1 and ε 1e-5. In the place of
/// TorchSharp's, which adds a temporary <see cref="Scalar"/> to its counter in each step: the collector may free such a temporary while
/// libtorch still reads it (docs/decisions/0009-scalars-and-the-collector.md).
/// </summary>
internal sealed class BatchNorm : Block
{
    /// <summary>The weight of the newest batch in the running statistics, as in PyTorch.</summary>
    public const double DefaultMomentum = 0.1;

    private const double Epsilon = 1e-5;

    private readonly Tensor _one = ones(1, dtype: int64).squeeze_().DetachFromDisposeScope();

    public BatchNorm(int channels) : base(nameof(BatchNorm))
    {
        register_parameter("weight", new TorchSharp.Modules.Parameter(ones(channels)));
        register_parameter("bias", new TorchSharp.Modules.Parameter(zeros(channels)));
        register_buffer("running_mean", zeros(channels));
        register_buffer("running_var", ones(channels));
        register_buffer("num_batches_tracked", zeros(1, dtype: int64).squeeze_());
    }

    /// <summary>The weight of the next batch in the running statistics; 1 / (batches so far + 1) makes them plain averages.</summary>
    public double Momentum { get; set; } = DefaultMomentum;

    public override Tensor forward(Tensor input)
    {
        if (training)
        {
            using var quiet = no_grad();
            get_buffer("num_batches_tracked")!.add_(_one);
        }
        return nn.functional.batch_norm(input, get_buffer("running_mean"), get_buffer("running_var"), get_parameter("weight"), get_parameter("bias"),
            training, Momentum, Epsilon);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _one.Dispose();
        base.Dispose(disposing);
    }
}
