namespace Fovea.Datasets;

/// <summary>How WordNet's ids are written: <c>n01440764</c>.</summary>
internal static class WordNet
{
    private const int Length = 9;

    /// <summary>Whether a name is an id of WordNet.</summary>
    public static bool IsId(ReadOnlySpan<char> name)
    {
        if (name.Length != Length || name[0] != 'n') return false;
        foreach (char digit in name[1..])
        {
            if (!char.IsAsciiDigit(digit)) return false;
        }
        return true;
    }
}
