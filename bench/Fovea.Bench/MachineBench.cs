using static TorchSharp.torch;

namespace Fovea.Bench;

/// <summary>The machine's limit that other rows are read against: single-precision products.</summary>
internal static class MachineBench
{
    public static void Run()
    {
        foreach (int size in new[] { 1024, 2048 })
        {
            Console.WriteLine(FormattableString.Invariant($"GEMM {size}: {Product(size) / 1e9:0} GFLOP/s"));
        }
    }

    /// <summary>Operations a second of a square product.</summary>
    public static double Product(int size)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor a = randn([size, size]), b = randn([size, size]);
        a.mm(b).Dispose();
        double seconds = Pairs.Median([.. Enumerable.Range(0, 7).Select(_ => Pairs.Seconds(() => a.mm(b).Dispose()))]);
        return 2.0 * size * size * size / seconds;
    }
}
