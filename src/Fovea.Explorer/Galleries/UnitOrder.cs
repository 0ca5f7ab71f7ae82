using System.Globalization;
using Fovea.Explorer.Contents;

namespace Fovea.Explorer.Galleries;

/// <summary>The units of a source that pass a query, in its order: what a gallery shows page by page, and "next" and "previous" follow.</summary>
public sealed class UnitOrder
{
    private readonly Dictionary<int, int> _places;

    private UnitOrder(IReadOnlyList<Feature> units)
    {
        Units = units;
        _places = new Dictionary<int, int>(units.Count);
        for (int i = 0; i < units.Count; i++) _places[units[i].Unit] = i;
    }

    /// <summary>The units.</summary>
    public IReadOnlyList<Feature> Units { get; }

    /// <summary>The unit that stands so far after another one; null beyond the ends, and for a unit that the query leaves out.</summary>
    public Feature? Beside(int unit, int offset) =>
        _places.TryGetValue(unit, out int place) && place + offset is var at && at >= 0 && at < Units.Count ? Units[at] : null;

    /// <summary>The place of a unit, from 0; null where the query leaves it out.</summary>
    public int? PlaceOf(int unit) => _places.TryGetValue(unit, out int place) ? place : null;

    /// <summary>The same order without some units.</summary>
    internal UnitOrder Without(IReadOnlySet<int> units) => new([.. Units.Where(unit => !units.Contains(unit.Unit))]);

    /// <summary>The units of a page.</summary>
    public IEnumerable<Feature> OnPage(GalleryQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        int page = Math.Min(query.Page, Pages(query));
        return Units.Skip((page - 1) * query.Size).Take(query.Size);
    }

    /// <summary>How many pages there are; one of none.</summary>
    public int Pages(GalleryQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Math.Max(1, (Units.Count + query.Size - 1) / query.Size);
    }

    /// <summary>Sorts and filters.</summary>
    /// <param name="units">All units in the run's order.</param>
    /// <param name="query">What is asked for; its page does not matter.</param>
    /// <param name="className">The name of a class.</param>
    /// <param name="note">What people wrote of a unit.</param>
    internal static UnitOrder Of(IReadOnlyList<Feature> units, GalleryQuery query, Func<int?, string> className, Func<int, UnitNote?> note)
    {
        IEnumerable<Feature> passing = units;
        if (query.Units.Count > 0)
        {
            var chosen = query.Units.ToHashSet();
            passing = passing.Where(unit => chosen.Contains(unit.Unit));
        }
        foreach ((string key, double bound) in query.Least)
            if (UnitNumber.Find(key) is { } number) passing = passing.Where(unit => number.Of(unit) >= bound);
        foreach ((string key, double bound) in query.Most)
            if (UnitNumber.Find(key) is { } number) passing = passing.Where(unit => number.Of(unit) <= bound);
        string[] words = query.Words.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length > 0) passing = passing.Where(unit => Says(unit, words, className, note(unit.Unit)));
        if (query.Sort is null || UnitNumber.Find(query.Sort) is not { } by) return new UnitOrder([.. passing]);
        (Feature Unit, double Value)[] keyed = [.. passing.Select(unit => (unit, by.Of(unit) ?? double.NaN))];
        // What is not known stands last either way; equals stay in the run's order (both sorts are stable).
        var known = keyed.Where(one => !double.IsNaN(one.Value));
        var sorted = query.Descending ? known.OrderByDescending(one => one.Value) : known.OrderBy(one => one.Value);
        return new UnitOrder([.. sorted.Concat(keyed.Where(one => double.IsNaN(one.Value))).Select(one => one.Unit)]);
    }

    private static bool Says(Feature unit, string[] words, Func<int?, string> className, UnitNote? note)
    {
        string text = string.Create(
            CultureInfo.InvariantCulture, $"{unit.Unit} {className(unit.Row?.TopClass)} {unit.Row?.BestFactor}");
        if (note is not null) text = $"{text} {note.Name} {string.Join(' ', note.Tags)}";
        return words.All(word => text.Contains(word, StringComparison.OrdinalIgnoreCase));
    }
}
