using static TorchSharp.torch;

namespace Fovea.Dictionaries.Sparse;

/// <summary>
/// The numbers by which each vector was changed before encoding (<see cref="InputNormalization"/>), and with which its reconstruction is
/// changed back: scale and shift of every vector. Sums are in float64, so that long vectors do not overflow and kernels and tensors agree.
/// </summary>
internal static class VectorFrames
{
    /// <summary>SAELens' ε of <c>layer_norm</c>, which only the way in has.</summary>
    private const double Epsilon = 1e-5;

    /// <summary>Vectors as they are encoded.</summary>
    /// <param name="vectors">Components on axis 1: <c>[rows, d]</c> or <c>[N, C, H, W]</c>.</param>
    /// <param name="normalization">How; not <see cref="InputNormalization.None"/>.</param>
    /// <returns>The same shape and type, differentiable; and scale and shift (<c>[rows, 1]</c>, <c>[N, 1, H, W]</c>) of the way back, in
    /// float64.</returns>
    public static (Tensor Vectors, Tensor Scale, Tensor Shift) Of(Tensor vectors, InputNormalization normalization)
    {
        var x = vectors.to_type(ScalarType.Float64);
        long d = x.shape[1];
        if (normalization == InputNormalization.ConstantNorm)
        {
            // Of zeros there is no direction; a root's derivative there would be infinite and make NaN of a gradient.
            var scale = Root(x.square().sum([1L], keepdim: true) / d, out Tensor none);
            var change = where(none, zeros_like(scale), 1 / where(none, ones_like(scale), scale));
            return ((x * change).to_type(vectors.dtype), scale, zeros_like(scale));
        }
        var mean = x.mean([1L], keepdim: true);
        var centred = x - mean;
        var deviation = Root(centred.square().sum([1L], keepdim: true) / (d - 1), out _);
        return ((centred / (deviation + Epsilon)).to_type(vectors.dtype), deviation, mean);
    }

    /// <summary>Reconstructions of changed vectors as those of the vectors themselves.</summary>
    public static Tensor Back(Tensor output, Tensor scale, Tensor shift) =>
        (output.to_type(ScalarType.Float64) * scale + shift).to_type(output.dtype);

    /// <summary>The same for vectors in main memory.</summary>
    /// <param name="vectors"><c>[rows, d]</c>.</param>
    /// <param name="d">Components.</param>
    /// <param name="normalization">How; not <see cref="InputNormalization.None"/>.</param>
    /// <param name="changed">Gets the vectors as they are encoded, <c>[rows, d]</c>.</param>
    /// <param name="frames">Gets scale and shift of each, <c>[rows, 2]</c>.</param>
    public static void Of(ReadOnlySpan<float> vectors, int d, InputNormalization normalization, Span<float> changed, Span<double> frames)
    {
        for (int row = 0; row * d < vectors.Length; row++)
        {
            ReadOnlySpan<float> x = vectors.Slice(row * d, d);
            Span<float> y = changed.Slice(row * d, d);
            double mean = 0, squares = 0, scale, change;
            if (normalization == InputNormalization.LayerNorm)
            {
                foreach (float value in x) mean += value;
                mean /= d;
            }
            foreach (float value in x) squares += (value - mean) * (value - mean);
            if (normalization == InputNormalization.LayerNorm)
            {
                scale = Math.Sqrt(squares / (d - 1));
                change = 1 / (scale + Epsilon);
            }
            else
            {
                scale = Math.Sqrt(squares / d);
                change = scale > 0 ? 1 / scale : 0;
            }
            for (int i = 0; i < d; i++) y[i] = (float)((x[i] - mean) * change);
            (frames[2 * row], frames[2 * row + 1]) = (scale, mean);
        }
    }

    private static Tensor Root(Tensor squares, out Tensor none)
    {
        none = squares.eq(0);
        return where(none, zeros_like(squares), where(none, ones_like(squares), squares).sqrt());
    }
}
