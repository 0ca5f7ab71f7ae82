using System.Globalization;

namespace Fovea.Explorer;

/// <summary>What a page shows.</summary>
public enum PageKind
{
    /// <summary>The run: its first page.</summary>
    Home,

    /// <summary>A layer.</summary>
    Layer,

    /// <summary>A dictionary of a layer.</summary>
    Dictionary,

    /// <summary>A sweep of a layer.</summary>
    Sweep,

    /// <summary>The units of a layer or of a dictionary.</summary>
    Gallery,

    /// <summary>One unit.</summary>
    Feature,

    /// <summary>One image on which neurons and latents are compared.</summary>
    Comparison,

    /// <summary>A circuit that ends in a layer.</summary>
    Circuit,

    /// <summary>The words of the pages, explained.</summary>
    Glossary,

    /// <summary>A page that only the explorer has.</summary>
    Served,
}

/// <summary>
/// The place of a page among the pages of one run, as path segments: the one grammar of report files, of the explorer's addresses and, under
/// <c>/api</c>, of its JSON. The run itself · <c>l/LAYER</c> · <c>l/LAYER/s/DICTIONARY</c> · <c>…/g</c> and <c>…/f/UNIT</c> below a layer (its
/// neurons) or a dictionary (its latents) · <c>l/LAYER/w/SWEEP</c> · <c>l/LAYER/i/NUMBER</c> for an image ·
/// <c>l/LAYER/c/CIRCUIT</c> · <c>glossary</c>.
/// </summary>
public sealed record PageAddress
{
    private PageAddress(PageKind kind, string[] segments, string? layer = null, string? name = null, int number = 0) =>
        (Kind, Segments, LayerName, Name, Number) = (kind, segments, layer, name, number);

    /// <summary>What the page shows.</summary>
    public PageKind Kind { get; }

    /// <summary>The segments, not escaped.</summary>
    public IReadOnlyList<string> Segments { get; }

    /// <summary>The layer; null for the first page and those that only the explorer has.</summary>
    public string? LayerName { get; }

    /// <summary>The dictionary or <c>neurons</c>, or the sweep or circuit; null where there is none.</summary>
    public string? Name { get; }

    /// <summary>The unit, or the number of a comparison.</summary>
    public int Number { get; }

    /// <summary>The run's first page.</summary>
    public static PageAddress Home { get; } = new(PageKind.Home, []);

    /// <summary>The words of the pages, explained.</summary>
    public static PageAddress Glossary { get; } = new(PageKind.Glossary, ["glossary"]);

    /// <summary>A layer: its activations, neurons and dictionaries.</summary>
    public static PageAddress Layer(string layer) => new(PageKind.Layer, ["l", layer], layer);

    /// <summary>A dictionary and its latents.</summary>
    public static PageAddress Dictionary(string layer, string dictionary) =>
        new(PageKind.Dictionary, ["l", layer, "s", dictionary], layer, dictionary);

    /// <summary>Many dictionaries of a layer compared.</summary>
    public static PageAddress Sweep(string layer, string sweep) => new(PageKind.Sweep, ["l", layer, "w", sweep], layer, sweep);

    /// <summary>A unit: of the layer where <paramref name="source"/> is <c>neurons</c>, else of the dictionary of that name.</summary>
    public static PageAddress Feature(string layer, string source, int unit) =>
        new(PageKind.Feature, [.. Source(layer, source), "f", unit.ToString(CultureInfo.InvariantCulture)], layer, source, unit);

    /// <summary>All units with pictures, to be sorted and filtered: of the layer or of a dictionary, as <see cref="Feature"/>.</summary>
    public static PageAddress Gallery(string layer, string source) =>
        new(PageKind.Gallery, [.. Source(layer, source), "g"], layer, source);

    /// <summary>The units that one image drives most and least.</summary>
    public static PageAddress Comparison(string layer, int number) =>
        new(PageKind.Comparison, ["l", layer, "i", number.ToString(CultureInfo.InvariantCulture)], layer, number: number);

    /// <summary>A circuit, below its later layer.</summary>
    public static PageAddress Circuit(string layer, string circuit) => new(PageKind.Circuit, ["l", layer, "c", circuit], layer, circuit);

    /// <summary>A page that only the explorer has, below the first letter or word of one of its features.</summary>
    /// <param name="segments">Its segments, not escaped; the first is not <c>l</c>, which is the run's.</param>
    public static PageAddress Served(params string[] segments)
    {
        ArgumentNullException.ThrowIfNull(segments);
        if (segments.Length == 0 || segments[0] is "l" or "glossary") throw new ArgumentException("These segments are the run's own.", nameof(segments));
        return new PageAddress(PageKind.Served, segments);
    }

    /// <summary>The address of a path such as <c>/l/block4/s/topk/f/9</c>; null where the grammar has none such.</summary>
    /// <param name="path">The path as it stands in a request, escaped; one slash at its end makes no difference.</param>
    public static PageAddress? Parse(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.StartsWith('/')) path = path[1..];
        if (path.Length == 0) return Home;
        if (path.EndsWith('/')) path = path[..^1];
        string[] parts = [.. path.Split('/').Select(Uri.UnescapeDataString)];
        if (!parts.All(IsSegment)) return null;
        return parts switch
        {
            ["glossary"] => Glossary,
            ["l", var layer] => Layer(layer),
            ["l", var layer, "g"] => Gallery(layer, RunLayout.Neurons),
            ["l", var layer, "f", var unit] when Whole(unit) is { } number => Feature(layer, RunLayout.Neurons, number),
            ["l", var layer, "i", var image] when Whole(image) is { } number => Comparison(layer, number),
            ["l", var layer, "w", var sweep] => Sweep(layer, sweep),
            ["l", var layer, "c", var circuit] => Circuit(layer, circuit),
            ["l", _, "s", RunLayout.Neurons, ..] => null,
            ["l", var layer, "s", var dictionary] => Dictionary(layer, dictionary),
            ["l", var layer, "s", var dictionary, "g"] => Gallery(layer, dictionary),
            ["l", var layer, "s", var dictionary, "f", var unit] when Whole(unit) is { } number => Feature(layer, dictionary, number),
            _ => null,
        };
    }

    /// <summary>Compares by segments.</summary>
    public bool Equals(PageAddress? other) => other is not null && Segments.SequenceEqual(other.Segments);

    /// <inheritdoc/>
    public override int GetHashCode() => Segments.Aggregate(17, (hash, segment) => HashCode.Combine(hash, segment));

    private static string[] Source(string layer, string source) => source == RunLayout.Neurons ? ["l", layer] : ["l", layer, "s", source];

    /// <summary>Whether a segment can be the name of anything in a run.</summary>
    private static bool IsSegment(string text) => text is not ("" or "." or "..") && text.AsSpan().IndexOfAny('/', '\\', '\0') < 0;

    /// <summary>A number as it is written, in one way only.</summary>
    private static int? Whole(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        && number.ToString(CultureInfo.InvariantCulture) == text ? number : null;
}
