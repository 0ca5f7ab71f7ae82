namespace Fovea.Explorer.RunFiles;

/// <summary>How often a filter's map was unusable.</summary>
public sealed record FilterRow(string Name, long? AllZero, double? AllZeroFraction, long? NaN);

/// <summary>A sample image with the map of each filter, [row][column]; "none" scores nothing and has no map to show.</summary>
public sealed record SampleImage(string Image, string ClassName, string? Picture, IReadOnlyList<(string Filter, double[][] Map)> Maps);

/// <summary>What stage 2 left of a layer, with what the later stages made of it.</summary>
public sealed record LayerContents
{
    public required string Name { get; init; }
    public long? Channels { get; init; }
    public string? Grid { get; init; }
    public long? Images { get; init; }
    public long? Vectors { get; init; }
    public double? ValidationFraction { get; init; }
    public long? FilterImages { get; init; }
    public IReadOnlyList<FilterRow> Filters { get; init; } = [];

    /// <summary>The filters of the matrices' rows and columns.</summary>
    public IReadOnlyList<string> Compared { get; init; } = [];
    public double[][] Cosine { get; init; } = [];
    public double[][] Spearman { get; init; } = [];
    public IReadOnlyList<SampleImage> Samples { get; init; } = [];
    public IReadOnlyList<DictionaryContents> Dictionaries { get; init; } = [];
    public IReadOnlyList<SweepContents> Sweeps { get; init; } = [];
    public FeatureSet? Neurons { get; init; }
    public IReadOnlyList<ComparisonContents> Comparisons { get; init; } = [];
    public FlowContents? Flow { get; init; }
    public TruthContents? Truth { get; init; }
    public CamContents? Cams { get; init; }

    /// <summary>Reads <c>activations/LAYER</c>; the later stages are filled in by <see cref="RunContents"/>.</summary>
    internal static LayerContents Read(string folder, string layer, ICollection<string> problems)
    {
        string path = Path.Combine(folder, "activations", layer);
        JsonView manifest = JsonView.Open(Path.Combine(path, "manifest.json"), problems);
        JsonView filters = JsonView.Open(Path.Combine(path, "filters.json"), problems);
        JsonView samples = JsonView.Open(Path.Combine(path, "samples.json"), problems);
        IReadOnlyList<JsonView> grid = manifest["grid"].Items;
        return new LayerContents
        {
            Name = layer,
            Channels = manifest["channels"].Integer,
            Grid = grid.Count > 0 ? string.Join(" × ", grid.Select(side => side.Text)) : manifest["grid"].Text,
            Images = manifest["images"].Integer ?? (manifest["images"].Items is { Count: > 0 } images ? images.Count : null),
            Vectors = manifest["vectors"].Integer,
            ValidationFraction = manifest["split"]["validationFraction"].Number,
            FilterImages = filters["images"].Integer,
            Filters = [.. filters["filters"].Items.Select(filter => new FilterRow(
                filter["name"].Text ?? "", filter["allZero"].Integer, filter["allZeroFraction"].Number, filter["nan"].Integer))],
            Compared = [.. (filters["compared"].Items is { Count: > 0 } compared ? compared : filters["filters"].Items.Select(filter => filter["name"]))
                .Select(name => name.Text ?? "")],
            Cosine = Matrix(filters["cosine"]),
            Spearman = Matrix(filters["spearman"]),
            Samples = [.. samples["samples"].Items.Select(sample => new SampleImage(
                sample["image"].Text ?? "",
                sample["className"].Text ?? "",
                PictureFiles.Below($"activations/{layer}", sample["picture"]["file"].Text),
                [.. sample["maps"].Fields.Select(map => (map.Name, Matrix(map.Value))).Where(map => map.Item2.Length > 0 && map.Name != "none")]))],
        };
    }

    private static double[][] Matrix(JsonView rows) => [.. rows.Items.Select(row => row.Items.Select(cell => cell.Number ?? double.NaN).ToArray())];
}
