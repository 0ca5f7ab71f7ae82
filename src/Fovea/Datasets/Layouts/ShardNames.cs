namespace Fovea.Datasets;

/// <summary>Which split a shard is of, by its name or the folder it lies in: <c>imagenet1k-train-0017</c>, <c>val/00002</c>.</summary>
internal static class ShardNames
{
    /// <summary>The splits that shards may be of, in the order in which a reading lists them; "" where no name says one.</summary>
    public static readonly string[] Order = ["train", "val", "test", ""];

    /// <summary>The split of each of a source's shards.</summary>
    /// <param name="source">The source, for what is said.</param>
    /// <param name="shards">Names with folders, without their ending.</param>
    /// <param name="ending">Their ending.</param>
    /// <returns>One of <see cref="Order"/> for each.</returns>
    /// <exception cref="FoveaException">Data: some are of a split and some of none.</exception>
    public static string[] Splits(string source, IReadOnlyList<string> shards, string ending)
    {
        string[] splits = [.. shards.Select(shard => Split(shard) ?? "")];
        int without = Array.IndexOf(splits, ""), with = Array.FindIndex(splits, split => split.Length > 0);
        return without < 0 || with < 0 ? splits : throw FoveaException.BadData(
            $"{source}: {shards[without]}{ending} is of no split, and {shards[with]}{ending} is of {splits[with]}. Name all by their splits "
                + $"(train-00000{ending}), or none.");
    }

    /// <summary><c>train</c>, <c>val</c> or <c>test</c>, or null where no word, or several, say so.</summary>
    /// <param name="shard">The shard's name with its folders, without its ending.</param>
    public static string? Split(string shard)
    {
        string[] parts = shard.Split('/');
        for (int i = parts.Length - 1; i >= 0; i--)
        {
            string[] said = [.. Words(parts[i]).Select(SplitNames.Of).OfType<string>().Distinct()];
            if (said.Length > 0) return said.Length == 1 ? said[0] : null;
        }
        return null;
    }

    private static IEnumerable<string> Words(string name) =>
        name.Split(['-', '_', '.', ' '], StringSplitOptions.RemoveEmptyEntries).Where(word => word.Any(char.IsLetter));
}
