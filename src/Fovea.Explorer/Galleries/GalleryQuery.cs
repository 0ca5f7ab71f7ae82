using System.Globalization;

namespace Fovea.Explorer.Galleries;

/// <summary>What a gallery is asked for: an order, bounds of numbers, words, a page. All of it stands in the address.</summary>
public sealed record GalleryQuery
{
    /// <summary>Units on a page where the address does not say.</summary>
    public const int UsualSize = 60;

    /// <summary>Most units on a page.</summary>
    public const int LargestSize = 240;

    /// <summary>Most units that an address names: more would be no address.</summary>
    public const int MostUnits = 1000;

    private const int MostWords = 100;

    /// <summary>Nothing asked for: all units in the run's order.</summary>
    public static GalleryQuery All { get; } = new();

    /// <summary>The number that units are sorted by (<see cref="UnitNumber"/>); null: the run's order.</summary>
    public string? Sort { get; init; }

    /// <summary>Whether the largest stand first.</summary>
    public bool Descending { get; init; }

    /// <summary>The least that a number may be, by its key; what is not known is in no bounds.</summary>
    public IReadOnlyDictionary<string, double> Least { get; init; } = new SortedDictionary<string, double>(StringComparer.Ordinal);

    /// <summary>The most that a number may be.</summary>
    public IReadOnlyDictionary<string, double> Most { get; init; } = new SortedDictionary<string, double>(StringComparer.Ordinal);

    /// <summary>The units that were chosen one by one, by number; empty: all.</summary>
    public IReadOnlyList<int> Units { get; init; } = [];

    /// <summary>Words that a unit's number, class, factor, or the name and tags of its note must hold, each of them.</summary>
    public string Words { get; init; } = "";

    /// <summary>Whether units that notes hide are shown too.</summary>
    public bool Hidden { get; init; }

    /// <summary>The page, from 1.</summary>
    public int Page { get; init; } = 1;

    /// <summary>Units on a page.</summary>
    public int Size { get; init; } = UsualSize;

    /// <summary>Whether anything is left out.</summary>
    public bool Filters => Least.Count + Most.Count + Words.Length + Units.Count > 0;

    /// <summary>
    /// Reads a query such as <c>?sort=max&amp;desc=1&amp;min.density=0.1&amp;page=3</c>. What it cannot mean, as a number that nobody has, is as if it
    /// were not there: an address that was typed or comes from another run still shows a gallery.
    /// </summary>
    /// <param name="query">The query, escaped, with or without its question mark.</param>
    public static GalleryQuery Parse(string query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var least = new SortedDictionary<string, double>(StringComparer.Ordinal);
        var most = new SortedDictionary<string, double>(StringComparer.Ordinal);
        var units = new SortedSet<int>();
        GalleryQuery read = All;
        foreach ((string name, string value) in QueryPairs.Of(query))
        {
            read = name switch
            {
                "sort" when UnitNumber.Find(value) is not null => read with { Sort = value },
                "desc" => read with { Descending = value == "1" },
                "hidden" => read with { Hidden = value == "1" },
                "words" => read with { Words = value.Length > MostWords ? value[..MostWords] : value.Trim() },
                "page" when Whole(value, int.MaxValue) is { } page => read with { Page = page },
                "size" when Whole(value, LargestSize) is { } size => read with { Size = size },
                _ => read,
            };
            if (name.StartsWith("min.", StringComparison.Ordinal)) Bound(least, name[4..], value);
            else if (name.StartsWith("max.", StringComparison.Ordinal)) Bound(most, name[4..], value);
            // A form with boxes to tick says "unit" once for each.
            else if (name is "units" or "unit") units.UnionWith(value.Split(',').Select(Unit).OfType<int>());
        }
        return read with { Units = [.. units.Take(MostUnits)], Least = least, Most = most, Descending = read.Descending && read.Sort is not null };
    }

    /// <summary>The query as an address has it: empty, or with its question mark; equal queries are equal texts.</summary>
    public override string ToString()
    {
        var parts = new List<string>();
        if (Sort is not null) parts.Add($"sort={Sort}");
        if (Descending) parts.Add("desc=1");
        foreach ((string key, double value) in Least) parts.Add($"min.{key}={Written(value)}");
        foreach ((string key, double value) in Most) parts.Add($"max.{key}={Written(value)}");
        if (Units.Count > 0) parts.Add("units=" + string.Join(',', Units.Select(unit => unit.ToString(CultureInfo.InvariantCulture))));
        if (Words.Length > 0) parts.Add($"words={Uri.EscapeDataString(Words)}");
        if (Hidden) parts.Add("hidden=1");
        if (Size != UsualSize) parts.Add(string.Create(CultureInfo.InvariantCulture, $"size={Size}"));
        if (Page > 1) parts.Add(string.Create(CultureInfo.InvariantCulture, $"page={Page}"));
        return parts.Count == 0 ? "" : "?" + string.Join('&', parts);
    }

    /// <summary>A number as addresses and fields have it.</summary>
    public static string Written(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static void Bound(SortedDictionary<string, double> bounds, string key, string value)
    {
        if (UnitNumber.Find(key) is null || !double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double bound)) return;
        if (double.IsFinite(bound)) bounds[key] = bound;
    }

    private static int? Unit(string value) => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int unit) ? unit : null;

    private static int? Whole(string value, int most) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1 ? Math.Min(number, most) : null;
}
