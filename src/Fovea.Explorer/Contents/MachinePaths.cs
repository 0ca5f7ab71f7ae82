using System.Text;
using System.Text.RegularExpressions;

namespace Fovea.Explorer.Contents;

/// <summary>
/// Takes the machine out of paths: of files that lie somewhere on it only their names are shown, so that its pages are those of any other.
/// </summary>
internal static partial class MachinePaths
{
    // Where the resolved recipe's remarks begin, as far as the values before them leave room.
    private const int RemarkColumn = 44;

    /// <summary>A whole path becomes its last name; anything else stays, relative paths too.</summary>
    public static string Short(string text) => IsRooted(text) && FileName(text) is { Length: > 0 } name ? name : text;

    /// <summary>The last name of a path of either kind of system: a report may be made elsewhere than its run.</summary>
    public static string FileName(string path)
    {
        string trimmed = path.TrimEnd('/', '\\');
        return trimmed[(trimmed.LastIndexOfAny(['/', '\\']) + 1)..];
    }

    /// <summary>
    /// A command line without <c>--out DIR</c> (where a run lies says nothing about how to make it again) and with short paths.
    /// </summary>
    public static string InCommand(string line)
    {
        string[] words = [.. Words(line)];
        var kept = new List<string>();
        for (int i = 0; i < words.Length; i++)
        {
            if (words[i] is "--out" or "-o") i++;
            else if (!words[i].StartsWith("--out=", StringComparison.Ordinal))
                kept.Add(i == 0 ? Path.GetFileNameWithoutExtension(words[i]) : InWord(words[i]));
        }
        return string.Join(' ', kept.Select(Quoted));
    }

    /// <summary>A recipe's text with short paths in its strings, and in the remarks that say where values come from.</summary>
    public static string InRecipe(string toml) => string.Join('\n', toml.Split('\n').Select(InLine));

    // A description may begin with any letter.
    private static string InLine(string line)
    {
        if (line.StartsWith("description", StringComparison.Ordinal)) return line;
        string shown = SetRemark().Replace(InStrings(line), match => match.Groups[1].Value + InList(match.Groups[2].Value));
        return shown == line ? line : Setting().Replace(shown, match => match.Groups[1].Value.PadRight(RemarkColumn) + " # ");
    }

    /// <summary><c>key=path</c>, or a path.</summary>
    private static string InWord(string word)
    {
        int at = word.IndexOf('=', StringComparison.Ordinal);
        return at < 0 ? Short(word) : word[..(at + 1)] + InList(InStrings(word[(at + 1)..]));
    }

    /// <summary>Paths with commas, as <c>--set</c> takes them.</summary>
    private static string InList(string text) => string.Join(',', text.Split(',').Select(Short));

    private static string InStrings(string text) =>
        Strings().Replace(text, match => match.Value[..1] + Short(match.Value[1..^1]) + match.Value[..1]);

    private static bool IsRooted(string text) =>
        text.StartsWith('/') || text.StartsWith('\\') || text.StartsWith('~')
            || (text.Length > 2 && text[1] == ':' && (text[2] is '/' or '\\'));

    /// <summary>The words of a line in which single quotes hold some together.</summary>
    private static IEnumerable<string> Words(string line)
    {
        var word = new StringBuilder();
        bool quoted = false, begun = false;
        for (int i = 0; i < line.Length; i++)
        {
            char letter = line[i];
            if (letter == '\'') (quoted, begun) = (!quoted, true);
            else if (letter == ' ' && !quoted)
            {
                if (begun) yield return word.ToString();
                word.Clear();
                begun = false;
            }
            else
            {
                if (letter == '\\' && !quoted && i + 1 < line.Length && line[i + 1] == '\'') letter = line[++i];
                word.Append(letter);
                begun = true;
            }
        }
        if (begun) yield return word.ToString();
    }

    private static string Quoted(string word) =>
        word.Length > 0 && word.AsSpan().IndexOfAny(" '\"\\*?$&;|<>()[]{}`!#~") < 0
            ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    [GeneratedRegex("""
        "(?:[^"\\]|\\.)*"|'[^']*'
        """)]
    private static partial Regex Strings();

    [GeneratedRegex("(# --set [^=]+=)(.*)$")]
    private static partial Regex SetRemark();

    [GeneratedRegex(@"^(\w+ = .*?)\s+# ")]
    private static partial Regex Setting();
}
