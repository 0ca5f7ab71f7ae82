using Fovea.Dictionaries;
using Fovea.Dictionaries.Kernels;
using Fovea.Dictionaries.Sparse;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Bench;

/// <summary>
/// One training step of an autoencoder over active entries, beside the same step the usual way (dense tensors, automatic gradients,
/// TorchSharp's Adam) and beside the limit: the encoder product alone by libtorch. Data are planted: sums of directions with noise, so that
/// codes are sparse as in training.
/// </summary>
internal static class SaeBench
{
    /// <summary>
    /// Steps before the measurement; where the penalty decides how many latents are active, until their number has settled.
    /// </summary>
    private const int Dimension = 512, Warmup = 20, Settled = 120;

    /// <summary>On a machine with AVX-512, the same rows without it: see Program.cs.</summary>
    public static void Run()
    {
        foreach (int batch in new[] { 128, 1024, 4096 }) Row("topk", batch, 4096, 32);
        Row("batchtopk", 1024, 4096, 32);
        // Coefficients that lead to about 50 active latents on these vectors.
        Row("l1", 1024, 4096, 4.8, Settled);
        Row("jumprelu", 1024, 4096, 2.6, Settled);
        Row("topk", 1024, 16384, 32);
        InTurns(("batchtopk", 32, Warmup), ("topk", 32, Warmup), "≤ 1.1");
        InTurns(("topk", 32, Warmup), ("l1", 4.8, Settled), "≤ 1.15");
        Operations("topk", 1024, 4096, 32);
    }

    /// <summary>The steps of two variants in turns, so that both meet the machine in the same mood; n = 4096, batch 1024.</summary>
    private static void InTurns(
        (string Name, double Sparsity, int Warmup) one, (string Name, double Sparsity, int Warmup) other, string target)
    {
        float[][] batches = [.. Enumerable.Range(0, 4).Select(i => Planted(1024, i))];
        AutoencoderMetrics metrics = new(Dimension, 4096);
        using SparseAutoencoder a = Create(one), b = Create(other);
        using SparseStep first = new(a, a.Rule()!), second = new(b, b.Rule()!);
        for (int i = 0; i < one.Warmup; i++) Step(first, i);
        for (int i = 0; i < other.Warmup; i++) Step(second, i);
        int turn = 0;
        Pairs.Compare(
            $"{one.Name} n=4096 batch=1024", other.Name, () => Step(first, turn++), () => Step(second, turn), 41, 1, "steps", target);

        void Step(SparseStep step, int i) => step.Train(batches[i % 4], 1, 1, 1e-3, metrics);
    }

    private static SparseAutoencoder Create((string Name, double Sparsity, int Warmup) variant)
    {
        var autoencoder = AutoencoderVariants.Create(
            Sae.Of(variant.Name, variant.Sparsity) with { LatentSize = 4096, Seed = 1 }, Dimension);
        autoencoder.Initialize(1);
        return autoencoder;
    }

    /// <summary>The step by libtorch's operations over active entries, as a GPU makes it; here on the CPU.</summary>
    private static void Operations(string architecture, int batch, int latents, double sparsity)
    {
        var options = Sae.Of(architecture, sparsity) with { LatentSize = latents, Seed = 1 };
        using var autoencoder = AutoencoderVariants.Create(options, Dimension);
        autoencoder.Initialize(1);
        float[][] batches = [.. Enumerable.Range(0, 4).Select(i => Planted(batch, i))];
        using var step = new TensorStep(autoencoder);
        AutoencoderMetrics metrics = new(Dimension, latents);
        for (int i = 0; i < Warmup; i++) step.Train(batches[i % 4], 1, 1, 1e-3, metrics);
        using var reference = new DenseReference(autoencoder, JumpReLUAutoencoder.DefaultBandwidth);
        Tensor[] tensors = [.. batches.Select(values => tensor(values, batch, Dimension))];
        int turn = 0;
        Pairs.Compare($"by libtorch operations {architecture} n={latents} batch={batch}", "dense",
            () => step.Train(batches[turn++ % 4], 1, 1, 1e-3, metrics), () => reference.Step(tensors[turn % 4]), 9, 1, "steps", "none");
        foreach (var tensor in tensors) tensor.Dispose();
    }

