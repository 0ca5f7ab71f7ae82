using Fovea.Dictionaries;
using Fovea.Dictionaries.Kernels;
using Fovea.Dictionaries.Sparse;
using Fovea.Numerics;

namespace Fovea.Bench;

/// <summary>
/// A whole training step of TopK (512 components, 4096 latents, k = 32) beside OpenBLAS's encoder product alone, which is the least that a
/// step by dense products could take, and beside our own product alone. In turns, since the neighbours of a machine change.
/// </summary>
internal static unsafe class StepLimitBench
{
    private const int Dimension = 512, Latents = 4096, K = 32, Warmup = 30, PairCount = 21;

    /// <summary>OpenBLAS's threads stay awake for about this long after a call, on our cores.</summary>
    private static readonly TimeSpan Awake = TimeSpan.FromMilliseconds(60);

    public static void Run()
    {
        int threads = Workers.Count;
        var blas = OpenBlas.Find(threads);
        if (blas is null)
        {
            Console.WriteLine("not measured: the system has no OpenBLAS (Debian: libopenblas0-pthread)");
            return;
        }
        double machine = Square(blas, 2048);
        Console.WriteLine(FormattableString.Invariant(
            $"OpenBLAS {blas.Settings}, kernels {blas.Core}, {threads} threads: GEMM 2048 {machine / 1e9:0} GFLOP/s; libtorch's {MachineBench.Product(2048) / 1e9:0}; flags {Processor.Flags}"));
        foreach (int batch in (int[])[1024, 4096]) Row(blas, batch, machine);
    }

    private static void Row(OpenBlas blas, int batch, double machine)
    {
        using var autoencoder = AutoencoderVariants.Create(Sae.Of("topk", K) with { LatentSize = Latents, Seed = 1 }, Dimension);
        autoencoder.Initialize(1);
        float[][] batches = [.. Enumerable.Range(0, 4).Select(i => SaeBench.Planted(batch, i))];
        using var step = new SparseStep(autoencoder, autoencoder.Rule()!);
        AutoencoderMetrics metrics = new(Dimension, Latents);
        using var own = new OwnProduct(batches[0], autoencoder);
        using NativeBuffer<float> x = new((long)batch * Dimension), w = new((long)Dimension * Latents), z = new((long)batch * Latents);
        batches[0].CopyTo(x.Span);
        new ReadOnlySpan<float>(new StepParameters(autoencoder).Pointer(SparseAutoencoder.EncoderWeightName), w.Span.Length).CopyTo(w.Span);
        int turn = 0, repeats = Math.Max(2, 4096 / batch);
        List<double> steps = [], theirs = [], ours = [];
        List<SparseStep.StepParts> parts = [];
        for (int i = 0; i < Warmup; i++) Train();
        for (int i = 0; i < PairCount; i++)
        {
            if (i % 2 == 0)
            {
                Own();
                Theirs();
            }
            else
            {
                Theirs();
                Own();
            }
        }
        double operations = 2.0 * batch * Dimension * Latents, step1 = Median(steps), product = Median(theirs), ownProduct = Median(ours);
        Console.WriteLine(FormattableString.Invariant(
            $"topk n={Latents} batch={batch}: step {step1 * 1e3:0.0} ms (encoding {Part(p => p.Encoding)}, rows {Part(p => p.Rows)}, latents {Part(p => p.Latents)}); OpenBLAS's encoder product {product * 1e3:0.0} ms, {operations / product / 1e9:0} GFLOP/s ({operations / product / machine:0.00} of the machine's), {Median([.. theirs.Zip(steps, (a, b) => a / b)]):0.00} of our step (target ≥ 0.8); our product alone {ownProduct * 1e3:0.0} ms, {operations / ownProduct / 1e9:0} GFLOP/s ({operations / ownProduct / machine:0.00}); {PairCount} pairs"));

        void Train() => step.Train(batches[turn++ % 4], 1, 1, 1e-3, metrics);

        void Own()
        {
            Thread.Sleep(Awake);
            steps.Add(Each(Train));
            parts.Add(step.Parts);
            ours.Add(Each(own.Run));
        }

        void Theirs() => theirs.Add(Each(() => blas.Multiply(x.Pointer, w.Pointer, z.Pointer, batch, Latents, Dimension)));

        string Part(Func<SparseStep.StepParts, TimeSpan> part) => Median([.. parts.Select(p => part(p).TotalMilliseconds)])
            .ToString("0.0", System.Globalization.CultureInfo.InvariantCulture);

        // One call that is not counted: threads are awake for the others.
        double Each(Action action)
        {
            action();
            return Pairs.Seconds(() =>
            {
                for (int i = 0; i < repeats; i++) action();
            }) / repeats;
        }
    }

    /// <summary>Operations a second of a square product.</summary>
    private static double Square(OpenBlas blas, int size)
    {
        using NativeBuffer<float> a = new((long)size * size), b = new((long)size * size), c = new((long)size * size);
        a.Span.Fill(1.5f);
        b.Span.Fill(0.5f);
        List<double> seconds = [];
        for (int i = 0; i < 8; i++)
            seconds.Add(Pairs.Seconds(() => blas.Multiply(a.Pointer, b.Pointer, c.Pointer, size, size, size)));
        return 2.0 * size * size * size / Median(seconds[1..]);
    }

    private static double Median(List<double> values) => Pairs.Median([.. values]);
}
