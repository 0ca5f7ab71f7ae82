namespace Fovea.Models;

/// <summary>Suggestions for a mistyped name.</summary>
internal static class Nearest
{
    /// <summary>
    /// The candidates with the fewest edits (insert, delete, replace) to <paramref name="name"/>, best first; ties keep their order.
    /// </summary>
    public static IEnumerable<string> To(string name, IEnumerable<string> candidates, int count = 5) =>
        candidates.OrderBy(candidate => Edits(name, candidate)).Take(count);

    private static int Edits(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
            }
        }
        return row[b.Length];
    }
}
