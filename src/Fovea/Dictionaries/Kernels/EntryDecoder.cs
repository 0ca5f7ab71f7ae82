using Fovea.Dictionaries.Sparse;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Kernels;

/// <summary>
/// x̂ = b_dec + Σ f_i W_dec,i over a row's active entries: no dense code is made. In float32 on the CPU, without gradients.
/// </summary>
internal static unsafe class EntryDecoder
{
    private const int RowsOfGroup = 64;

    /// <summary>Whether codes can be decoded so, and nobody asks for gradients.</summary>
    public static bool Supports(SparseAutoencoder autoencoder, SparseCodes codes) =>
        autoencoder.DType == ScalarType.Float32 && autoencoder.Device.type == TorchSharp.DeviceType.CPU
        && !autoencoder.DecoderWeight.requires_grad && !codes.RequireGradients;

    /// <summary>The reconstructions, <c>[rows, d]</c>, owned by the caller.</summary>
    public static Tensor Decode(SparseAutoencoder autoencoder, SparseCodes codes)
    {
        FastPaths.Ran(FastPath.DecodeEntries);
        int d = autoencoder.InputSize, rows = codes.RowCount;
        var parameters = new StepParameters(autoencoder);
        var output = empty([rows, d], ScalarType.Float32);
        float* all = TensorMemory.Floats(output);
        fixed (long* offsets = codes.RowOffsets)
        fixed (int* latents = codes.Latents)
        fixed (float* values = codes.Values)
        {
            var (starts, indices, activations) = ((nint)offsets, (nint)latents, (nint)values);
            Workers.For((rows + RowsOfGroup - 1) / RowsOfGroup, (group, _) =>
            {
                for (int row = group * RowsOfGroup; row < Math.Min(rows, (group + 1) * RowsOfGroup); row++)
                {
                    long first = ((long*)starts)[row];
                    float* x = all + (long)row * d;
                    new ReadOnlySpan<float>(parameters.DecoderBias, d).CopyTo(new Span<float>(x, d));
                    VectorMath.AddRows(
                        x, parameters.Decoder, (int*)indices + first, (float*)activations + first, (int)(((long*)starts)[row + 1] - first),
                            d);
                }
            });
        }
        return output;
    }
}
