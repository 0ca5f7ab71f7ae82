using Fovea.Explorer.Galleries;

namespace Fovea.Explorer.Contents;

/// <summary>The units of one source: the neurons of a layer or the latents of a dictionary.</summary>
public sealed record FeatureSet
{
    /// <summary>The layer.</summary>
    public required string Layer { get; init; }

    /// <summary><c>neurons</c>, or the dictionary's name.</summary>
    public required string Source { get; init; }

    private readonly Lock _lock = new();
    private readonly List<(string Query, NoteBook? Notes, UnitOrder Order)> _orders = [];
    private readonly Dictionary<int, Feature> _byNumber = [];
    private IReadOnlyList<Feature>? _inOrder, _shown;
    private VisibleOrder? _visible;
    private IReadOnlyList<UnitNumber>? _numbers;

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

    /// <summary>The unit of a number; null where there is none.</summary>
    public Feature? Find(int unit) => _byNumber.GetValueOrDefault(unit);

    /// <summary>All units in the run's order: those with pictures first, each part by its largest activations.</summary>
    public IReadOnlyList<Feature> InOrder => _inOrder ??= [.. Units.OrderByDescending(unit => unit.Main is { IsNaive: false })
        .ThenByDescending(unit => unit.Row?.Max ?? double.NegativeInfinity).ThenBy(unit => unit.Unit)];

    /// <summary>Those with pictures, the largest maximum first; this order is also that of "next" and "previous".</summary>
    public IReadOnlyList<Feature> Shown => _shown ??= [.. InOrder.Where(unit => unit.HasPage)];

    /// <summary>The numbers that some unit has.</summary>
    public IReadOnlyList<UnitNumber> Numbers => _numbers ??= [.. UnitNumber.All.Where(number => Units.Any(unit => number.Of(unit) is not null))];

    /// <summary>Those of <see cref="Shown"/> that no note hides.</summary>
    public IReadOnlyList<Feature> Visible(NoteBook notes)
    {
        ArgumentNullException.ThrowIfNull(notes);
        return notes.Hidden(Layer, Source) is { Count: > 0 } hidden ? [.. Shown.Where(unit => !hidden.Contains(unit.Unit))] : Shown;
    }

