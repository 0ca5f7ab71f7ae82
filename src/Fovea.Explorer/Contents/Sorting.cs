namespace Fovea.Explorer.Contents;

/// <summary>Names in the order of a recipe.</summary>
internal static class Sorting
{
    /// <summary>Distinct names: those that <paramref name="first"/> lists first, in its order, then the others by name.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<string> names, IReadOnlyList<string> first)
    {
        var rank = first.Distinct(StringComparer.Ordinal).Select((name, i) => (name, i))
            .ToDictionary(pair => pair.name, pair => pair.i, StringComparer.Ordinal);
        return [.. names.Distinct(StringComparer.Ordinal)
            .OrderBy(name => rank.GetValueOrDefault(name, int.MaxValue))
            .ThenBy(name => name, StringComparer.Ordinal)];
    }
}
