using System.Globalization;

namespace Fovea.Site.Markup;

/// <summary>The anchors of one page's headings, as GitHub makes them: a link into a page works there and here.</summary>
internal sealed class Slugs
{
    private readonly HashSet<string> _taken = [];

    /// <summary>The next heading's anchor: small letters, digits, hyphens; the second of the same words ends in -1.</summary>
    /// <param name="heading">Its words.</param>
    public string Next(string heading)
    {
        string slug = string.Concat(heading.Trim().ToLowerInvariant().Where(Kept)).Replace(' ', '-'), free = slug;
        for (int i = 1; !_taken.Add(free); i++) free = $"{slug}-{i}";
        return free;
    }

    private static bool Kept(char letter) => char.IsLetterOrDigit(letter) || letter is ' ' or '-' or '_'
        || char.GetUnicodeCategory(letter) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
