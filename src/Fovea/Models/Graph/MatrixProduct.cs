using static TorchSharp.torch;

namespace Fovea.Models.Graph;

/// <summary>
/// The product of matrices and vectors of a network from a file. TorchSharp 0.107 does not catch what libtorch throws in this one function of a
/// graph, so that factors that do not fit would end the process; they are refused before.
/// </summary>
internal static class MatrixProduct
{
    /// <summary>Types that libtorch multiplies on a processor.</summary>
    internal static readonly HashSet<ScalarType> Multiplied =
        [float32, float64, float16, bfloat16, uint8, int8, int16, int32, int64, complex64, complex128];

    /// <summary>The product, with axes before the last two broadcast, as NumPy's matmul has it.</summary>
    /// <exception cref="FoveaException">Data: the factors do not fit, or are of types that have no product.</exception>
    public static Tensor Of(Tensor a, Tensor b)
    {
        if (!Fit(a.shape, b.shape))
            throw FoveaException.BadData($"Matrices of [{string.Join(", ", a.shape)}] and [{string.Join(", ", b.shape)}] have no product.");
        if (a.dtype != b.dtype || !Multiplied.Contains(a.dtype))
            throw FoveaException.BadData($"Matrices of the types {a.dtype} and {b.dtype} have no product.");
        return a.matmul(b);
    }

    private static bool Fit(long[] a, long[] b)
    {
        if (a.Length == 0 || b.Length == 0 || a[^1] != (b.Length == 1 ? b[0] : b[^2])) return false;
        for (int i = 3; i <= Math.Min(a.Length, b.Length); i++)
            if (a[^i] != b[^i] && a[^i] != 1 && b[^i] != 1) return false;
        return true;
    }
}
