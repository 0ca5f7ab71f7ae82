using System.Globalization;

namespace Fovea.Explorer;

/// <summary>
/// The place of a page or file among the pages of one run, as path segments. The grammar (docs/decisions/0008-report.md):
/// the run itself · <c>m/LAYER</c> · <c>s/LAYER/DICTIONARY</c> · <c>w/LAYER/SWEEP</c> · <c>…/g</c> and <c>…/f/UNIT</c> below a layer or
/// dictionary · <c>i/LAYER/NUMBER</c> for an image.
/// </summary>
public sealed record PageAddress
{
    private PageAddress(params string[] segments) => Segments = segments;

    /// <summary>The segments, not escaped.</summary>
    public IReadOnlyList<string> Segments { get; }

    /// <summary>The run's first page.</summary>
    public static PageAddress Home { get; } = new();

    /// <summary>A layer: its activations, neurons and dictionaries.</summary>
    public static PageAddress Layer(string layer) => new("m", layer);

    /// <summary>A dictionary and its latents.</summary>
    public static PageAddress Dictionary(string layer, string dictionary) => new("s", layer, dictionary);

    /// <summary>Many dictionaries of a layer compared.</summary>
    public static PageAddress Sweep(string layer, string sweep) => new("w", layer, sweep);

    /// <summary>A unit: of the layer where <paramref name="source"/> is <c>neurons</c>, else of the dictionary of that name.</summary>
    public static PageAddress Feature(string layer, string source, int unit) => source == "neurons"
        ? new("m", layer, "f", unit.ToString(CultureInfo.InvariantCulture))
        : new("s", layer, source, "f", unit.ToString(CultureInfo.InvariantCulture));

    /// <summary>All units with pictures, to be sorted and filtered: of the layer or of a dictionary, as <see cref="Feature"/>.</summary>
    public static PageAddress Gallery(string layer, string source) =>
        source == "neurons" ? new("m", layer, "g") : new("s", layer, source, "g");

    /// <summary>The units that one image drives most and least.</summary>
    public static PageAddress Comparison(string layer, int number) => new("i", layer, number.ToString(CultureInfo.InvariantCulture));

    /// <summary>Compares by segments.</summary>
    public bool Equals(PageAddress? other) => other is not null && Segments.SequenceEqual(other.Segments);

    /// <inheritdoc/>
    public override int GetHashCode() => Segments.Aggregate(17, (hash, segment) => HashCode.Combine(hash, segment));
}
