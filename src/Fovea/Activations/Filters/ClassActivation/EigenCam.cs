using static TorchSharp.torch;

namespace Fovea.Activations.Filters.ClassActivation;

/// <summary>
/// EigenCAM (Muhammad and Yeasin 2020): the image's activations as a matrix of positions × channels, centred per channel, projected on
/// their first right-singular vector. It knows no class. The sign, which a singular vector leaves open, makes the entry of largest size
/// positive. From the eigenvectors of the Gram matrix of the smaller side, which give the same projection as a singular value decomposition
/// for a part of the cost. Drawn from rectified; being centred, the map has positive entries unless it is zero, which it is where all
/// positions are alike.
/// </summary>
public sealed class EigenCam() : ClassActivationMap("eigencam", "(A − mean A_k) v₁", LayerNeed.Activations)
{
    /// <inheritdoc/>
    protected override Tensor Evidence(LayerEvidence evidence)
    {
        long[] shape = evidence.Activations.shape;
        var matrix = evidence.Activations.flatten(2).transpose(1, 2); // [N, positions, C]
        matrix -= matrix.mean([1], keepdim: true);
        var other = matrix.transpose(1, 2);
        bool byPosition = matrix.shape[1] <= matrix.shape[2];
        var (values, vectors) = linalg.eigh(byPosition ? matrix.matmul(other) : other.matmul(matrix)); // ascending
        long last = values.shape[1] - 1;
        var first = vectors.narrow(2, last, 1);
        var projection = byPosition ? first * values.narrow(1, last, 1).clamp(min: 0).sqrt().unsqueeze(2) : matrix.matmul(first);
        var map = projection.reshape(shape[0], shape[2], shape[3]);
        var turned = map.amin([1, 2], keepdim: true).neg() > map.amax([1, 2], keepdim: true);
        return where(turned, map.neg(), map);
    }
}
