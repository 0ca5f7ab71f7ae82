using System.Runtime.InteropServices;

namespace Fovea.Bench;

/// <summary>
/// OpenBLAS's single-precision product, where the system has it (Debian: libopenblas0-pthread): what rows are read against, no part of
/// Fovea.
/// </summary>
internal sealed unsafe class OpenBlas
{
    private const int RowMajor = 101, NoTranspose = 111;

    private readonly delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void> _product;

    private OpenBlas(nint library, int threads)
    {
        _product = (delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void>)
            NativeLibrary.GetExport(library, "cblas_sgemm");
        ((delegate* unmanaged<int, void>)NativeLibrary.GetExport(library, "openblas_set_num_threads"))(threads);
        Core = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)NativeLibrary.GetExport(library, "openblas_get_corename"))()) ?? "";
        Settings = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)NativeLibrary.GetExport(library, "openblas_get_config"))()) ?? "";
    }

    /// <summary>The kernels it chose for this processor.</summary>
    public string Core { get; }

    /// <summary>Its version and how it was built.</summary>
    public string Settings { get; }

    /// <summary>The library with this many threads; null where the system has none.</summary>
    public static OpenBlas? Find(int threads)
    {
        foreach (string name in (string[])["libopenblas.so.0", "libopenblas.dylib", "libopenblas.dll"])
        {
            if (NativeLibrary.TryLoad(name, out nint library)) return new OpenBlas(library, threads);
        }
        return null;
    }

    /// <summary><c>product = left · right</c>, row-major <c>[m, k] · [k, n]</c>.</summary>
    public void Multiply(float* left, float* right, float* product, int m, int n, int k) =>
        _product(RowMajor, NoTranspose, NoTranspose, m, n, k, 1, left, k, right, n, 0, product, n);
}
