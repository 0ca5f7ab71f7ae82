namespace Fovea.Activations;

/// <summary>
/// Memory for the numbers of a shard, used for one shard after the other: the system clears every page of new memory, and what is written
/// is only freed when the collector comes.
/// </summary>
internal sealed class ShardBuffers
{
    private float[] _batch = [];

    /// <param name="images">Images at most.</param>
    /// <param name="positions">Of an image.</param>
    /// <param name="kept">Positions of an image whose vectors are stored.</param>
    /// <param name="channels">Numbers of a vector.</param>
    /// <param name="filters">How many filters.</param>
    /// <param name="storage">What the vectors are stored in.</param>
    public ShardBuffers(int images, int positions, int kept, int channels, int filters, VectorStorage storage)
    {
        int rows = checked(images * kept), maps = checked(images * positions), numbers = checked(rows * channels);
        bool whole = storage == VectorStorage.Float32;
        Vectors = whole ? GC.AllocateUninitializedArray<float>(numbers) : [];
        Halves = whole ? [] : GC.AllocateUninitializedArray<ushort>(numbers);
        (Images, Labels, Place) = (new int[rows], new int[rows], new short[checked(rows * 2)]);
        (Scores, Weights) = (Each(() => new float[maps]), Each(() => new float[rows]));
        (Rows, Fallbacks) = (Each(() => new long[rows]), Each(() => new byte[images]));

        T[][] Each<T>(Func<T[]> make) => [.. Enumerable.Range(0, filters).Select(_ => make())];
    }

    /// <summary><c>[rows, channels]</c>; empty where vectors are stored in two bytes a number.</summary>
    public float[] Vectors { get; }

    /// <summary><c>[rows, channels]</c> in two bytes a number; empty where they are not.</summary>
    public ushort[] Halves { get; }

    /// <summary>Memory for the vectors of a batch before some are kept or rounded; grows to what is asked for.</summary>
    public Span<float> Batch(int numbers)
    {
        if (_batch.Length < numbers) _batch = GC.AllocateUninitializedArray<float>(numbers);
        return _batch.AsSpan(0, numbers);
    }

    /// <summary>The image of each row, and its class.</summary>
    public int[] Images { get; }

    /// <summary>The class of each row's image.</summary>
    public int[] Labels { get; }

    /// <summary>Row and column on the grid, <c>[rows, 2]</c>.</summary>
    public short[] Place { get; }

    /// <summary>For each filter the score of each position, kept or not.</summary>
    public float[][] Scores { get; }

    /// <summary>For each filter the weight of each draw.</summary>
    public float[][] Weights { get; }

    /// <summary>For each filter the row that each draw is of.</summary>
    public long[][] Rows { get; }

    /// <summary>For each filter whether an image's draws are uniform because its scores say nothing.</summary>
    public byte[][] Fallbacks { get; }
}
