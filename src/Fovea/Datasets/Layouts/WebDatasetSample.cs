namespace Fovea.Datasets;

/// <summary>The files of one key in a shard, as far as they are read.</summary>
internal sealed record WebDatasetSample(string Shard, string Key)
{
    /// <summary>The image; null where there is none.</summary>
    public TreeFile? Image { get; set; }

    /// <summary>More images of the same key.</summary>
    public int MoreImages { get; set; }

    /// <summary>The file <c>.cls</c>: a class as a number.</summary>
    public TreeFile? Class { get; set; }

    /// <summary>The file <c>.json</c>, whose <c>label</c> is the class where there is no <c>.cls</c>.</summary>
    public TreeFile? Json { get; set; }

    /// <summary>
    /// Divides a name at the first dot of its last part, as WebDataset does: <c>train-0/n01/x.y.jpg</c> is key <c>train-0/n01/x</c>, kind
    /// <c>y.jpg</c>, in lower case.
    /// </summary>
    public static (string Key, string Kind) Divide(string name)
    {
        int dot = name.IndexOf('.', name.LastIndexOf('/') + 1);
        return dot < 0 ? (name, "") : (name[..dot], name[(dot + 1)..].ToLowerInvariant());
    }
}
