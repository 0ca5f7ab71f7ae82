namespace Fovea.Datasets;

/// <summary>Takes the part of a source that its options ask for.</summary>
internal static class ImageSelection
{
    /// <summary>The source itself where everything is wanted.</summary>
    public static IImageSource Select(IImageSource source, ImageSourceOptions options)
    {
        if (options is { ClassSubset: null, PerClass: null, Limit: null }) return source;
        if (source.Classes.Count == 0 && (options.ClassSubset is not null || options.PerClass is not null))
            throw FoveaException.BadConfiguration($"{source.Description} has no labels: no class can be chosen.");
        IEnumerable<int> chosen = Enumerable.Range(0, source.Count);
        if (options.ClassSubset is { } subset)
        {
            var wanted = new HashSet<int>();
            var matcher = new ClassMatcher(source.Classes);
            foreach (string id in subset.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                int label = matcher.Find(id);
                if (label < 0)
                    throw FoveaException.BadConfiguration($"The class subset names {id}, which is no class of {source.Description}.");
                wanted.Add(label);
            }
            chosen = chosen.Where(index => wanted.Contains(source.Label(index)));
        }
        if (options.PerClass is { } most)
        {
            var taken = new int[source.Classes.Count];
            chosen = chosen.Where(index => taken[source.Label(index)]++ < most);
        }
        int[] indices = [.. chosen];
        if (options.Limit is { } limit && limit < indices.Length)
        {
            int[] all = indices;
            indices = new int[limit];
            for (int i = 0; i < limit; i++) indices[i] = all[(int)((long)i * all.Length / limit)];
        }
        if (indices.Length == 0) throw FoveaException.BadData($"No image of {source.Description} is of the classes {options.ClassSubset}.");
        return new SubsetSource(source, indices);
    }
}
