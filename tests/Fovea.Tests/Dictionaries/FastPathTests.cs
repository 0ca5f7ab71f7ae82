using Fovea.Dictionaries;
using Fovea.Numerics;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

/// <summary>Every fast path of the dictionaries is taken where it can be: both ways give the same numbers, so only a counter tells them apart.</summary>
public sealed class FastPathTests
{
    private const int Inputs = 19, Latents = 70;

    private static long Runs(FastPath path, Action action)
    {
        long before = FastPaths.Count(path);
        action();
        return FastPaths.Count(path) - before;
    }

    [Theory]
    [MemberData(nameof(Samples.Variants), MemberType = typeof(Samples))]
    public void Encode_goes_over_entries(string variant)
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Samples.Create(variant, Inputs, Latents, ScalarType.Float32);
        var x = Samples.Vectors(300, Inputs, ScalarType.Float32);
        Assert.Equal(1, Runs(FastPath.EncodeEntries, () => ((IFeatureDictionary)autoencoder).Encode(x).Dispose()));
        // In float64 there are no kernels; nor is it worth bringing the encoder into their form for a few vectors.
        using var wide = Samples.Create(variant, Inputs, Latents, ScalarType.Float64);
        Assert.Equal(0, Runs(FastPath.EncodeEntries, () => wide.Encode(x.to_type(ScalarType.Float64)).Dispose()));
        Assert.Equal(0, Runs(FastPath.EncodeEntries, () => autoencoder.Encode(x.narrow(0, 0, 3)).Dispose()));
    }
}
