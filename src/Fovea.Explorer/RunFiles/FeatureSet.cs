namespace Fovea.Explorer.RunFiles;

/// <summary>A dataset image that a unit answers to strongly. Pictures are relative to the run folder.</summary>
public sealed record FeatureExample(int Rank, string Image, int? Label, double? Value, string? Crop, string? Heat);

/// <summary>A neuron or latent: its statistics, its pictures by optimisation, its top examples.</summary>
public sealed record Feature
{
    public required int Unit { get; init; }
    public double? Density { get; init; }
    public double? Mean { get; init; }
    public double? Max { get; init; }
    public string? Picture { get; init; }
    public double? Activation { get; init; }
    public string? NaivePicture { get; init; }
    public double? NaiveActivation { get; init; }
    public IReadOnlyList<FeatureExample> Examples { get; init; } = [];

    /// <summary>Whether there is something to look at.</summary>
    public bool HasPage => Picture is not null || NaivePicture is not null || Examples.Any(example => example.Crop is not null);
}

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

    public bool IsNeurons => Source == "neurons";

    /// <summary>What one unit is called.</summary>
    public string UnitWord => IsNeurons ? "neuron" : "latent";

    /// <summary>
    /// Some units with pictures: latents, taken in turn from the dictionaries so that none hides the others; neurons only where latents are too few.
    /// </summary>
    internal static IReadOnlyList<(FeatureSet Set, Feature Unit)> Pictures(IEnumerable<FeatureSet> sets, int most) =>
        [.. sets.SelectMany(set => set.Shown.Where(unit => unit.Picture is not null).Select((unit, turn) => (set, unit, turn)))
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
        var units = new SortedDictionary<int, Feature>();
        if (features is not null) ReadFeatures(features, files, units);
        if (examples is not null) ReadExamples(examples, files, units);
        return new FeatureSet
        {
            Layer = layer,
            Source = source,
            Units = [.. units.Values],
            Shown = [.. units.Values.Where(unit => unit.HasPage).OrderByDescending(unit => unit.Picture is not null)
                .ThenByDescending(unit => unit.Max ?? double.NegativeInfinity).ThenBy(unit => unit.Unit)],
        };
    }

    /// <summary>A unit may stand in several rows, one a preset.</summary>
    private static void ReadFeatures(ParquetTable table, PictureFiles files, SortedDictionary<int, Feature> units)
    {
        for (int row = 0; row < table.RowCount; row++)
        {
            if (table.Integer(row, "unit") is not { } unit) continue;
            Feature known = units.GetValueOrDefault(unit) ?? new Feature
            {
                Unit = unit,
                Picture = files.Find($"paper-{unit}.png"),
                NaivePicture = files.Find($"naive-{unit}.png"),
            };
            string? picture = files.Find(table.Text(row, "picture"));
            bool naive = table.Text(row, "preset") == "naive";
            units[unit] = known with
            {
                Density = known.Density ?? table.Number(row, "density"),
                Mean = known.Mean ?? table.Number(row, "mean"),
                Max = known.Max ?? table.Number(row, "max"),
                Picture = naive ? known.Picture : picture ?? known.Picture,
                Activation = naive ? known.Activation : table.Number(row, "activation") ?? known.Activation,
                NaivePicture = naive ? picture ?? known.NaivePicture : known.NaivePicture,
                NaiveActivation = naive ? table.Number(row, "activation") : known.NaiveActivation,
            };
        }
    }

    private static void ReadExamples(ParquetTable table, PictureFiles files, SortedDictionary<int, Feature> units)
    {
        var found = new Dictionary<int, List<FeatureExample>>();
        for (int row = 0; row < table.RowCount; row++)
        {
            if (table.Integer(row, "unit") is not { } unit) continue;
            if ((table.Text(row, "kind") ?? "top") != "top") continue;
            int rank = table.Integer(row, "rank") ?? row;
            if (!found.TryGetValue(unit, out List<FeatureExample>? list)) found[unit] = list = [];
            list.Add(new FeatureExample(
                rank, table.Text(row, "image") ?? "", table.Integer(row, "label"), table.Number(row, "value"),
                files.Find(table.Text(row, "crop")) ?? files.Find($"example-{unit}-{rank}.png"),
                files.Find($"heat-{unit}-{rank}.png")));
        }
        foreach ((int unit, List<FeatureExample> list) in found)
            units[unit] = (units.GetValueOrDefault(unit) ?? new Feature { Unit = unit }) with { Examples = [.. list.OrderBy(example => example.Rank)] };
    }
}
