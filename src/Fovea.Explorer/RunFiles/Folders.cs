namespace Fovea.Explorer.RunFiles;

/// <summary>Names in a folder, in an order that does not depend on the file system.</summary>
internal static class Folders
{
    /// <summary>Names of the sub-folders: those that <paramref name="first"/> lists first, in its order, then the others by name.</summary>
    public static IReadOnlyList<string> Of(string folder, IReadOnlyList<string>? first = null)
    {
        if (!Directory.Exists(folder)) return [];
        return Order(Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path)!), first ?? []);
    }

    /// <summary>Distinct names: those that <paramref name="first"/> lists first, in its order, then the others by name.</summary>
    public static IReadOnlyList<string> Order(IEnumerable<string> names, IReadOnlyList<string> first)
    {
        var rank = first.Distinct(StringComparer.Ordinal).Select((name, i) => (name, i)).ToDictionary(pair => pair.name, pair => pair.i, StringComparer.Ordinal);
        return [.. names.Distinct(StringComparer.Ordinal)
            .OrderBy(name => rank.GetValueOrDefault(name, int.MaxValue))
            .ThenBy(name => name, StringComparer.Ordinal)];
    }
}
