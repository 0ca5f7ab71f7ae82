namespace Fovea.Explorer.Contents;

/// <summary>The units of one source: the neurons of a layer or the latents of a dictionary.</summary>
public sealed record FeatureSet
{
    /// <summary>The layer.</summary>
    public required string Layer { get; init; }

    /// <summary><c>neurons</c>, or the dictionary's name.</summary>
    public required string Source { get; init; }

    /// <summary>All units by number.</summary>
    public IReadOnlyList<Feature> Units
    {
        get;
        init
        {
            field = value;
            _byNumber = value.ToDictionary(unit => unit.Unit);
        }
    } = [];

    /// <summary>Those with pictures, the largest maximum first; this order is also that of "next" and "previous".</summary>
    public IReadOnlyList<Feature> Shown { get; init; } = [];

    private readonly IReadOnlyDictionary<int, Feature> _byNumber = new Dictionary<int, Feature>();

    /// <summary>The unit of a number; null where there is none.</summary>
    public Feature? Find(int unit) => _byNumber.GetValueOrDefault(unit);

    /// <summary>Whether histograms, grids and classes of units can be asked for.</summary>
    public bool HasEvidence { get; init; }

    /// <summary>Whether these are a layer's own units.</summary>
    public bool IsNeurons => Source == RunLayout.Neurons;

    /// <summary>What one unit is called.</summary>
    public string UnitWord => IsNeurons ? "neuron" : "latent";

    /// <summary>What they are called together.</summary>
    public string Title => IsNeurons ? "Neurons" : $"Latents of {Source}";

    /// <summary>
    /// Some units with pictures: latents, taken in turn from the dictionaries so that none hides the others; neurons only where latents are
    /// too few.
    /// </summary>
    internal static IReadOnlyList<(FeatureSet Set, Feature Unit)> Mosaic(IEnumerable<FeatureSet> sets, int most) =>
        [.. sets.SelectMany(set => set.Shown.Where(unit => unit.Main is { IsNaive: false }).Select((unit, turn) => (set, unit, turn)))
            .OrderBy(one => one.set.IsNeurons).ThenBy(one => one.turn)
            .Take(most).Select(one => (one.set, one.unit))];

    /// <summary>The units of a source; null where it has no table.</summary>
    /// <param name="reader">The run.</param>
    /// <param name="pictures">Its pictures.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="source">The source.</param>
    /// <param name="asked">The pictures that were asked for on the layer.</param>
    internal static FeatureSet? Read(
        CarefulReader reader, RunPictures pictures, string layer, string source, IReadOnlyList<AskedPicture> asked)
    {
        IReadOnlyList<FeatureRow>? features = reader.Try(() => reader.Run.Features(layer, source));
        IReadOnlyList<ExampleRow>? examples = reader.Try(() => reader.Run.Examples(layer, source));
        if (features is null && examples is null) return null;
        var places = new UnitPictures(RunLayout.Units(layer, source), reader.Lines<PictureRecord>(RunLayout.Pictures(layer, source)));
        ILookup<int, FeatureRow> rows = (features ?? []).ToLookup(row => row.Unit);
        ILookup<int, ExampleRow> shown = (examples ?? []).ToLookup(row => row.Unit);
        ILookup<int, AskedPicture> more = asked.Where(one => one.IsOfUnit && one.Record.Source == source)
            .ToLookup(one => one.Record.Unit);
        Feature[] units =
            [.. rows.Select(group => group.Key).Union(shown.Select(group => group.Key)).Union(more.Select(group => group.Key)).Order()
                .Select(unit => Unit(unit, rows[unit], shown[unit], more[unit], places))];
        pictures.Check(
            reader, units.SelectMany(
                unit => unit.Pictures.Select(one => one.Place).Concat(unit.Examples.SelectMany(one => new[] { one.Crop, one.Heat }))));
        Feature[] withPages = [.. units.Where(unit => unit.HasPage).OrderByDescending(unit => unit.Main is { IsNaive: false })
            .ThenByDescending(unit => unit.Row?.Max ?? double.NegativeInfinity).ThenBy(unit => unit.Unit)];
        return new FeatureSet
        {
            Layer = layer,
            Source = source,
            Units = units,
            Shown = withPages,
            // A damaged file is told of on the first page and not asked again.
            HasEvidence = withPages.Length > 0 && reader.Try(() => reader.Run.Evidence(layer, source, withPages[0].Unit)) is not null,
        };
    }

    /// <summary>A unit may stand in several rows, one a preset.</summary>
    private static Feature Unit(
        int unit, IEnumerable<FeatureRow> rows, IEnumerable<ExampleRow> examples, IEnumerable<AskedPicture> asked, UnitPictures places)
    {
        FeaturePicture[] made =
            [.. rows.DistinctBy(row => row.Preset).Select(row => (Row: row, Place: places.Of(row))).Where(one => one.Place is not null)
            .Select(one => new FeaturePicture(one.Row, one.Place!, places.RecordOf(one.Row)))];
        // One that was asked for and is there already is not shown twice.
        made = [.. made, .. asked.Where(one => !made.Any(other => other.Record?.SameRecipe(one.Record) == true))
            .Select(one => one.OfUnit(rows.FirstOrDefault()))];
        return new Feature
        {
            Unit = unit,
            Row = rows.FirstOrDefault(),
            Pictures = FeaturePicture.Sorted(made),
            Main = Array.Find(made, one => !one.IsNaive) ?? made.FirstOrDefault(),
            Examples = FeatureExample.Sorted(examples.Select(row => new FeatureExample(row, places.Crop(row), places.Heat(row)))),
        };
    }
}
