using Fovea.Dictionaries.Sparse;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Kernels;

/// <summary>
/// The memory of an autoencoder's float32 parameters, where kernels read and write them; the autoencoder must outlive it.
/// </summary>
internal sealed unsafe class StepParameters
{
    private readonly SparseAutoencoder _autoencoder;

    public StepParameters(SparseAutoencoder autoencoder)
    {
        _autoencoder = autoencoder;
        if (autoencoder.DType != ScalarType.Float32 || autoencoder.Device.type != TorchSharp.DeviceType.CPU)
            throw new ArgumentException("Kernels work on float32 in main memory.", nameof(autoencoder));
        (InputSize, LatentSize) = (autoencoder.InputSize, autoencoder.LatentSize);
        Decoder = Pointer(SparseAutoencoder.DecoderWeightName);
        EncoderBias = Pointer(autoencoder.EncoderBiasParameter);
        DecoderBias = Pointer(SparseAutoencoder.DecoderBiasName);
    }

    /// <summary>d.</summary>
    public int InputSize { get; }

    /// <summary>n.</summary>
    public int LatentSize { get; }

    /// <summary>W_dec, <c>[n, d]</c>.</summary>
    public float* Decoder { get; }

    /// <summary>b_enc, <c>[n]</c>.</summary>
    public float* EncoderBias { get; }

    /// <summary>b_dec, <c>[d]</c>.</summary>
    public float* DecoderBias { get; }

    /// <summary>The values of a parameter by name.</summary>
    // Native memory: it does not move, and the autoencoder keeps it alive.
    public float* Pointer(string name) => TensorMemory.Floats(_autoencoder.Parameters[name]);
}
