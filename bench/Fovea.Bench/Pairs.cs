using System.Diagnostics;

namespace Fovea.Bench;

/// <summary>Runs two things in alternation (A B, B A, …) and compares medians: a noisy neighbour then slows both.</summary>
internal static class Pairs
{
    /// <summary>Prints a row and gives the medians in seconds.</summary>
    public static (double Ours, double Theirs) Compare(
        string name, string reference, Action ours, Action theirs, int pairs, double work, string unit, string target)
    {
        ours();
        theirs();
        var a = new double[pairs];
        var b = new double[pairs];
        for (int i = 0; i < pairs; i++)
        {
            if (i % 2 == 0) (a[i], b[i]) = (Seconds(ours), Seconds(theirs));
            else (b[i], a[i]) = (Seconds(theirs), Seconds(ours));
        }
        double ratio = Median([.. a.Zip(b, (x, y) => x / y)]);
        Console.WriteLine(FormattableString.Invariant(
            $"{name}: {work / Median(a):0.#} {unit}/s; {reference}: {work / Median(b):0.#} {unit}/s; time ratio {ratio:0.000} (speed ratio {1 / ratio:0.000}), target {target}, {pairs} pairs"));
        return (Median(a), Median(b));
    }

    public static double Seconds(Action action)
    {
        var clock = Stopwatch.StartNew();
        action();
        return clock.Elapsed.TotalSeconds;
    }

    public static double Median(double[] values)
    {
        Array.Sort(values);
        return values.Length % 2 == 1 ? values[values.Length / 2] : (values[values.Length / 2 - 1] + values[values.Length / 2]) / 2;
    }
}
