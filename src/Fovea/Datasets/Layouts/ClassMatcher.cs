namespace Fovea.Datasets;

/// <summary>
/// Finds the class that a folder's name means: the same name; else, where exactly one class fits, the same number however it is padded
/// (<c>007</c> for <c>7</c>) or the same name in another case. What was matched in such a way is kept for a note.
/// </summary>
internal sealed class ClassMatcher
{
    private readonly ClassList _classes;
    private readonly Dictionary<string, int> _loose = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _guessed = new(StringComparer.Ordinal);

    public ClassMatcher(ClassList classes)
    {
        _classes = classes;
        for (int i = 0; i < classes.Count; i++)
        {
            string key = Key(classes[i].Id);
            _loose[key] = _loose.ContainsKey(key) ? -1 : i;
        }
    }

    /// <summary>Folder names that were matched though they are written in another way, with the class ids they were taken for.</summary>
    public IReadOnlyDictionary<string, string> Guessed => _guessed;

    /// <summary>The class, or −1.</summary>
    public int Find(string folder)
    {
        int exact = _classes.IndexOf(folder);
        if (exact >= 0) return exact;
        int loose = _loose.GetValueOrDefault(Key(folder), -1);
        if (loose >= 0) _guessed[folder] = _classes[loose].Id;
        return loose;
    }

    /// <summary>Numbers without their padding, other names without their case.</summary>
    internal static string Key(string id) =>
        id.Length > 0 && id.All(char.IsAsciiDigit) ? "#" + id.TrimStart('0') : id.ToLowerInvariant();
}
