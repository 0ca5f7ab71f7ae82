using System.Globalization;
using Fovea.Explorer.Components;
using Fovea.Explorer.Contents;
using Fovea.Explorer.Galleries;
using Fovea.Explorer.Relations;

namespace Fovea.Explorer.Search;

/// <summary>
/// Finds the units of a number, units like one (<c>like topk 9</c>, <c>like this</c>), what people wrote, classes with the units that they
/// drive, layers, dictionaries and sweeps. All words of a query must be found; capitals make no difference.
/// </summary>
internal sealed class SearchIndex
{
    /// <summary>Most hits of an answer.</summary>
    public const int Most = 40;

    /// <summary>Most letters of a query that are looked at.</summary>
    public const int MostLetters = 200;

    private readonly RunContents _run;
    private readonly FeatureSet[] _sets;
    private readonly Dictionary<int, List<(FeatureSet Set, int Units)>> _ofClass = [];

    public SearchIndex(RunContents run)
    {
        _run = run;
        _sets = [.. run.FeatureSets];
        foreach (FeatureSet set in _sets)
        {
            foreach (var group in set.Units.Where(unit => unit.Row?.TopClass is not null).CountBy(unit => unit.Row!.TopClass!.Value))
            {
                if (!_ofClass.TryGetValue(group.Key, out var sets)) _ofClass.Add(group.Key, sets = []);
                sets.Add((set, group.Value));
            }
        }
    }