    /// <summary>The units that pass a query, in its order, without those that notes hide unless it asks for them.</summary>
    /// <param name="query">What is asked for; its page does not matter.</param>
    /// <param name="model">Names the classes that words are looked for in.</param>
    /// <param name="notes">What people wrote.</param>
    public UnitOrder Order(GalleryQuery query, ModelContents model, NoteBook notes)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(notes);
        UnitOrder all = Remembered(query with { Hidden = false }, model, query.Words.Length > 0 ? notes : null);
        return query.Hidden || notes.Hidden(Layer, Source) is not { Count: > 0 } hidden ? all : Without(all, hidden);
    }

    /// <summary>The last one is kept: a page asks three times, and a set of hidden units is another one as soon as a note is.</summary>
    private UnitOrder Without(UnitOrder order, IReadOnlySet<int> hidden)
    {
        if (_visible is { } last && ReferenceEquals(last.Order, order) && ReferenceEquals(last.Hidden, hidden)) return last.Left;
        UnitOrder left = order.Without(hidden);
        _visible = new VisibleOrder(order, hidden, left);
        return left;
    }

    /// <summary>The last few orders are kept, since who walks through units asks again and again.</summary>
    /// <param name="query">What is asked for.</param>
    /// <param name="model">Names the classes.</param>
    /// <param name="notes">What people wrote, where words are looked for in it; another book is another order.</param>
    private UnitOrder Remembered(GalleryQuery query, ModelContents model, NoteBook? notes)
    {
        const int Kept = 6;
        string key = (query with { Page = 1, Size = GalleryQuery.UsualSize }).ToString();
        lock (_lock)
        {
            int at = _orders.FindIndex(one => one.Query == key && ReferenceEquals(one.Notes, notes));
            if (at >= 0) return _orders[at].Order;
            var order = UnitOrder.Of(InOrder, query, model.ClassName, unit => notes?.Of(Layer, Source, unit));
            if (_orders.Count == Kept) _orders.RemoveAt(0);
            _orders.Add((key, notes, order));
            return order;
        }
    }

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
    internal static IReadOnlyList<(FeatureSet Set, Feature Unit)> Mosaic(IEnumerable<FeatureSet> sets, NoteBook notes, int most) =>
        [.. sets.SelectMany(set => set.Visible(notes).Where(unit => unit.Main is { IsNaive: false }).Select((unit, turn) => (set, unit, turn)))
            .OrderBy(one => one.set.IsNeurons).ThenBy(one => one.turn)
            .Take(most).Select(one => (one.set, one.unit))];

    /// <summary>The units of a source; null where it has no table.</summary>
    /// <param name="reader">The run, and what of it cannot be read.</param>
    /// <param name="pictures">Its pictures.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="source">The source.</param>
    /// <param name="asked">The pictures that were asked for on the layer.</param>
    /// <param name="whole">Whether every picture and every row is looked at now, so that what is wrong is told of at once; else when a page
    /// shows it.</param>
    internal static FeatureSet? Read(
        CarefulReader reader, RunPictures pictures, string layer, string source, IReadOnlyList<AskedPicture> asked, bool whole)
    {
        // The two tables at the same time; what is wrong with them is told of in the same order.
        Task<IExampleIndex?> opened = Task.Run(() => reader.Run.ExampleIndex(layer, source));
        IReadOnlyList<FeatureRow>? features = reader.Try(() => reader.Run.Features(layer, source));
        IExampleIndex? examples = reader.Try(() => opened.GetAwaiter().GetResult());
        if (features is null && examples is null) return null;
        var places = new UnitPictures(reader, RunLayout.Units(layer, source), RunLayout.Pictures(layer, source));
        if (whole) places.ReadNow();
        ILookup<int, FeatureRow> rows = (features ?? []).ToLookup(row => row.Unit);
        ILookup<int, AskedPicture> more = asked.Where(one => one.IsOfUnit && one.Record.Source == source)
            .ToLookup(one => one.Record.Unit);
        UnitExamples? exampleOf = examples is null ? null : new UnitExamples(reader, examples, places);
        Feature[] units =
            [.. rows.Select(group => group.Key).Union(examples?.Units ?? Enumerable.Empty<int>()).Union(more.Select(group => group.Key)).Order()
                .Select(unit => Unit(unit, rows[unit], exampleOf, examples?.Pictured.Contains(unit) == true, more[unit], places))];
        var set = new FeatureSet { Layer = layer, Source = source, Units = units };
        if (whole) pictures.Check(reader, units.SelectMany(Places));
        return set with
        {
            // A damaged file is told of on the first page and not asked again.
            HasEvidence = units.Length > 0 && (!whole || set.Shown.Count > 0)
                && reader.Try(() => reader.Run.Evidence(layer, source, whole ? set.Shown[0].Unit : units[0].Unit)) is not null,
        };
    }

    private sealed record VisibleOrder(UnitOrder Order, IReadOnlySet<int> Hidden, UnitOrder Left);

    private static IEnumerable<StoredPicture?> Places(Feature unit) => unit.Pictures.Select(one => one.Place)
        .Concat<StoredPicture?>(unit.Examples.SelectMany(one => new[] { one.Crop, one.Heat }));

    /// <summary>A unit may stand in several rows, one a preset.</summary>
    private static Feature Unit(
        int unit, IEnumerable<FeatureRow> rows, UnitExamples? examples, bool pictured, IEnumerable<AskedPicture> asked, UnitPictures places)
    {
        FeaturePicture[] made =
            [.. rows.DistinctBy(row => row.Preset).Select(row => (Row: row, Place: places.Of(row))).Where(one => one.Place is not null)
            .Select(one => new FeaturePicture(one.Row, one.Place!) { Maker = places.RecordOf })];
        // One that was asked for and is there already is not shown twice.
        made = [.. made, .. asked.Where(one => !made.Any(other => other.Record?.SameRecipe(one.Record) == true))
            .Select(one => one.OfUnit(rows.FirstOrDefault()))];
        return new Feature
        {
            Unit = unit,
            Row = rows.FirstOrDefault(),
            Pictures = FeaturePicture.Sorted(made),
            Main = Array.Find(made, one => !one.IsNaive) ?? made.FirstOrDefault(),
            ExamplesOf = examples,
            HasExamplePictures = pictured,
        };
    }
}
