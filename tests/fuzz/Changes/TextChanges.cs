using System.Text;
using Fovea.Numerics;

namespace Fovea.Fuzz.Changes;

/// <summary>
/// Changes of texts that are made of numbers, words, texts in quotes and signs (JSON, TOML, CSV, headers): one of these is exchanged, cut
/// out, repeated, or put deeply into brackets.
/// </summary>
internal static class TextChanges
{
    private static readonly string[] Values =
    [
        "0", "-1", "1", "7", "4096", "65536", "2147483647", "4294967296", "9223372036854775807", "-9223372036854775808", "1e308", "-1e999", "0.5",
        "1e-400", "99999999999999999999999999", "null", "true", "false", "nan", "\"\"", "\"NaN\"", "[]", "{}", "[[]]", "\"\\ud800\"", "\"\u0000\"",
        "\"../../x\"", "\"\u202e\"", "1979-05-27", "'", "\"", "=", "\t",
    ];

    private const string Opening = "[{(", Closing = "]})";
    private const int Deepest = 3000;

    /// <summary>One change of a text in UTF-8.</summary>
    /// <param name="text">The text.</param>
    /// <param name="random">Draws the change.</param>
    public static byte[] Any(ReadOnlySpan<byte> text, CounterRandom random)
    {
        string old = Encoding.Latin1.GetString(text);
        List<(int Start, int Length)> parts = Parts(old);
        if (parts.Count == 0) return Encoding.Latin1.GetBytes(Values[random.NextInt(Values.Length)]);
        (int start, int length) = parts[random.NextInt(parts.Count)];
        (int otherStart, int otherLength) = parts[random.NextInt(parts.Count)];
        string put = random.NextInt(9) switch
        {
            0 or 1 => Latin1(Values[random.NextInt(Values.Length)]),
            2 or 3 => old.Substring(otherStart, otherLength),
            4 => "",
            5 => old.Substring(start, length) + old.Substring(Math.Min(start, otherStart), Math.Min(300, Math.Abs(otherStart - start) + 1)),
            6 when random.NextInt(20) == 0 => Deep(random),
            7 when length > 0 && char.IsAsciiDigit(old[start]) => ByteChanges.Extremes[random.NextInt(ByteChanges.Extremes.Length)].ToString(
                System.Globalization.CultureInfo.InvariantCulture),
            _ => Inside(old.Substring(start, length), random),
        };
        return Encoding.Latin1.GetBytes(string.Concat(old.AsSpan(0, start), put, old.AsSpan(start + length)));
    }

    private static string Deep(CounterRandom random)
    {
        int kind = random.NextInt(Opening.Length), depth = 1 + random.NextInt(Deepest);
        string inner = kind == 1 ? "\"a\":" : "";
        return string.Concat(Enumerable.Repeat(Opening[kind] + inner, depth)) + "1" + new string(Closing[kind], random.NextInt(2) * depth);
    }

    private static string Inside(string word, CounterRandom random)
    {
        int at = random.NextInt(word.Length + 1);
        char letter = (char)random.NextInt(random.NextInt(4) == 0 ? 256 : 128);
        return random.NextInt(3) switch
        {
            0 => word.Insert(at, letter.ToString()),
            1 when at < word.Length => word.Remove(at, 1),
            2 when at < word.Length => string.Concat(word.AsSpan(0, at), letter.ToString(), word.AsSpan(at + 1)),
            _ => word + word,
        };
    }

    // Words and numbers, texts in quotes with the quotes, other signs one by one.
    private static List<(int Start, int Length)> Parts(string text)
    {
        List<(int, int)> parts = [];
        for (int at = 0; at < text.Length;)
        {
            int start = at;
            if (IsWord(text[at])) while (at < text.Length && IsWord(text[at])) at++;
            else if (text[at] == '"') at = Math.Max(text.IndexOf('"', at + 1) + 1, at + 1);
            else at++;
            if (!char.IsWhiteSpace(text[start]) || text[start] is '\n' or '\t') parts.Add((start, at - start));
        }
        return parts;
    }

    private static bool IsWord(char letter) => char.IsLetterOrDigit(letter) || letter is '.' or '-' or '+' or '_';

    private static string Latin1(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
}
