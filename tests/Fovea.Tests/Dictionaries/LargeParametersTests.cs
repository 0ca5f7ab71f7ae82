using Fovea.Dictionaries;
using Fovea.Dictionaries.Kernels;
using Fovea.Dictionaries.Sparse;
using Fovea.Numerics;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

/// <summary>Decoders of 2 GiB and more: lengths that no span can say.</summary>
public sealed class LargeParametersTests
{
    private const int Inputs = 512, Latents = (1 << 20) + 7;

    /// <summary>Memory that nobody touches costs nothing: only the first and the last number are written.</summary>
    [Fact]
    public unsafe void A_pointer_reaches_past_two_gibibytes()
    {
        using var scope = NewDisposeScope();
        var tensor = empty([Latents, Inputs]);
        float* pointer = TensorMemory.Floats(tensor);
        (pointer[0], pointer[(long)Latents * Inputs - 1]) = (3, 5);
        Assert.Equal((3f, 5f), (tensor[0, 0].item<float>(), tensor[Latents - 1, Inputs - 1].item<float>()));
        Assert.Throws<ArgumentException>(() => (nint)TensorMemory.Floats(tensor.t()));
        Assert.Throws<ArgumentException>(() => (nint)TensorMemory.Floats(empty(3, ScalarType.Float64)));
    }

    /// <summary>About 9 GiB of memory and a minute: only where it is asked for.</summary>
    [Fact]
    public void A_tied_decoder_of_two_gibibytes_trains_and_encodes()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("FOVEA_LARGE_TESTS") == "1", "Set FOVEA_LARGE_TESTS=1 to run it.");
        using var scope = NewDisposeScope();
        using var autoencoder = new L1Autoencoder(Inputs, Latents, 1, tied: true);
        autoencoder.Initialize(3);
        var x = Samples.Vectors(3, Inputs, ScalarType.Float32);
        float[] vectors = [.. x.data<float>()];
        // The last latent must fire and be changed.
        var last = autoencoder.DecoderWeight.narrow(0, Latents - 1, 1);
        using (no_grad()) last.copy_(x.narrow(0, 0, 1) / x.narrow(0, 0, 1).norm());
        float before = autoencoder.DecoderWeight[Latents - 1, Inputs - 1].item<float>();
        using (var stream = new CodeStream(autoencoder))
        {
            var codes = stream.Encode(vectors);
            Assert.Equal(Latents - 1, codes.Latents[(int)codes.RowOffsets[1] - 1]);
        }
        using var step = new SparseStep(autoencoder, autoencoder.Rule()!);
        step.Train(vectors, 1, 1, 1e-2, new AutoencoderMetrics(Inputs, Latents));
        step.Publish();
        Assert.NotEqual(before, autoencoder.DecoderWeight[Latents - 1, Inputs - 1].item<float>());
        var state = step.ExportState();
        Assert.NotEqual(0, state["exp_avg." + SparseAutoencoder.DecoderWeightName][Latents - 1, Inputs - 1].item<float>());
        step.ImportState(state);
        foreach (var tensor in state.Values) tensor.Dispose();
    }
}
