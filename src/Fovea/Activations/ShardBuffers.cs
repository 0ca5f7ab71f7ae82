namespace Fovea.Activations;

/// <summary>
/// Memory for the numbers of a shard, used for one shard after the other: the system clears every page of new memory, and what is written
/// is only freed when the collector comes.
/// </summary>
internal sealed class ShardBuffers
{
    /// <param name="images">Images at most.</param>
    /// <param name="positions">Of an image.</param>
    /// <param name="channels">Numbers of a vector.</param>
    /// <param name="filters">How many filters.</param>
    public ShardBuffers(int images, int positions, int channels, int filters)
    {
        int rows = checked(images * positions);
        Vectors = GC.AllocateUninitializedArray<float>(checked(rows * channels));
        (Images, Labels, Place) = (new int[rows], new int[rows], new short[checked(rows * 2)]);
        (Scores, Weights) = (Each(() => new float[rows]), Each(() => new float[rows]));
        (Rows, Fallbacks) = (Each(() => new long[rows]), Each(() => new byte[images]));

        T[][] Each<T>(Func<T[]> make) => [.. Enumerable.Range(0, filters).Select(_ => make())];
    }

    /// <summary><c>[rows, channels]</c>.</summary>
    public float[] Vectors { get; }

    /// <summary>The image of each row, and its class.</summary>
    public int[] Images { get; }

    /// <summary>The class of each row's image.</summary>
    public int[] Labels { get; }

    /// <summary>Row and column on the grid, <c>[rows, 2]</c>.</summary>
    public short[] Place { get; }

    /// <summary>For each filter the score of each row.</summary>
    public float[][] Scores { get; }

    /// <summary>For each filter the weight of each draw.</summary>
    public float[][] Weights { get; }

    /// <summary>For each filter the row that each draw is of.</summary>
    public long[][] Rows { get; }

    /// <summary>For each filter whether an image's draws are uniform because its scores say nothing.</summary>
    public byte[][] Fallbacks { get; }
}