    /// <summary>Looks for a query.</summary>
    /// <param name="query">What somebody typed.</param>
    /// <param name="notes">What people wrote, as it is now.</param>
    /// <param name="relations">Knows which units are alike; null: nobody does.</param>
    /// <param name="here">The unit whose page is asked from; null: another page is.</param>
    /// <param name="image">The image whose page is asked from; null: another page is.</param>
    public SearchAnswer Find(
        string query, NoteBook notes, RelationShelf? relations, (FeatureSet Set, Feature Unit)? here = null, string? image = null)
    {
        string text = query.Trim();
        if (text.Length > MostLetters) text = text[..MostLetters];
        string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0) return new SearchAnswer(text, [.. Here(here, image)], false);
        SearchHit[] found =
            [.. Like(words, notes, relations, here).Concat(Units(words, notes)).Concat(Notes(words, notes)).Concat(Places(words)).Concat(Classes(words)).Take(Most + 1)];
        return new SearchAnswer(text, [.. found.Take(Most)], found.Length > Most);
    }

    /// <summary>A number, with or without words of its source before it.</summary>
    private IEnumerable<SearchHit> Units(string[] words, NoteBook notes)
    {
        if (Number(words[^1]) is not { } number) yield break;
        foreach (FeatureSet set in Sources(words[..^1]))
            if (set.Find(number) is { } unit) yield return Hit("unit", set, unit, notes);
    }

    /// <summary>What can be asked of the page that somebody is on, before he has typed anything.</summary>
    private static IEnumerable<SearchHit> Here((FeatureSet Set, Feature Unit)? here, string? image)
    {
        Links links = Links.OnServer();
        if (here is var (set, unit))
            yield return new SearchHit("near", "Units like this one", $"by direction and by classes, {set.Layer}/{set.Source} {unit.Unit}",
                links.In(SearchPage.Address, "?q=" + Uri.EscapeDataString($"like {set.Layer}/{set.Source} {unit.Unit}")));
        if (image is not null)
            yield return new SearchHit("fires", "Units that fire on this image", "the strongest first", links.In(SearchPage.Address, "?q=" + Uri.EscapeDataString("on " + image)));
    }

    private IEnumerable<SearchHit> Like(string[] words, NoteBook notes, RelationShelf? relations, (FeatureSet Set, Feature Unit)? here)
    {
        if (relations is null || words.Length < 2 || !words[0].Equals("like", StringComparison.OrdinalIgnoreCase)) yield break;
        bool self = words[1].Equals("this", StringComparison.OrdinalIgnoreCase) && here is not null;
        if ((self ? here!.Value.Unit.Unit : Number(words[^1])) is not { } number) yield break;
        foreach (FeatureSet set in Sources(words[1..^1]).Where(set => set.Find(number) is not null).Where(_ => !self).Concat(self ? [here!.Value.Set] : []))
        {
            NearUnits near = relations.Of(set, number, _run.Layer(set.Layer)!);
            foreach (var one in near.ByDirection.Concat(near.ByClass).DistinctBy(one => one.Unit))
                if (set.Find(one.Unit) is { } unit)
                    yield return Hit("near", set, unit, notes) with { Detail = $"{Format.Number(one.Cosine)} near {set.UnitWord} {number}" };
        }
    }

    private IEnumerable<SearchHit> Notes(string[] words, NoteBook notes) =>
        notes.All.Where(note => words.All(word => Says(note, word))).Select(note => new SearchHit(
            "note", note.Name ?? $"{note.Source} {note.Unit}",
            string.Join(" · ", new[] { $"{note.Layer}/{note.Source} {note.Unit}", string.Join(", ", note.Tags), note.Text }.Where(part => !string.IsNullOrEmpty(part))),
            Links.OnServer().To(PageAddress.Feature(note.Layer, note.Source, note.Unit))));

    private IEnumerable<SearchHit> Places(string[] words)
    {
        Links links = Links.OnServer();
        return _run.Layers.Select(layer => (Title: layer.Name, Detail: "layer", Address: PageAddress.Layer(layer.Name)))
            .Concat(_run.Dictionaries.Select(one =>
                (Title: $"{one.Layer}/{one.Name}", Detail: $"dictionary, {one.Kind}", Address: PageAddress.Dictionary(one.Layer, one.Name))))
            .Concat(_run.Sweeps.Select(one => (Title: $"{one.Layer}/{one.Name}", Detail: "sweep", Address: PageAddress.Sweep(one.Layer, one.Name))))
            .Where(place => words.All(word => $"{place.Title} {place.Detail}".Contains(word, StringComparison.OrdinalIgnoreCase)))
            .Select(place => new SearchHit("place", place.Title, place.Detail, links.To(place.Address)));
    }

    /// <summary>Classes by their names, each with the galleries of the units that they drive most.</summary>
    private IEnumerable<SearchHit> Classes(string[] words)
    {
        Links links = Links.OnServer();
        foreach ((int index, var sets) in _ofClass.OrderBy(pair => pair.Key))
        {
            string name = _run.Model.ClassName(index);
            if (!words.All(word => name.Contains(word, StringComparison.OrdinalIgnoreCase))) continue;
            foreach ((FeatureSet set, int units) in sets)
                yield return new SearchHit("class", name, $"{Format.Counted(units, set.UnitWord)} of {set.Layer}/{set.Source}",
                    links.In(PageAddress.Gallery(set.Layer, set.Source), (GalleryQuery.All with { Words = name }).ToString()));
        }
    }

    private SearchHit Hit(string kind, FeatureSet set, Feature unit, NoteBook notes) => new(
        kind, $"{FeatureCard.Capital(set.UnitWord)} {unit.Unit}",
        string.Join(" · ", new[]
        {
            $"{set.Layer}/{set.Source}", notes.Of(set.Layer, set.Source, unit.Unit)?.Name,
            unit.Row?.TopClass is { } top ? _run.Model.ClassName(top) : null,
        }.OfType<string>()),
        Links.OnServer().To(PageAddress.Feature(set.Layer, set.Source, unit.Unit)));

    private IEnumerable<FeatureSet> Sources(string[] words) =>
        _sets.Where(set => words.All(word => $"{set.Layer}/{set.Source} {set.UnitWord}s".Contains(word, StringComparison.OrdinalIgnoreCase)));

    private static int? Number(string word) => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static bool Says(UnitNote note, string word) =>
        Has(note.Name, word) || Has(note.Text, word) || Has(note.Author, word) || note.Tags.Any(tag => Has(tag, word));

    private static bool Has(string? text, string word) => text?.Contains(word, StringComparison.OrdinalIgnoreCase) == true;
}
