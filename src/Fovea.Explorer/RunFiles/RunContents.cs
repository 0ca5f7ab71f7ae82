namespace Fovea.Explorer.RunFiles;

/// <summary>Everything the pages show of a run folder, read once; parts that are absent are empty.</summary>
public sealed class RunContents
{
    public required string Folder { get; init; }
    public required RunDescription Run { get; init; }
    public required Recipe Recipe { get; init; }
    public required ModelContents Model { get; init; }
    public required IReadOnlyList<LayerContents> Layers { get; init; }

    /// <summary>What raises the logits of classes.</summary>
    public required IReadOnlyList<ClassPicture> Classes { get; init; }

    /// <summary>Files that could not be read, in words; shown on the first page.</summary>
    public required IReadOnlyList<string> Problems { get; init; }

    public IEnumerable<DictionaryContents> Dictionaries => Layers.SelectMany(layer => layer.Dictionaries);

    public IEnumerable<SweepContents> Sweeps => Layers.SelectMany(layer => layer.Sweeps);

    public IEnumerable<ComparisonContents> Comparisons => Layers.SelectMany(layer => layer.Comparisons);

    /// <summary>All sets of units with pictures: of each layer its neurons, then its dictionaries.</summary>
    public IEnumerable<FeatureSet> FeatureSets => Layers
        .SelectMany(layer => layer.Dictionaries.Select(dictionary => dictionary.Latents).Prepend(layer.Neurons))
        .OfType<FeatureSet>();

    /// <summary>Whether a unit has a page.</summary>
    public bool Shows(string layer, string? source, int unit) =>
        FeatureSets.FirstOrDefault(set => set.Layer == layer && set.Source == source) is { } set && set.Shown.Any(one => one.Unit == unit);

    /// <summary>The title of the report's pages.</summary>
    public string Title => Recipe.Name ?? "run";

    /// <exception cref="FoveaException">There is no such folder.</exception>
    internal static async Task<RunContents> ReadAsync(string folder, CancellationToken ct)
    {
        if (!Directory.Exists(folder))
            throw FoveaException.BadData($"There is no run folder {folder}. Name one that `fovea run` or `fovea demo` made.");
        var problems = new List<string>();
        Recipe recipe = Recipe.Read(folder, problems);
        IReadOnlyList<string> names = Folders.Order(
            new[] { "activations", "dictionaries", "sweeps", "features", "cams" }.SelectMany(stage => Folders.Of(Path.Combine(folder, stage)))
                .Where(name => name != ClassPicture.Folder),
            recipe.List("harvest", "layers"));
        var layers = new List<LayerContents>();
        foreach (string name in names)
        {
            ct.ThrowIfCancellationRequested();
            layers.Add(await ReadLayerAsync(folder, name, recipe, problems, ct));
        }
        return new RunContents
        {
            Folder = folder,
            Run = RunDescription.Read(folder, problems),
            Recipe = recipe,
            Model = ModelContents.Read(folder, problems),
            Layers = layers,
            Classes = ClassPicture.ReadAll(folder, problems),
            // A path of this machine would make two copies of a run differ.
            Problems = [.. problems.Select(problem => problem.Replace(folder, "RUN", StringComparison.Ordinal))],
        };
    }

    private static async Task<LayerContents> ReadLayerAsync(string folder, string name, Recipe recipe, List<string> problems, CancellationToken ct)
    {
        var dictionaries = new List<DictionaryContents>();
        foreach (string dictionary in Folders.Of(Path.Combine(folder, "dictionaries", name), recipe.Entries("dictionary")))
        {
            dictionaries.Add(DictionaryContents.Read(folder, name, dictionary, problems) with
            {
                Latents = await FeatureSet.ReadAsync(folder, name, dictionary, problems, ct),
            });
        }
        return LayerContents.Read(folder, name, problems) with
        {
            Dictionaries = dictionaries,
            Neurons = await FeatureSet.ReadAsync(folder, name, "neurons", problems, ct),
            Sweeps = SweepContents.ReadAll(folder, name, recipe.Entries("sweep"), problems),
            Comparisons = ComparisonContents.ReadAll(folder, name, problems),
            Flow = FlowContents.Read(folder, name, problems),
            Truth = TruthContents.Read(folder, name, problems),
            Cams = CamContents.Read(folder, name, problems),
        };
    }
}
