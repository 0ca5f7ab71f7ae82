using System.Diagnostics;
using System.Globalization;
using Fovea.Activations;
using Fovea.Dictionaries;
using Fovea.Dictionaries.Training;
using Fovea.Distributed;
using TorchSharp;

namespace Fovea.Bench;

/// <summary>One process of the scale bench: opens vectors, begins a training, and says what a number of its steps took.</summary>
internal static class ScalePart
{
    /// <summary>The word by which the program is one.</summary>
    public const string Name = "scale-part";

    /// <summary>Steps before the clock counts: memory is new, and the disk begins to be read ahead.</summary>
    public const int Warmup = 20;
    public const int Batch = 4096, K = 32;

    /// <param name="words">A layer's folder, or made:VECTORS; the dimension; latents; threads; shards or 0; by windows or not (1, 0); processes; steps.</param>
    public static void Run(string[] words)
    {
        string what = words[0];
        int[] numbers = [.. words[1..].Select(word => int.Parse(word, CultureInfo.InvariantCulture))];
        var (dimension, latents, threads, shards, windows, processes, steps) =
            (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4] == 1, numbers[5], numbers[6]);
        torch.set_num_threads(threads);
        IRanks ranks = processes > 1 ? MpiRanks.Start(TimeSpan.FromSeconds(600), Console.Error.WriteLine) : SingleRank.Instance;
        var clock = Stopwatch.StartNew();
        bool made = what.StartsWith("made:", StringComparison.Ordinal);
        IVectorSource vectors = made ? ScaleStore.Made(long.Parse(what[5..], CultureInfo.InvariantCulture), dimension) : ActivationStore.Open(what);
        RowSet rows = vectors is ActivationStore store ? store.Draws("none").Training : RowSet.Range(0, vectors.Count / 10 * 9);
        double opened = clock.Elapsed.TotalSeconds;
        var options = Sae.TopK(K) with { LatentSize = latents, BatchSize = Batch, Epochs = 2, Shards = shards > 0 ? shards : null };
        using var stop = new CancellationTokenSource();
        List<(long Step, double Seconds)> seen = [];
        var progress = new Told(value =>
        {
            if (value.Start is null) seen.Add((value.Step, clock.Elapsed.TotalSeconds));
            if (value.Step >= Warmup + steps) stop.Cancel();
        });
        IVectorSource read = windows ? vectors : new RowByRow(vectors);
        var request = new TrainingRequest(options) { Ranks = ranks };
        try
        {
            if (ranks.Rank > 0) AutoencoderTrainer.Help(request, read, rows, RowSet.Empty, default);
            else AutoencoderTrainer.TrainMany([request], read, rows, [new HeldOut(HeldOut.Main, RowSet.Empty)], progress, stop.Token);
        }
        catch (OperationCanceledException)
        {
            // Where it was told to.
        }
        (ranks as IDisposable)?.Dispose();
        if (ranks.Rank > 0) return;
        var first = seen.First(point => point.Step >= Warmup);
        double ms = 1e3 * (seen[^1].Seconds - first.Seconds) / (seen[^1].Step - first.Step);
        Console.WriteLine("measured " + string.Join(' ', ((double[])[opened, seen[0].Seconds - opened, ms, Of("/proc/self/status", "VmHWM:") / 1024,
            Of("/proc/self/io", "read_bytes:") / 1e6]).Select(number => number.ToString("R", CultureInfo.InvariantCulture))));
    }

    private static double Of(string file, string key) => double.Parse(
        File.ReadLines(file).First(line => line.StartsWith(key, StringComparison.Ordinal))[key.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);

    private sealed class Told(Action<StreamProgress> report) : IProgress<StreamProgress>
    {
        public void Report(StreamProgress value) => report(value);
    }

    /// <summary>Vectors that do not say that they are on a disk: they are read row by row, a batch ahead.</summary>
    private sealed class RowByRow(IVectorSource source) : IVectorSource
    {
        public int Dimension => source.Dimension;

        public long Count => source.Count;

        public string? Identity => source.Identity;

        public void Read(ReadOnlySpan<long> rows, Span<float> destination) => source.Read(rows, destination);

        public void Release() => source.Release();
    }
}
