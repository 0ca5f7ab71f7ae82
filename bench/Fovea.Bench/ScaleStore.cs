using System.Runtime.InteropServices;
using Fovea.Activations;
using Fovea.Checkpoints;
using Fovea.Numerics;

namespace Fovea.Bench;

/// <summary>
/// A harvested layer of any size, as the product reads it: real shards in float16, 7 × 7 positions an image. A vector is a stretch of a pool of
/// numbers that begins where its row says, so that it is written as fast as the disk takes it.
/// </summary>
internal static partial class ScaleStore
{
    public const int Grid = 7, Positions = Grid * Grid;
    private const int Pool = 1 << 20;

    /// <summary>A shard of this size, as recipes for as many vectors would have it.</summary>
    private const long ShardBytes = 256L << 20;

    /// <summary>Writes it, unless it is there.</summary>
    /// <param name="folder">The layer's.</param>
    /// <param name="vectors">About how many: whole images.</param>
    /// <param name="dimension">Numbers of a vector.</param>
    public static void Write(string folder, long vectors, int dimension)
    {
        if (File.Exists(Path.Combine(folder, ActivationManifest.FileName))) return;
        int images = (int)(vectors / Positions), ofShard = (int)Math.Max(1, ShardBytes / (Positions * dimension * sizeof(ushort)));
        ushort[] pool = Numbers(dimension);
        List<ActivationShard> shards = [];
        for (int first = 0; first < images; first += ofShard)
        {
            int some = Math.Min(ofShard, images - first), rows = some * Positions, shard = shards.Count, start = first;
            string file = $"vectors-{shard:00000}.safetensors";
            Safetensors.Write(Path.Combine(folder, file),
            [
                new SafetensorsEntry("vectors", ElementType.F16, [rows, dimension], stream =>
                {
                    for (long row = 0; row < rows; row++)
                        stream.Write(MemoryMarshal.AsBytes(pool.AsSpan(Start((long)start * Positions + row), dimension)));
                }),
                SafetensorsEntry.Of("image", Each(rows, row => start + row / Positions), rows),
                SafetensorsEntry.Of("position", Each(rows * 2, i => (short)(i % 2 == 0 ? i / 2 % Positions / Grid : i / 2 % Positions % Grid)), rows, 2),
                SafetensorsEntry.Of("label", Each(rows, row => (start + row / Positions) % 1000), rows),
            ], TensorSchema.Of(1));
            shards.Add(new ActivationShard(file, (long)first * Positions, rows));
        }
        DocumentFile.Write(Path.Combine(folder, ActivationManifest.FileName), new ActivationManifest
        {
            Layer = "layer",
            Channels = dimension,
            Grid = [Grid, Grid],
            Images = images,
            Vectors = (long)images * Positions,
            Damaged = 0,
            Source = "formulas",
            Storage = "float16",
            StorageError = 0,
            Shards = shards,
            Filters = ["none"],
            Split = new ActivationSplit(1, 0.1, [.. Enumerable.Range(0, images).Where(image => image % 10 == 9)]),
        });
    }

    /// <summary>The same vectors, made when they are read.</summary>
    public static IVectorSource Made(long vectors, int dimension) => new MadeVectors(vectors, dimension);

    /// <summary>Takes the files' pages out of the system's cache.</summary>
    public static unsafe void Forget(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder))
        {
            using var handle = File.OpenHandle(file);
            if (Advise((int)handle.DangerousGetHandle(), 0, 0, 4) != 0) throw new IOException($"{file} stays in the system's cache");
        }
    }

    private static T[] Each<T>(int count, Func<int, T> of)
    {
        var all = new T[count];
        for (int i = 0; i < count; i++) all[i] = of(i);
        return all;
    }

    /// <summary>Half of them zero, as activations are.</summary>
    private static ushort[] Numbers(int dimension)
    {
        var random = new CounterRandom(1, "bench/scale", 0);
        return Each(Pool + dimension, _ => BitConverter.HalfToUInt16Bits((Half)Math.Max(0, random.NextDouble() - 0.5)));
    }

    private static int Start(long row)
    {
        ulong z = ((ulong)row + 1) * 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        return (int)((z ^ (z >> 27)) % Pool);
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(int file, long offset, long length, int advice);

    private sealed class MadeVectors(long vectors, int dimension) : IVectorSource
    {
        private readonly float[] _pool = [.. Numbers(dimension).Select(half => (float)BitConverter.UInt16BitsToHalf(half))];

        public int Dimension => dimension;

        public long Count => vectors;

        public void Read(ReadOnlySpan<long> rows, Span<float> destination)
        {
            for (int i = 0; i < rows.Length; i++) _pool.AsSpan(Start(rows[i]), dimension).CopyTo(destination[(i * dimension)..]);
        }
    }
}
