using static TorchSharp.torch;

namespace Fovea.Models;

/// <summary>What stands between the layers of a network without being one: a mean over positions, a flattening.</summary>
internal sealed class Reshape(Func<Tensor, Tensor> function) : Block(nameof(Reshape))
{
    /// <summary><c>[N, C, 1, 1]</c> → <c>[N, C]</c>.</summary>
    public static Reshape Flatten() => new(x => x.flatten(1));

    /// <summary><c>[N, C, H, W]</c> → <c>[N, C]</c>.</summary>
    public static Reshape MeanOfPositions() => new(x => x.mean([2, 3]));

    public override Tensor forward(Tensor input) => function(input);
}
