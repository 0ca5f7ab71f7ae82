using System.Globalization;

namespace Fovea.Runs;

/// <summary>
/// One of several processes that work on one run. Which parts it makes is not fixed: it starts at its place among the parts and takes what
/// is free, so any number of workers may join at any time, with any numbers.
/// </summary>
/// <param name="Number">Which it is, from 1.</param>
/// <param name="Of">Of how many.</param>
public sealed record RunWorker(int Number, int Of)
{
    /// <summary>A worker alone.</summary>
    public static RunWorker Alone { get; } = new(1, 1);

    /// <summary>
    /// How long a part stays this worker's without a sign of life, for workers on other machines; on the same machine the end of a process
    /// is known at once.
    /// </summary>
    public TimeSpan Lease { get; init; } = Graph.ClaimFile.StandardLease;

    /// <summary>Whether it waits, where nothing is free, for what others are making, and goes on then.</summary>
    public bool Waits { get; init; }

    /// <summary>Reads <c>i/N</c>.</summary>
    /// <param name="text">Such as <c>3/8</c>.</param>
    /// <returns>The worker; null where the text is none, or i is not from 1 to N.</returns>
    public static RunWorker? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] words = text.Split('/');
        return words.Length == 2 && int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int of) && number >= 1 && number <= of
            ? new RunWorker(number, of) : null;
    }

    /// <summary>The part it tries first, of so many.</summary>
    internal int FirstOf(int parts) => (int)((long)parts * (Number - 1) / Of);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number}/{Of}");
}
