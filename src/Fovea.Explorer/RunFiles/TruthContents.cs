namespace Fovea.Explorer.RunFiles;

/// <summary>A true factor, such as <c>shape=circle</c>, and the unit that tells it best.</summary>
public sealed record TruthFactor(string Name, int? Unit, double? F1, double? Auroc);

/// <summary>A set of directions measured against the truth: neurons, a dictionary's latents, or random directions.</summary>
public sealed record TruthGroup(string Name, long? Units, double? MeanBestF1, double? StandardError, double? MeanBestAuroc, IReadOnlyList<TruthFactor> Factors)
{
    /// <summary>As people call it.</summary>
    public string Title => Name switch
    {
        "neurons" => "Neurons",
        "random" => "Random directions",
        _ when Name.StartsWith("random-", StringComparison.Ordinal) => $"{Name["random-".Length..]} random directions",
        _ => $"Latents of {Name}",
    };
}

/// <summary>Units against the factors that made the images: <c>features/LAYER/truth.json</c>, for drawn data only.</summary>
public sealed record TruthContents(IReadOnlyList<TruthGroup> Groups)
{
    /// <summary>All factors, in the order in which the groups name them.</summary>
    public IReadOnlyList<string> Factors => [.. Groups.SelectMany(group => group.Factors).Select(factor => factor.Name).Distinct(StringComparer.Ordinal)];

    internal static TruthContents? Read(string folder, string layer, ICollection<string> problems)
    {
        JsonView json = JsonView.Open(Path.Combine(folder, "features", layer, "truth.json"), problems);
        TruthGroup[] groups = [.. json["groups"].Items.Select(group => new TruthGroup(
            group["name"].Text ?? "", group["units"].Integer, group["meanBestF1"].Number, group["standardError"].Number, group["meanBestAuroc"].Number,
            [.. group["factors"].Items.Select(factor => new TruthFactor(
                factor["name"].Text ?? "", (int?)factor["unit"].Integer, factor["f1"].Number, factor["auroc"].Number))]))];
        return groups.Length == 0 ? null : new TruthContents(groups);
    }
}
