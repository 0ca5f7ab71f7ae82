using System.Text;
using System.Text.Json.Serialization;
using Fovea.IO;

namespace Fovea.Documents;

/// <summary>A person's note on a unit: a name, tags, a rating, a text. An empty one is what is left of one that was taken back.</summary>
/// <param name="Layer">The unit's layer.</param>
/// <param name="Source"><c>neurons</c>, or a dictionary's name.</param>
/// <param name="Unit">Channel or latent.</param>
public sealed record UnitNote(string Layer, string Source, int Unit)
{
    /// <summary>Most characters of a name.</summary>
    public const int LongestName = 200;

    /// <summary>Most characters of a text.</summary>
    public const int LongestText = 10_000;

    /// <summary>Most tags of a unit.</summary>
    public const int MostTags = 32;

    /// <summary>Most characters of a tag.</summary>
    public const int LongestTag = 64;

    /// <summary>The highest rating; the lowest is 1.</summary>
    public const int HighestRating = 5;

    /// <summary>1 for the first time that it was written, one more each time: who changes a note says which one he has seen.</summary>
    public int Revision { get; init; }

    /// <summary>What the unit is called; null where nobody named it.</summary>
    public string? Name { get; init; }

    /// <summary>Words to find it by, without order.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>From 1, says nothing, to 5, one clear thing; null where nobody rated it.</summary>
    public int? Rating { get; init; }

    /// <summary>Whether galleries leave it out.</summary>
    public bool Hidden { get; init; }

    /// <summary>More about it; null for none.</summary>
    public string? Text { get; init; }

    /// <summary>Who wrote it; null unless given.</summary>
    public string? Author { get; init; }

    /// <summary>When, in words or as a date; null unless given.</summary>
    public string? Written { get; init; }

    /// <summary>What it is about, to be compared.</summary>
    [JsonIgnore]
    public (string Layer, string Source, int Unit) Subject => (Layer, Source, Unit);

    /// <summary>What it is about, in words.</summary>
    [JsonIgnore]
    public string Title => $"unit {Unit} of {Layer}/{Source}";

    /// <summary>Whether it says nothing.</summary>
    [JsonIgnore]
    public bool IsEmpty => Name is null && Tags.Count == 0 && Rating is null && !Hidden && Text is null;

    /// <summary>The same note as it is kept: no space around words, no empty ones, each tag once, tags in order.</summary>
    public UnitNote Tidy() => this with
    {
        Name = Word(Name),
        Tags = [.. Tags.Select(Word).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal)],
        Text = Word(Text?.ReplaceLineEndings("\n")),
        Author = Word(Author),
        Written = Word(Written),
    };

    /// <summary>Whether it says the same as another, whoever wrote it and however often.</summary>
    public bool SaysTheSame(UnitNote other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Subject == other.Subject && Name == other.Name && Tags.SequenceEqual(other.Tags) && Rating == other.Rating
            && Hidden == other.Hidden && Text == other.Text && Author == other.Author && Written == other.Written;
    }

    /// <summary>Why it cannot be kept, as a clause; null where it can.</summary>
    public string? Problem()
    {
        if ((SafeName.Problem(Layer) ?? SafeName.Problem(Source)) is { } name) return name;
        if (Unit < 0) return $"there is no unit {Unit}";
        if (Revision < 0) return $"its revision is {Revision}";
        if (Rating is < 1 or > HighestRating) return $"a rating is 1 to {HighestRating}, not {Rating}";
        if (Tags.Count > MostTags) return $"it has {Tags.Count} tags, and {MostTags} are the most";
        if (Tags.FirstOrDefault(tag => tag.Contains(';', StringComparison.Ordinal)) is { } tag) return $"the tag '{tag}' holds a semicolon";
        return Long("name", Name, LongestName) ?? Long("author", Author, LongestName) ?? Long("date", Written, LongestTag)
            ?? Long("text", Text, LongestText) ?? Tags.Select(one => Long("tag", one, LongestTag)).FirstOrDefault(one => one is not null);
    }

    private static string? Word(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static string? Long(string what, string? text, int most)
    {
        if (text is null) return null;
        if (text.Length > most) return $"its {what} has {text.Length} characters, and {most} are the most";
        foreach (Rune one in text.EnumerateRunes())
        {
            if (one == Rune.ReplacementChar) return $"its {what} holds characters that are no text";
            if (Rune.IsControl(one) && !(what == "text" && one.Value is '\n' or '\t')) return $"its {what} holds a control character";
        }
        return null;
    }
}
