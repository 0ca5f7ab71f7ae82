namespace Fovea.Fuzz.Coverage;

/// <summary>Which blocks of code ran. Instrumented code (<see cref="Instrumentation"/>) sets a byte of <see cref="Hits"/> for each.</summary>
public static class CoverageMap
{
    /// <summary>More blocks than all assemblies have together.</summary>
    public const int Most = 1 << 20;

    /// <summary>1 for every block that ran since the last <see cref="Take"/>.</summary>
    public static readonly byte[] Hits = new byte[Most];

    private static readonly byte[] Seen = new byte[Most];

    /// <summary>How many blocks there are; 0 where nothing is instrumented.</summary>
    internal static int Blocks { get; set; }

    /// <summary>Whether a block ran that never did before; all begin anew then.</summary>
    internal static bool Take()
    {
        bool fresh = false;
        Span<byte> hits = Hits.AsSpan(0, Blocks);
        for (int at = hits.IndexOf((byte)1); at >= 0;)
        {
            fresh |= Seen[at] == 0;
            Seen[at] = 1;
            hits[at] = 0;
            int next = hits[(at + 1)..].IndexOf((byte)1);
            at = next < 0 ? -1 : at + 1 + next;
        }
        return fresh;
    }

    /// <summary>The blocks that ran, to be read by another process.</summary>
    internal static void Save(string path) => File.WriteAllBytes(path, Seen.AsSpan(0, Blocks).ToArray());

    /// <summary>Goes on from what <see cref="Save"/> left.</summary>
    internal static void Load(string path)
    {
        if (File.Exists(path)) File.ReadAllBytes(path).CopyTo(Seen, 0);
    }
}
