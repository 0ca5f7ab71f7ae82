using System.Diagnostics;
using System.Globalization;

namespace Fovea.Bench;

/// <summary>
/// This build beside an older one, in alternating pairs of processes (old new, new old, …), so that a noisy machine slows both alike. A
/// row's figure is the median over pairs of old time / new time, with a distribution-free interval: order statistics of the ratios whose
/// ranks follow from the binomial distribution (at 31 pairs the 10th and the 22nd).
/// </summary>
internal static class Against
{
    public static void Run(string older, string data)
    {
        int pairs = int.Parse(Environment.GetEnvironmentVariable("FOVEA_BENCH_PAIRS") ?? "31", CultureInfo.InvariantCulture);
        var ratios = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        for (int i = 0; i < pairs; i++)
        {
            IReadOnlyDictionary<string, double> old, now;
            if (i % 2 == 0)
                (old, now) = (Measure(older, data), Measure(Environment.ProcessPath!, "rows", "--shared", Path.GetDirectoryName(data)!));
            else (now, old) = (Measure(Environment.ProcessPath!, "rows", "--shared", Path.GetDirectoryName(data)!), Measure(older, data));
            foreach (var (row, seconds) in now)
            {
                if (!ratios.TryGetValue(row, out var list)) ratios.Add(row, list = []);
                list.Add(old[row] / seconds);
            }
        }
        int rank = LowerRank(pairs);
        foreach (var (row, list) in ratios)
        {
            double median = Pairs.Median([.. list]);
            list.Sort();
            Console.WriteLine(FormattableString.Invariant(
                $"{row}: {median:0.000} x the older build's speed, 95 % interval {list[rank]:0.000} to {list[^(rank + 1)]:0.000}, {pairs} pairs of processes, target: lower bound ≥ 0.95"));
        }
    }

    /// <summary>
    /// The largest rank (from 0) such that the interval from it to its mirror holds the median with a probability of at least 0.95.
    /// </summary>
    private static int LowerRank(int n)
    {
        double probability = Math.Pow(0.5, n), tail = 0;
        int rank = 0;
        for (int k = 0; k < n / 2; k++)
        {
            tail += probability;
            if (tail > 0.025) break;
            rank = k;
            probability *= (double)(n - k) / (k + 1);
        }
        return rank;
    }

    private static Dictionary<string, double> Measure(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
        return output.Split('\n').Select(line => line.Split('\t')).Where(parts => parts is ["row", _, _])
            .ToDictionary(parts => parts[1], parts => double.Parse(parts[2], CultureInfo.InvariantCulture), StringComparer.Ordinal);
    }
}
