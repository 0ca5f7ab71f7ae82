namespace Fovea;

/// <summary>"Did you mean": the nearest of the known words.</summary>
public static class Suggestions
{
    /// <summary>The nearest word within a third of its length in edits (at least one), or null.</summary>
    /// <param name="word">As it was written.</param>
    /// <param name="known">Words that exist.</param>
    public static string? Nearest(string word, IEnumerable<string> known)
    {
        string? best = null;
        int bestDistance = int.MaxValue;
        foreach (string candidate in known)
        {
            int distance = Distance(word.ToLowerInvariant(), candidate.ToLowerInvariant());
            // A word cut short or prolonged is meant more often than its count of edits says.
            bool prefix = word.Length >= 3 && candidate.Length >= 3
                && (candidate.StartsWith(word, StringComparison.OrdinalIgnoreCase)
                    || word.StartsWith(candidate, StringComparison.OrdinalIgnoreCase));
            if (prefix) distance = Math.Min(distance, 1);
            if (distance <= Math.Max(1, Math.Max(word.Length, candidate.Length) / 3) && distance < bestDistance)
                (best, bestDistance) = (candidate, distance);
        }
        return best;
    }

    /// <summary>" Did you mean 'x'?", or the known words where none is near.</summary>
    /// <param name="word">As it was written.</param>
    /// <param name="known">Words that exist.</param>
    public static string Sentence(string word, IReadOnlyCollection<string> known) =>
        Nearest(word, known) is { } near ? $" Did you mean '{near}'?" : known.Count == 0 ? "" : $" Known: {string.Join(", ", known)}.";

    /// <summary>Edits between two words: insert, delete, replace, swap of neighbours (optimal string alignment).</summary>
    internal static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++) rows[i, 0] = i;
        for (int j = 0; j <= b.Length; j++) rows[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int cost = a[i - 1] == b[j - 1] ? 0 : 1;
                rows[i, j] = Math.Min(Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1), rows[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        }
        return rows[a.Length, b.Length];
    }
}
