using System.Security.Cryptography;
using System.Text;

namespace Fovea.IO;

/// <summary>
/// The one way in which a word that somebody chose (a layer, a dictionary, a label, a filter) becomes a segment of a path. What is accepted
/// is one folder's or file's name on every file system that Fovea runs on, so that a run made on one can be read on another, and never
/// leads out of the folder it is put into.
/// </summary>
public static class SafeName
{
    /// <summary>Most characters of a name: suffixes are added to it, and file systems take 255 bytes.</summary>
    public const int LongestCharacters = 120;

    /// <summary>Most bytes of a name in UTF-8.</summary>
    public const int LongestBytes = 200;

    private const int HashDigits = 16;

    /// <summary>What Windows and its network shares take in no name, beside control characters.</summary>
    private const string Forbidden = "/\\:*?\"<>|";

    private static readonly string[] Reserved = ["con", "prn", "aux", "nul", "conin$", "conout$"];

    /// <summary>Why a word cannot be a segment of a path; null where it can.</summary>
    /// <param name="name">The word.</param>
    /// <returns>A clause such as <c>it holds '/'</c>, to stand after what names the word.</returns>
    public static string? Problem(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length == 0) return "it is empty";
        foreach (Rune rune in name.EnumerateRunes())
        {
            // What a lone half of a surrogate pair is read as; the character itself has no use in a name either.
            if (rune == Rune.ReplacementChar) return "it holds characters that are no text";
            if (rune.IsAscii && Forbidden.Contains((char)rune.Value, StringComparison.Ordinal)) return $"it holds '{rune}'";
            if (IsInvisible(rune)) return $"it holds a character that is not shown (U+{rune.Value:X4})";
        }
        if (name is "." or "..") return $"it is '{name}', a folder itself or the one above it";
        if (name[0] == '.') return "it begins with a dot";
        if (name[^1] == '.') return "it ends with a dot, which Windows drops";
        if (char.IsWhiteSpace(name[0]) || char.IsWhiteSpace(name[^1])) return "it begins or ends with a space";
        if (name.Length > LongestCharacters) return $"it has {name.Length} characters, and {LongestCharacters} are the most";
        if (Encoding.UTF8.GetByteCount(name) is > LongestBytes and var bytes)
            return $"it has {bytes} bytes, and {LongestBytes} are the most";
        return IsReserved(name) ? "it is a name that Windows keeps for a device" : null;
    }

    /// <summary>The word itself, which has been found to be a name.</summary>
    /// <param name="name">The word.</param>
    /// <param name="what">What it names, for the message: <c>a layer</c>.</param>
    /// <exception cref="FoveaException">Configuration: it cannot be a segment of a path (<see cref="Problem"/>).</exception>
    public static string Require(string name, string what) => Problem(name) is { } problem
        ? throw FoveaException.BadConfiguration($"{Shown(name)} cannot name {what}: {problem}, and it becomes a folder or a file.")
        : name;

    /// <summary>A path of names below a folder.</summary>
    /// <param name="folder">Where it begins; taken as it is.</param>
    /// <param name="names">The segments.</param>
    /// <exception cref="FoveaException">Configuration: one cannot be a segment of a path.</exception>
    public static string Combine(string folder, params ReadOnlySpan<string> names)
    {
        ArgumentNullException.ThrowIfNull(folder);
        foreach (string name in names) folder = Path.Combine(folder, Require(name, "part of a path"));
        return folder;
    }

    /// <summary>
    /// A name for a text that nobody chose to be one, such as the id of an image: the text where it is a name, else what of it can stand,
    /// and a hash of the whole, so that two texts do not meet in one name.
    /// </summary>
    /// <param name="text">Any text.</param>
    public static string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Problem(text) is null) return text;
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..HashDigits];
        var kept = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (kept.Length >= LongestCharacters / 2) break;
            kept.Append(rune.IsAscii && (char.IsAsciiLetterOrDigit((char)rune.Value) || rune.Value is '-') ? (char)rune.Value : '_');
        }
        return $"{kept.ToString().Trim('_')}-{hash}".TrimStart('-');
    }

    /// <summary>
    /// Two of the names that one file system or another takes for the same, as <c>a</c> and <c>A</c>; null where there are none.
    /// </summary>
    /// <param name="names">Names that stand in one folder.</param>
    public static (string First, string Second)? Collision(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var seen = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string name in names)
        {
            // macOS takes composed and decomposed letters for the same; what is no text is refused elsewhere and cannot be normalised.
            string key = Problem(name) is null ? name.Normalize(NormalizationForm.FormC) : name;
            if (!seen.TryAdd(key, name)) return (seen[key], name);
        }
        return null;
    }

    /// <summary>The word for a message: in quotes, without control characters, not longer than a line.</summary>
    private static string Shown(string name)
    {
        const int Longest = 60;
        string plain = string.Concat(name.EnumerateRunes().Select(rune => IsInvisible(rune) ? "\uFFFD" : rune.ToString()));
        return plain.Length <= Longest ? $"'{plain}'" : $"'{plain[..Longest]}…'";
    }

    private static bool IsInvisible(Rune rune) => Rune.GetUnicodeCategory(rune) is
        System.Globalization.UnicodeCategory.Control or System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.LineSeparator
        or System.Globalization.UnicodeCategory.ParagraphSeparator or System.Globalization.UnicodeCategory.PrivateUse or System.Globalization.UnicodeCategory.OtherNotAssigned;

    /// <summary>Windows takes these for devices with every ending, and with spaces before it.</summary>
    private static bool IsReserved(string name)
    {
        string stem = name.Split('.', 2)[0].TrimEnd().ToLowerInvariant();
        return Reserved.Contains(stem)
            || (stem.Length == 4 && stem[..3] is "com" or "lpt" && stem[3] is (>= '0' and <= '9') or '¹' or '²' or '³');
    }
}
