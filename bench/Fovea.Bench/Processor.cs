namespace Fovea.Bench;

/// <summary>What decides which kernels run.</summary>
internal static class Processor
{
    private static readonly string[] Telling =
        ["sse4_2", "avx", "avx2", "fma", "avx512f", "avx512vl", "avx512_vnni", "avx512_bf16", "amx_tile", "amx_bf16"];

    /// <summary>The flags of the processor that matter here, as Linux names them; empty elsewhere.</summary>
    public static string Flags
    {
        get
        {
            if (!File.Exists("/proc/cpuinfo")) return "";
            string line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(text => text.StartsWith("flags", StringComparison.Ordinal)) ?? "";
            return string.Join(' ', line.Split(' ').Where(Telling.Contains));
        }
    }
}
