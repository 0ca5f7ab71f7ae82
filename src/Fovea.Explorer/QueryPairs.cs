namespace Fovea.Explorer;

/// <summary>The names and values of a query, unescaped as forms escape them: a plus is a space.</summary>
internal static class QueryPairs
{
    public static IEnumerable<(string Name, string Value)> Of(string query) =>
        query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split('=', 2))
            .Where(part => part.Length == 2).Select(part => (Plain(part[0]), Plain(part[1])));

    private static string Plain(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
