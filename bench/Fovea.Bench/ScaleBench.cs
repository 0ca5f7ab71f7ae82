using System.Diagnostics;
using System.Globalization;
using Fovea.Numerics;

namespace Fovea.Bench;

/// <summary>
/// Training on 1, 10 and 100 million vectors, on the disk and made when they are read, by 1, 2 and 4 processes: 300 steps all over the store,
/// each run a process of its own, the store taken out of the system's cache before. docs/scale.md.
/// </summary>
internal static class ScaleBench
{
    private const int Shards = 4, Steps = 300;

    /// <param name="folder">Where stores are written; there must be room. They are deleted as the bench goes on.</param>
    /// <param name="sizes">Dimension:millions,…;… on the disk.</param>
    /// <param name="rounds">How often each size is measured, in turns.</param>
    public static void Run(string folder, string sizes, int rounds)
    {
        Directory.CreateDirectory(folder);
        foreach (string one in sizes.Split(';'))
        {
            int dimension = int.Parse(one.Split(':')[0], CultureInfo.InvariantCulture);
            int[] millions = [.. one.Split(':')[1].Split(',').Select(word => int.Parse(word, CultureInfo.InvariantCulture))];
            OfDimension(folder, dimension, millions, rounds);
        }
    }

    private static void OfDimension(string folder, int dimension, int[] millions, int rounds)
    {
        int latents = 8 * dimension, threads = Workers.Count;
        string[] stores = [.. millions.Select(size => Path.Combine(folder, $"{dimension}-{size}m"))];
        for (int i = 0; i < stores.Length; i++)
        {
            double seconds = Pairs.Seconds(() => ScaleStore.Write(stores[i], millions[i] * 1_000_000L, dimension));
            string[] files = Directory.GetFiles(stores[i]);
            long bytes = files.Sum(file => new FileInfo(file).Length);
            Console.WriteLine(FormattableString.Invariant(
                $"{millions[i]} M vectors of {dimension} in float16: {files.Length} files, {bytes / 1e9:0.00} GB, {(double)bytes / (millions[i] * 1_000_000L):0.0} bytes a vector{(seconds > 1 ? FormattableString.Invariant($", written at {bytes / 1e6 / seconds:0} MB/s") : "")}"));
        }
        List<double[]>[] read = [.. stores.Select(_ => new List<double[]>())];
        for (int round = 0; round < rounds; round++)
        {
            // In turns, and every second time the other way round.
            foreach (int i in round % 2 == 0 ? Enumerable.Range(0, stores.Length) : Enumerable.Range(0, stores.Length).Reverse())
                read[i].Add(Measure(stores[i], dimension, latents, threads));
        }
        for (int i = 0; i < stores.Length; i++) Say($"{millions[i]} M on the disk", read[i], read[0]);
        Say($"{millions[^1]} M on the disk, row by row", [Measure(stores[^1], dimension, latents, threads, windows: false)], read[0]);
        foreach (int size in millions) Say($"{size} M made when read", [Measure($"made:{size * 1_000_000L}", dimension, latents, threads)], read[0]);
        foreach (int processes in (int[])[1, 2, 4])
            Say($"{millions[^1]} M on the disk, V = {Shards}, {processes} process{(processes > 1 ? "es" : "")} of 1 thread", [Measure(stores[^1], dimension, latents, 1, Shards, processes)], read[0]);
        foreach (string store in stores) Directory.Delete(store, recursive: true);
    }

    private static void Say(string what, List<double[]> runs, List<double[]> first)
    {
        if (runs.Exists(run => run.Length == 0)) return;
        double ms = Median(runs, 2), memory = Median(runs, 3);
        Console.WriteLine(FormattableString.Invariant(
            $"{what}: opened in {Median(runs, 0):0.00} s, looked through in {Median(runs, 1):0.0} s, {ms:0.0} ms a step ({ScalePart.Batch / ms:0.0} thousand vectors/s), rate {Median(first, 2) / ms:0.000} of the first row's, peak memory {memory:0} MB ({memory / Median(first, 3):0.000}), read from the disk {Median(runs, 4):0} MB; {string.Join(' ', runs.Select(run => run[2].ToString("0.0", CultureInfo.InvariantCulture)))}"));
    }

    /// <summary>One run: seconds to open and to look through, milliseconds a step, peak memory in MB, MB read from the disk.</summary>
    public static double[] Measure(
        string store, int dimension, int latents, int threads, int shards = 0, int processes = 1, bool windows = true, int steps = Steps)
    {
        if (Directory.Exists(store)) ScaleStore.Forget(store);
        string[] part = [Environment.ProcessPath!, ScalePart.Name, store, .. ((int[])[dimension, latents, threads, shards, windows ? 1 : 0, processes, steps])
            .Select(number => number.ToString(CultureInfo.InvariantCulture))];
        if (processes > 1) return RanksBench.Together(processes, part);
        using var process = Process.Start(new ProcessStartInfo(part[0], part[1..]) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return RanksBench.Measured(output) ?? throw new InvalidOperationException($"{string.Join(' ', part)} ended with {process.ExitCode}: {output}");
    }

    private static double Median(List<double[]> runs, int number) => runs.Select(run => run[number]).Order().ElementAt(runs.Count / 2);
}