    private static void Row(string architecture, int batch, int latents, double sparsity, int warmup = Warmup)
    {
        var options = Sae.Of(architecture, sparsity) with { LatentSize = latents, Seed = 1 };
        using var ours = AutoencoderVariants.Create(options, Dimension);
        ours.Initialize(1);
        float[][] batches = [.. Enumerable.Range(0, 4).Select(i => Planted(batch, i))];
        using var step = new SparseStep(ours, ours.Rule()!);
        AutoencoderMetrics metrics = new(Dimension, latents);
        for (int i = 0; i < warmup; i++) step.Train(batches[i % 4], 1, 1, 1e-3, metrics);
        step.Publish();
        using var reference = new DenseReference(ours, JumpReLUAutoencoder.DefaultBandwidth);
        Tensor[] tensors = [.. batches.Select(values => tensor(values, batch, Dimension))];
        List<double> mine = [], usual = [], product = [];
        List<SparseStep.StepParts> parts = [];
        // The same step from the same parameters: the losses must agree.
        metrics = new(Dimension, latents);
        step.Train(batches[0], 1, 1, 1e-3, metrics);
        double lossOurs = metrics.Scores().Loss, lossTheirs = reference.Step(tensors[0]);
        using var weights = randn(Dimension, latents);
        int pairs = batch >= 4096 || latents > 4096 ? 5 : 9;
        // Several steps in a row, as in training: libtorch's threads stay awake for a while after its last operation, on our cores.
        int repeats = Math.Max(1, 2048 / batch);
        for (int i = 0; i < pairs; i++)
        {
            Thread.Sleep(20);
            metrics = new(Dimension, latents);
            mine.Add(Each(() => step.Train(batches[i % 4], 1, 1, 1e-3, metrics)));
            parts.Add(step.Parts);
            usual.Add(Each(() => reference.Step(tensors[i % 4])));
            product.Add(Each(() => tensors[i % 4].mm(weights).Dispose()));
        }
        foreach (var tensor in tensors) tensor.Dispose();
        double own = Pairs.Median([.. mine]), limit = Pairs.Median([.. product]);
        double times = Pairs.Median([.. usual.Zip(mine, (a, b) => a / b)]), share = Pairs.Median([.. product.Zip(mine, (a, b) => a / b)]);
        Console.WriteLine(FormattableString.Invariant(
            $"{architecture}{(warmup == Settled ? $" λ={sparsity} after {warmup} steps" : "")} n={latents} batch={batch} L0={metrics.Scores().L0:0}: {own * 1e3:0.0} ms (encoding {Part(p => p.Encoding)}, rows {Part(p => p.Rows)}, latents {Part(p => p.Latents)}); dense {Pairs.Median([.. usual]) * 1e3:0} ms, {times:0.0} x; encoder product {limit * 1e3:0.0} ms, {share:0.00} of our step; losses {lossOurs:0.000} {lossTheirs:0.000}"));

        double Each(Action action) => Pairs.Seconds(() =>
        {
            for (int i = 0; i < repeats; i++) action();
        }) / repeats;

        string Part(Func<SparseStep.StepParts, TimeSpan> part) =>
            Pairs.Median([.. parts.Select(p => part(p).TotalMilliseconds)])
                .ToString("0.0", System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Sums of 32 of 4096 random directions with positive factors and a little noise, drawn by counter.</summary>
    internal static float[] Planted(int rows, int item)
    {
        var directions = new CounterRandom(1, "bench/directions", 0);
        float[] matrix = new float[4096 * Dimension];
        for (int i = 0; i < matrix.Length; i++) matrix[i] = (float)(directions.NextGaussian() / Math.Sqrt(32));
        var random = new CounterRandom(1, "bench/sae", item);
        var values = new float[rows * Dimension];
        for (int row = 0; row < rows; row++)
        {
            var vector = values.AsSpan(row * Dimension, Dimension);
            for (int k = 0; k < 32; k++)
            {
                var direction = matrix.AsSpan(random.NextInt(4096) * Dimension, Dimension);
                float factor = (float)random.NextDouble() + 0.5f;
                for (int i = 0; i < Dimension; i++) vector[i] += factor * direction[i];
            }
            foreach (ref float value in vector) value += 0.1f * (float)random.NextGaussian();
        }
        return values;
    }
}
