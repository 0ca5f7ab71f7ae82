namespace Fovea.Datasets;

/// <summary>Which split a shard is of, by its name or the folder it lies in: <c>imagenet1k-train-0017</c>, <c>val/00002</c>.</summary>
internal static class ShardNames
{
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
