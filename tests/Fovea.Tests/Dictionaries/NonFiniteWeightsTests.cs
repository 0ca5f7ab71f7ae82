using Fovea.Dictionaries;
using Fovea.Dictionaries.Kernels;
using Fovea.Dictionaries.Sparse;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

/// <summary>
/// Weights that are not numbers end in one error, by whichever way codes are computed: a latent is never left out without a word.
/// </summary>
[Collection(TensorCounts.Name)]
public sealed class NonFiniteWeightsTests
{
    private const int Inputs = 19, Latents = 70, Broken = 37;

    public static TheoryData<string, string, double> Cases()
    {
        var cases = new TheoryData<string, string, double>();
        foreach (string variant in (string[])["l1", "l1-untied", "topk", "topk-twice", "batchtopk", "matryoshka", "jumprelu", "gated"])
        {
            using var autoencoder = Samples.Create(variant, 3, 12, ScalarType.Float32);
            foreach (string name in autoencoder.StoredParameters.Select(pair => pair.Key)) cases.Add(variant, name, double.NaN);
            cases.Add(variant, SparseAutoencoder.DecoderWeightName, double.PositiveInfinity);
        }
        return cases;
    }

    /// <summary>A weight of latent <see cref="Broken"/>, or of component 5 where the parameter has no latents.</summary>
    private static SparseAutoencoder Create(string variant, string parameter, double value)
    {
        var autoencoder = Samples.Create(variant, Inputs, Latents, ScalarType.Float32);
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var weights = autoencoder.Parameters[parameter];
        var part = weights.shape is [Inputs, Latents] ? weights.narrow(1, Broken, 1).narrow(0, 5, 1)
            : weights.shape[0] == Latents ? weights.narrow(0, Broken, 1) : weights.narrow(0, 5, 1);
        part.fill_(value);
        return autoencoder;
    }

    private static void AssertRefused(string parameter, Action action)
    {
        var error = Assert.Throws<FoveaException>(action);
        Assert.Equal(FailureKind.Numerical, error.Kind);
        Assert.Contains(
            parameter == SparseAutoencoder.DecoderBiasName ? "component 5" : $"latent {Broken}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Kernels_and_tensors_refuse_alike(string variant, string parameter, double value)
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Create(variant, parameter, value);
        var x = Samples.Vectors(300, Inputs, ScalarType.Float32);
        AssertRefused(parameter, () => new CodeStream(autoencoder).Dispose());
        AssertRefused(parameter, () => autoencoder.Encode(x).Dispose());
        // Codes of a few vectors do not depend on an untied decoder; their reconstructions do.
        var few = x.narrow(0, 0, 3);
        if (parameter != SparseAutoencoder.DecoderWeightName || autoencoder.Tied)
            AssertRefused(parameter, () => autoencoder.Encode(few).Dispose());
        else AssertRefused(parameter, () => autoencoder.Decode(SparseCodes.FromDense(ones(3, Latents))).Dispose());
        AssertRefused(parameter, () => new SparseStep(autoencoder, autoencoder.Rule()!).Dispose());
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_file_with_such_weights_is_refused(string variant, string parameter, double value)
    {
        using var autoencoder = Create(variant, parameter, value);
        string folder = Directory.CreateTempSubdirectory("fovea-").FullName;
        try
        {
            AutoencoderFile.Save(folder, autoencoder);
            AssertRefused(parameter, () => AutoencoderFile.Load(folder).Dispose());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Vectors_that_are_no_numbers_are_refused_by_both_ways()
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Samples.Create("topk", Inputs, Latents, ScalarType.Float32);
        foreach (int rows in (int[])[3, 300])
        {
            var x = Samples.Vectors(rows, Inputs, ScalarType.Float32);
            x[1, 4] = float.NaN;
            Assert.Equal(FailureKind.Numerical, Assert.Throws<FoveaException>(() => autoencoder.Encode(x).Dispose()).Kind);
        }
    }
}
