using Fovea.Activations;

namespace Fovea.Dictionaries.Training;

/// <summary>Measures how well the batches of a training are mixed; follows from the plan alone, whatever was interrupted.</summary>
internal static class MixingMeasurement
{
    /// <summary>Batches that are looked at, at most: some windows of usual vectors.</summary>
    private const int MostBatches = 128;

    private const int RowsAtOnce = 4096;

    /// <summary>Of whole batches that follow each other, from the middle of the first pass; of the one there is where it is not whole.</summary>
    /// <param name="plan">The training.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="source">The vectors.</param>
    /// <returns>Null where the vectors are of no store, and so of no images and shards.</returns>
    public static MixingQuality? Of(TrainingPlan plan, RowSet rows, IVectorSource source)
    {
        if (source is not ActivationStore store) return null;
        int size = plan.RowsIn(0);
        long whole = Math.Max(1, rows.Count / size);
        int batches = (int)Math.Min(MostBatches, whole);
        long first = (whole - batches) / 2;
        var (images, shards) = Sizes(store, rows);
        var (byImage, byShard) = (new MixingCounter(images, size), new MixingCounter(shards, size));
        var batch = new long[size];
        var groups = new int[size];
        for (long step = first; step < first + batches; step++)
        {
            plan.RowsOf(step, batch);
            for (int i = 0; i < size; i++) groups[i] = (int)(batch[i] / store.Manifest.RowsOfImage);
            byImage.Add(groups);
            for (int i = 0; i < size; i++) groups[i] = store.Index.ShardOf(batch[i]);
            byShard.Add(groups);
        }
        return new MixingQuality(first, batches, byImage.Result(), byShard.Result());
    }

    /// <summary>How many of the rows are of each image and of each shard.</summary>
    private static (long[] Images, long[] Shards) Sizes(ActivationStore store, RowSet rows)
    {
        long[] images = new long[store.Manifest.Images], shards = new long[store.Index.Shards];
        var some = new long[(int)Math.Min(RowsAtOnce, rows.Count)];
        for (long start = 0; start < rows.Count; start += some.Length)
        {
            Span<long> part = some.AsSpan(0, (int)Math.Min(some.Length, rows.Count - start));
            rows.Read(start, part);
            foreach (long row in part) images[row / store.Manifest.RowsOfImage]++;
        }
        // No image lies in two shards.
        for (int image = 0; image < images.Length; image++)
        {
            if (images[image] > 0) shards[store.Index.ShardOf((long)image * store.Manifest.RowsOfImage)] += images[image];
        }
        return (images, shards);
    }
}
