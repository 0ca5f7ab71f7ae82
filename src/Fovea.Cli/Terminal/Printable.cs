using System.Globalization;
using System.Text;

namespace Fovea.Cli.Terminal;

/// <summary>
/// Words from files as they may go to a terminal: names of layers may hold anything, and what a terminal takes for an order, or a line's
/// end in a table, is written as its number.
/// </summary>
internal static class Printable
{
    /// <summary>A name in one line: <c>a\u000Ab</c>.</summary>
    public static string Name(string text) => Escaped(text, _ => false);

    /// <summary>A message, which may have several lines.</summary>
    public static string Lines(string text) => Escaped(text, letter => letter is '\n' or '\r' or '\t');

    private static string Escaped(string text, Func<char, bool> kept)
    {
        if (!text.Any(letter => IsOrder(letter) && !kept(letter))) return text;
        var escaped = new StringBuilder(text.Length + 8);
        foreach (char letter in text)
        {
            if (IsOrder(letter) && !kept(letter)) escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:X4}");
            else escaped.Append(letter);
        }
        return escaped.ToString();
    }

    /// <summary>Control characters, and marks that turn the direction of what follows.</summary>
    private static bool IsOrder(char letter) =>
        char.IsControl(letter) || letter is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\u2028' or '\u2029';
}
