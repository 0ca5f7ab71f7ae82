using Fovea.Activations;
using Fovea.Dictionaries;
using Fovea.Dictionaries.Sparse;
using static TorchSharp.torch;

namespace Fovea.Bench;

/// <summary>
/// Encoding a store of vectors to sparse codes (<see cref="CodeStream"/>, reading included), beside the encoder's product alone: by our own
/// kernel, whose result nobody looks at, and by libtorch, which writes it to memory. The target is 0.8 of the product's rate.
/// </summary>
internal static unsafe class EncodeBench
{
    private const int Dimension = 512, K = 32, Rows = 8192, Repeats = 7;

    public static void Run()
    {
        foreach (int latents in new[] { 4096, 16384 })
        {
            Row("topk", latents, K);
            Row("batchtopk", latents, K);
        }
    }

    private static void Row(string architecture, int latents, double sparsity)
    {
        using var autoencoder = AutoencoderVariants.Create(
            Sae.Of(architecture, sparsity) with { LatentSize = latents, Seed = 1 }, Dimension);
        autoencoder.Initialize(1);
        float[] vectors = SaeBench.Planted(Rows, 0);
        var source = new InMemory(vectors);
        using var x = tensor(vectors, Rows, Dimension);
        if (autoencoder is BatchTopKAutoencoder) SetThreshold(autoencoder, x);
        using var stream = new CodeStream(autoencoder);
        using var weights = autoencoder.EncoderWeight.contiguous();
        using var product = new OwnProduct(vectors, autoencoder);
        List<double> mine = [], own = [], libtorch = [];
        long entries = 0;
        for (int i = -1; i < Repeats; i++)
        {
            Thread.Sleep(20);
            entries = 0;
            double seconds = Pairs.Seconds(() =>
            {
                foreach (var batch in stream.Encode(source)) entries += batch.Values.Length;
            });
            double kernel = Pairs.Seconds(product.Run), theirs = Pairs.Seconds(() =>
            {
                for (int first = 0; first < Rows; first += CodeStream.DefaultBatchRows)
                {
                    using var scope = NewDisposeScope();
                    x.narrow(0, first, CodeStream.DefaultBatchRows).mm(weights);
                }
            });
            if (i < 0) continue;
            mine.Add(seconds);
            own.Add(kernel);
            libtorch.Add(theirs);
        }
        double Share(List<double> limit) => Pairs.Median([.. limit.Zip(mine, (a, b) => a / b)]);
        Console.WriteLine(FormattableString.Invariant(
            $"encode a store, {architecture} n={latents} L0={(double)entries / Rows:0}: {Rows / Pairs.Median([.. mine]):0} vectors/s; our product alone {Rows / Pairs.Median([.. own]):0}, {Share(own):0.00} of it; libtorch's {Rows / Pairs.Median([.. libtorch]):0}, {Share(libtorch):0.00} of it"));
    }

    /// <summary>θ so that k latents of a vector are active on average.</summary>
    private static void SetThreshold(SparseAutoencoder autoencoder, Tensor x)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var z = autoencoder.PreActivations(x.narrow(0, 0, 512));
        autoencoder.Parameters[SparseAutoencoder.ThresholdName].fill_(z.flatten().topk(K * 512).values.min().item<float>());
    }

    private sealed class InMemory(float[] values) : IVectorSource
    {
        public int Dimension => EncodeBench.Dimension;

        public long Count => values.Length / Dimension;

        public void Read(ReadOnlySpan<long> rows, Span<float> destination)
        {
            for (int i = 0; i < rows.Length; i++) values.AsSpan((int)rows[i] * Dimension, Dimension).CopyTo(destination[(i * Dimension)..]);
        }
    }
}
