using Fovea.Dictionaries;
using Fovea.Dictionaries.Kernels;
using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Synthetic;
using Fovea.Dictionaries.Training;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

/// <summary>Training and encoding leave no native tensor behind, however many steps they take.</summary>
[Collection(TensorCounts.Name)]
public sealed class NativeMemoryTests
{
    [Theory]
    [MemberData(nameof(Samples.Variants), MemberType = typeof(Samples))]
    public void More_steps_leave_no_more_tensors(string variant)
    {
        var vectors = new PlantedDictionary(
            new PlantedDictionaryOptions { InputSize = 8, LatentSize = 12, Active = 2, Rows = 300, Seed = 9 });
        long[] rows = [.. Enumerable.Range(0, 300).Select(row => (long)row)];
        void Train(int epochs) => AutoencoderTrainer.Train(
            AutoencoderTrainerTests.Small(variant) with { Epochs = epochs }, vectors, rows[..250], rows[250..], null, null,
                TestContext.Current.CancellationToken).Dispose();

        Train(1);
        long before = TensorCounts.Settled();
        Train(1);
        long afterFew = LiveTensors();
        Train(6);
        Assert.Equal(before, afterFew);
        Assert.Equal(before, LiveTensors());
    }

    [Theory]
    [MemberData(nameof(TensorStepTests.Variants), MemberType = typeof(TensorStepTests))]
    public void Steps_by_operations_leave_no_tensors(string variant)
    {
        using var autoencoder = Samples.Create(variant, 6, 20, ScalarType.Float32);
        autoencoder.AuxiliaryLoss = new AuxiliaryLoss(0.25, 3, -1); // every latent counts as dead: AuxK is at work
        using var step = new TensorStep(autoencoder);
        float[] vectors = [.. Enumerable.Range(0, 60).Select(i => MathF.Sin(i))];
        void Train(int times)
        {
            for (int i = 0; i < times; i++) step.Train(vectors, 1, 1, 1e-3, new AutoencoderMetrics(6, 20));
        }

        Train(2);
        long before = TensorCounts.Settled();
        Train(5);
        Assert.Equal(before, LiveTensors());
    }

    [Theory]
    [MemberData(nameof(Samples.Variants), MemberType = typeof(Samples))]
    public void Each_call_leaves_its_result_only(string variant)
    {
        using var autoencoder = Samples.Create(variant, 6, 20, ScalarType.Float32);
        using var x = Samples.Vectors(10, 6, ScalarType.Float32);
        using var map = Samples.Normal([2, 6, 3, 3], "map", ScalarType.Float32);
        Check(1, () => [autoencoder.PreActivations(x)]);
        Check(1, () => [autoencoder.EncodeDense(x)]);
        Check(3, () => [autoencoder.Encode(x)]);
        Check(1, () => [autoencoder.Reconstruct(map)]);
        Check(1, () => [autoencoder.EncodeMap(map)]);
        Check(6, () => [autoencoder.Loss(x)]);
        autoencoder.RequireGradients(true);
        Check(6, () => [autoencoder.Loss(x)]);

        static void Check(int expected, Func<IDisposable[]> call)
        {
            long before = TensorCounts.Settled();
            var results = call();
            Assert.Equal(before + expected, LiveTensors());
            foreach (var result in results) result.Dispose();
            Assert.Equal(before, LiveTensors());
        }
    }

    private static long LiveTensors() => Tensor.TotalCount;
}
