namespace Fovea.Explorer.RunFiles;

/// <summary>The units of one source: <c>features/LAYER/neurons</c> or the latents of a dictionary.</summary>
public sealed record FeatureSet
{
    public required string Layer { get; init; }

    /// <summary><c>neurons</c>, or the dictionary's name.</summary>
    public required string Source { get; init; }

    /// <summary>All units by number.</summary>
    public IReadOnlyList<Feature> Units { get; init; } = [];

    /// <summary>Those with pictures, the largest maximum first; this order is also that of "next" and "previous".</summary>
    public IReadOnlyList<Feature> Shown { get; init; } = [];

    /// <summary>Histograms, grids and classes of each unit, read when its page is made.</summary>
    internal EvidenceFile? Evidence { get; init; }

    public bool IsNeurons => Source == "neurons";

    /// <summary>What one unit is called.</summary>
    public string UnitWord => IsNeurons ? "neuron" : "latent";

    /// <summary>What they are called together.</summary>
    public string Title => IsNeurons ? "Neurons" : $"Latents of {Source}";

    /// <summary>
    /// Some units with pictures: latents, taken in turn from the dictionaries so that none hides the others; neurons only where latents are too few.
    /// </summary>
    internal static IReadOnlyList<(FeatureSet Set, Feature Unit)> Mosaic(IEnumerable<FeatureSet> sets, int most) =>
        [.. sets.SelectMany(set => set.Shown.Where(unit => unit.Main is { IsNaive: false }).Select((unit, turn) => (set, unit, turn)))
            .OrderBy(one => one.set.IsNeurons).ThenBy(one => one.turn)
            .Take(most).Select(one => (one.set, one.unit))];

    internal static async Task<FeatureSet?> ReadAsync(string folder, string layer, string source, ICollection<string> problems, CancellationToken ct)
    {
        string relative = $"features/{layer}/{source}";
        string path = Path.Combine(folder, "features", layer, source);
        ParquetTable? features = await ParquetTable.OpenAsync(Path.Combine(path, "features.parquet"), problems, ct);
        ParquetTable? examples = await ParquetTable.OpenAsync(Path.Combine(path, "examples.parquet"), problems, ct);
        if (features is null && examples is null) return null;
        var files = new PictureFiles(folder, relative);
        SortedDictionary<int, Feature> units = features is null ? [] : ReadFeatures(features, files);
        if (examples is not null)
        {
            foreach ((int unit, IReadOnlyList<FeatureExample> list) in FeatureExample.ReadAll(examples, files))
                units[unit] = (units.GetValueOrDefault(unit) ?? new Feature { Unit = unit }) with { Examples = list };
        }
        return new FeatureSet
        {
            Layer = layer,
            Source = source,
            Units = [.. units.Values],
            Shown = [.. units.Values.Where(unit => unit.HasPage).OrderByDescending(unit => unit.Main is { IsNaive: false })
                .ThenByDescending(unit => unit.Max ?? double.NegativeInfinity).ThenBy(unit => unit.Unit)],
            Evidence = EvidenceFile.Open(Path.Combine(path, "evidence.safetensors"), problems),
        };
    }

    /// <summary>A unit may stand in several rows, one a preset.</summary>
    private static SortedDictionary<int, Feature> ReadFeatures(ParquetTable table, PictureFiles files)
    {
        var units = new SortedDictionary<int, Feature>();
        var pictures = new Dictionary<int, List<FeaturePicture>>();
        for (int row = 0; row < table.RowCount; row++)
        {
            if (table.Integer(row, "unit") is not { } unit) continue;
            Feature known = units.GetValueOrDefault(unit) ?? new Feature { Unit = unit };
            units[unit] = known with
            {
                Density = known.Density ?? table.Number(row, "density"),
                Mean = known.Mean ?? table.Number(row, "mean"),
                Max = known.Max ?? table.Number(row, "max"),
                Real = RealActivations.Read(table, row, known.Real),
                Scores = ScoreColumns.Unit(table, row, known.Scores),
            };
            if (!pictures.TryGetValue(unit, out List<FeaturePicture>? list)) pictures[unit] = list = [];
            string preset = table.Text(row, "preset") ?? "paper";
            if ((files.Find(table.Text(row, "picture")) ?? files.Find($"{preset}-{unit}.png")) is { } file && list.TrueForAll(one => one.Preset != preset))
                list.Add(FeaturePicture.Read(table, row, preset, file));
        }
        foreach ((int unit, List<FeaturePicture> list) in pictures)
        {
            // Older tables have one row a unit, and the naive picture beside it.
            if (list.TrueForAll(one => !one.IsNaive) && files.Find($"naive-{unit}.png") is { } naive) list.Add(new FeaturePicture("naive", naive));
            units[unit] = units[unit] with { Pictures = FeaturePicture.Sorted(list), Main = list.Find(one => !one.IsNaive) ?? list.FirstOrDefault() };
        }
        return units;
    }
}
