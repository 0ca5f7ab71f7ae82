using Fovea.Activations;
using Fovea.Autoencoders;
using static TorchSharp.torch;

namespace Fovea.Bench;

/// <summary>
/// One training step of each variant (d = 512, n = 2048, batch 1024, planted sparse data) against the encoder product alone: the plain dense engine of
/// this version, for the next one to be measured against.
/// </summary>
internal static class SaeBench
{
    private const int Dimension = 512, Rows = 20 * 1024;

    public static void Run()
    {
        var source = new Planted();
        long[] rows = [.. Enumerable.Range(0, Rows).Select(i => (long)i)];
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var x = randn([1024, Dimension]);
        var w = randn([Dimension, 2048]);
        double product = Pairs.Median([.. Enumerable.Range(0, 9).Select(_ => Pairs.Seconds(() => x.mm(w).Dispose()))]);
        using var loud = enable_grad();
        foreach (string architecture in new[] { "topk", "l1", "jumprelu" })
        {
            var options = new AutoencoderOptions { Name = architecture, Architecture = architecture, LatentSize = 2048, BatchSize = 1024, Epochs = 1, LearningRate = 1e-3 };
            double seconds = Pairs.Median([.. Enumerable.Range(0, 3).Select(_ => Pairs.Seconds(() => AutoencoderTrainer.Train(options, source, rows, []).Dispose()))]);
            double step = seconds / (Rows / 1024);
            Console.WriteLine(FormattableString.Invariant(
                $"{architecture}: {step * 1e3:0.0} ms a step, initialisation and final metrics included; encoder product {product * 1e3:0.0} ms; ratio {step / product:0.0}"));
        }
    }

    /// <summary>Sums of 8 of 1024 random directions, drawn by counter.</summary>
    private sealed class Planted : IVectorSource
    {
        private readonly float[] _values = new float[(long)Rows * SaeBench.Dimension];

        public Planted()
        {
            var random = new CounterRandom(1, "bench/sae", 0);
            var directions = new float[1024 * SaeBench.Dimension];
            for (int i = 0; i < directions.Length; i++) directions[i] = (float)random.NextGaussian();
            for (int row = 0; row < Rows; row++)
            {
                for (int k = 0; k < 8; k++)
                {
                    int direction = random.NextInt(1024);
                    for (int i = 0; i < Dimension; i++) _values[row * Dimension + i] += directions[direction * Dimension + i];
                }
            }
        }

        public int Dimension => SaeBench.Dimension;

        public long Count => Rows;

        public void Read(ReadOnlySpan<long> rows, Span<float> destination)
        {
            for (int i = 0; i < rows.Length; i++) _values.AsSpan((int)rows[i] * Dimension, Dimension).CopyTo(destination[(i * Dimension)..]);
        }
    }
}
