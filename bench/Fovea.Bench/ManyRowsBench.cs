using System.Diagnostics;
using Fovea.Activations;
using Fovea.Dictionaries;
using Fovea.Dictionaries.Training;

namespace Fovea.Bench;

/// <summary>
/// 10⁹ rows of 8 numbers that are made when they are read: the statistics of all of them, then a few hundred steps. What it takes is time;
/// memory is the point. Runs only where it is named.
/// </summary>
internal static class ManyRowsBench
{
    private const long Count = 1_000_000_000, HeldOutRows = 100_000_000;
    private const int Steps = 300;

    public static void Run()
    {
        using var stop = new CancellationTokenSource();
        var source = new Made();
        var options = Sae.TopK(4) with { LatentSize = 64, BatchSize = 4096, Epochs = 1 };
        var clock = Stopwatch.StartNew();
        double first = 0;
        long steps = 0;
        Console.WriteLine($"before: managed {GC.GetTotalMemory(true) >> 20} MB, resident {Environment.WorkingSet >> 20} MB");
        var progress = new Told(value =>
        {
            if (first == 0) first = clock.Elapsed.TotalSeconds;
            steps = value.Step;
            if (value.Step >= Steps) stop.Cancel();
        });
        try
        {
            AutoencoderTrainer.Train(
                options, source, RowSet.Range(0, Count - HeldOutRows), RowSet.Range(Count - HeldOutRows, HeldOutRows), progress: progress,
                    cancellation: stop.Token).Dispose();
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine(
                $"{source.Rows:N0} rows read in {clock.Elapsed.TotalSeconds:0} s, {steps} steps in {clock.Elapsed.TotalSeconds - first:0.0} s");
        }
        using var self = Process.GetCurrentProcess();
        Console.WriteLine(
            $"after: managed {GC.GetTotalMemory(false) >> 20} MB, allocated in all {GC.GetTotalAllocatedBytes() >> 20} MB, peak resident "
                + $"(managed and native) {self.PeakWorkingSet64 >> 20} MB");
    }

    private sealed class Told(Action<AutoencoderProgress> report) : IProgress<AutoencoderProgress>
    {
        public void Report(AutoencoderProgress value) => report(value);
    }

    private sealed class Made : IVectorSource
    {
        private long _rows;

        public long Rows => _rows;

        public int Dimension => 8;

        public long Count => ManyRowsBench.Count;

        public void Read(ReadOnlySpan<long> rows, Span<float> destination)
        {
            Interlocked.Add(ref _rows, rows.Length);
            for (int i = 0; i < rows.Length; i++)
            {
                ulong z = ((ulong)rows[i] + 1) * 0x9E3779B97F4A7C15UL;
                z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
                z ^= z >> 27;
                for (int d = 0; d < 8; d++) destination[i * 8 + d] = (byte)(z >> (8 * d)) / 255f;
            }
        }
    }
}
