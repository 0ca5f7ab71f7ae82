using static TorchSharp.torch;

namespace Fovea.Checkpoints;

/// <summary>
/// Vectors that were made elsewhere, such as directions in a layer's space of channels: <c>.npy</c>, or one tensor of a
/// <c>.safetensors</c>.
/// </summary>
public static class VectorFile
{
    /// <summary>Reads a matrix, or a vector as a matrix of one row.</summary>
    /// <param name="path">The file; of a safetensors file with several tensors, <c>FILE#TENSOR</c>.</param>
    /// <returns><c>[N, C]</c>, float32 or float64 as stored, other types as float32; in main memory, the caller's.</returns>
    /// <exception cref="FoveaException">The file cannot be read, holds no vector or matrix of numbers, or several and none is
    /// named.</exception>
    public static Tensor Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        using var scope = NewDisposeScope();
        Tensor array = path.EndsWith(".npy", StringComparison.OrdinalIgnoreCase) ? NumpyFile.Read(path) : OfSafetensors(path);
        if (array.dim() is not (1 or 2) || array.numel() == 0)
            throw FoveaException.BadData(
                $"{path} holds an array [{string.Join(", ", array.shape)}]: a vector [C] or a matrix [N, C] of one vector a row is "
                    + $"needed.");
        if (array.dtype is not (ScalarType.Float32 or ScalarType.Float64)) array = array.to(float32);
        return array.reshape(-1, array.shape[^1]).MoveToOuterDisposeScope();
    }

    private static Tensor OfSafetensors(string path)
    {
        const string Extension = ".safetensors";
        int mark = path.LastIndexOf(Extension + "#", StringComparison.OrdinalIgnoreCase);
        string file = mark < 0 ? path : path[..(mark + Extension.Length)];
        if (!file.EndsWith(Extension, StringComparison.OrdinalIgnoreCase))
            throw FoveaException.BadData($"{path}: vectors are read from .npy and .safetensors files.");
        using SafetensorsFile opened = SafetensorsFile.Open(file);
        if (mark >= 0) return opened.ToTensor(path[(file.Length + 1)..]);
        return opened.Tensors.Count == 1 ? opened.ToTensor(opened.Tensors.Keys.Single()) : throw FoveaException.BadData(
            $"{path} has {opened.Tensors.Count} tensors: say which, as "
                + $"{Path.GetFileName(path)}#NAME ({string.Join(", ", opened.Tensors.Keys.Take(12))}).");
    }
}
