using System.Diagnostics;
using System.Globalization;
using Fovea.Dictionaries;
using Fovea.Dictionaries.Kernels;
using Fovea.Dictionaries.Sparse;
using Fovea.Distributed;
using Fovea.Numerics;
using TorchSharp;

namespace Fovea.Bench;

/// <summary>
/// One dictionary (TopK, 512 → 16,384, k = 32, batches of 4,096) by two processes of one thread each over Open MPI, beside one process with two threads and the
/// same four shards, and the step that knows no shards: in turns, processes and all. And what it is that two processes pay: the exchange of the gradients alone.
/// </summary>
internal static unsafe class RanksBench
{
    /// <summary>The word by which the program is one of the processes.</summary>
    public const string Part = "ranks-part";

    private const int Dimension = 512, Latents = 16_384, K = 32, Batch = 4096, Shards = 4, Warmup = 3, Steps = 9, Rounds = 5, Processes = 2, Parted = 4;

    public static void Run()
    {
        List<double[]> whole = [], cut = [], together = [];
        for (int round = 0; round < Rounds; round++)
        {
            double[] found = Together(Processes, Environment.ProcessPath!, Part);
            if (found.Length == 0) return;
            together.Add(found);
            cut.Add(Alone(Shards));
            whole.Add(Alone(null));
        }
        double megabytes = sizeof(float) * 2.0 * Dimension * Latents / 1e6;
        Console.WriteLine(FormattableString.Invariant(
            $"topk {Dimension} → {Latents}, batch {Batch}, V = {Shards}: {Processes} processes of 1 thread {Parts(together)}; one process, {Workers.Count} threads, same shards {Parts(cut)}: {Median([.. cut.Zip(together, (one, two) => one[0] / two[0])]):0.00} of its rate (target ≥ 0.85 where the exchange takes ≤ 80 ms); without shards {Parts(whole)}; the exchange of {megabytes:0} MB of gradients alone {Median([.. together.Select(one => one[^1])]):0} ms; medians of {Rounds} rounds of {Steps} steps"));
        Console.WriteLine($"rounds, ms a step: together {List(together, 0)}; shards {List(cut, 0)}; whole {List(whole, 0)}; exchange {List(together, Parted)}");
    }

    /// <summary>One of the processes.</summary>
    public static void RunPart()
    {
        torch.set_num_threads(1);
        using var ranks = MpiRanks.Start(TimeSpan.FromSeconds(60), Console.Error.WriteLine);
        double[] step = Time(new BatchShards(Shards, ranks));
        using var gradients = new NativeBuffer<float>(2L * Dimension * Latents);
        var times = new double[7];
        for (int i = 0; i < times.Length; i++) times[i] = Pairs.Seconds(() => ranks.Sum(gradients.Pointer, gradients.Length)) * 1e3;
        if (ranks.Rank == 0)
            Console.WriteLine("measured " + string.Join(' ', step.Append(Median(times)).Select(number => number.ToString("R", CultureInfo.InvariantCulture))));
    }

    private static double[] Alone(int? shards) => Time(shards is { } count ? new BatchShards(count, SingleRank.Instance) : null);

    /// <summary>Milliseconds of a step, and of its parts: encoding, rows, latents with what is exchanged.</summary>
    private static double[] Time(BatchShards? shards)
    {
        using var autoencoder = AutoencoderVariants.Create(Sae.Of("topk", K) with { LatentSize = Latents, Seed = 1 }, Dimension);
        autoencoder.Initialize(1);
        shards?.Begin(Batch);
        var (first, count) = shards?.Share(Batch) ?? (0, Batch);
        float[][] batches = [.. Enumerable.Range(0, 4).Select(i => SaeBench.Planted(Batch, i)[(first * Dimension)..((first + count) * Dimension)])];
        using var step = new SparseStep(autoencoder, autoencoder.Rule()!) { Shards = shards };
        AutoencoderMetrics metrics = new(Dimension, Latents);
        var times = new double[Steps][];
        for (int i = -Warmup; i < Steps; i++)
        {
            double seconds = Pairs.Seconds(() => step.Train(batches[(i + Warmup) % 4], 1, 1, 1e-3, metrics));
            if (i >= 0)
                times[i] = [seconds * 1e3, step.Parts.Encoding.TotalMilliseconds, step.Parts.Rows.TotalMilliseconds, step.Parts.Latents.TotalMilliseconds];
        }
        return [.. Enumerable.Range(0, Parted).Select(part => Median([.. times.Select(one => one[part])]))];
    }

    /// <summary>What the first of some processes over Open MPI said that it measured.</summary>
    /// <param name="processes">How many.</param>
    /// <param name="words">The program of each, and its words.</param>
    /// <returns>Empty where it could not be measured, which is said.</returns>
    public static double[] Together(int processes, params string[] words)
    {
        var start = new ProcessStartInfo("mpirun") { RedirectStandardOutput = true };
        foreach (string word in (string[])["--bind-to", "none", "--oversubscribe", "-n", processes.ToString(CultureInfo.InvariantCulture), .. words])
            start.ArgumentList.Add(word);
        foreach (string name in (string[])["OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"]) start.Environment[name] = "1";
        foreach (string name in (string[])["OMPI_MCA_oob_tcp_if_include", "OMPI_MCA_btl_tcp_if_include"]) start.Environment[name] = "lo";
        try
        {
            using var process = Process.Start(start)!;
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode == 0 && Measured(output) is { } found) return found;
            Console.WriteLine($"not measured: mpirun ended with {process.ExitCode}: {output}");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Console.WriteLine("not measured: the system has no mpirun (Debian: openmpi-bin)");
        }
        return [];
    }

    /// <summary>The numbers of a process's line "measured …"; null where it has none.</summary>
    public static double[]? Measured(string output)
    {
        int at = output.IndexOf("measured ", StringComparison.Ordinal);
        return at < 0 ? null : [.. output[(at + 9)..].Split('\n')[0].Trim().Split(' ').Select(word => double.Parse(word, CultureInfo.InvariantCulture))];
    }

    private static string Parts(IReadOnlyList<double[]> rounds)
    {
        double[] parts = [.. Enumerable.Range(0, Parted).Select(part => Median([.. rounds.Select(one => one[part])]))];
        return FormattableString.Invariant($"{parts[0]:0} ms a step (encoding {parts[1]:0}, rows {parts[2]:0}, latents {parts[3]:0})");
    }

    private static string List(IEnumerable<double[]> rounds, int part) =>
        string.Join(' ', rounds.Select(one => one[part].ToString("0", CultureInfo.InvariantCulture)));

    private static double Median(IReadOnlyList<double> values) => values.Order().ElementAt(values.Count / 2);
}
