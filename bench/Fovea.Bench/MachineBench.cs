using static TorchSharp.torch;

namespace Fovea.Bench;

/// <summary>The machine's limit that other rows are read against: single-precision products.</summary>
internal static class MachineBench
{
    public static void Run()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        foreach (int size in new[] { 1024, 2048 })
        {
            var a = randn([size, size]);
            var b = randn([size, size]);
            a.mm(b).Dispose();
            double seconds = Pairs.Median([.. Enumerable.Range(0, 7).Select(_ => Pairs.Seconds(() => a.mm(b).Dispose()))]);
            Console.WriteLine(FormattableString.Invariant($"GEMM {size}: {2.0 * size * size * size / seconds / 1e9:0} GFLOP/s"));
        }
    }
}
