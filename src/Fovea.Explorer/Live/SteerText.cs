using System.Globalization;
using Fovea.Interventions.Studies;

namespace Fovea.Explorer.Live;

/// <summary>
/// Changes as an address has them, with commas between: <c>12:0</c> multiplies unit 12 by 0, <c>12:set2.5</c> sets it, <c>12:add0.5</c> adds to
/// it; <c>12:set1max</c> and <c>12:set1p999</c> count in the unit's largest activation and in its 99.9th percentile. <c>12:0@3.4@3.5</c> does it at
/// rows and columns. Units are those of the page's layer and source, those of others stand as <c>layer2/topk/12:0</c>.
/// </summary>
internal static class SteerText
{
    /// <summary>Letters of a list; more is no address.</summary>
    private const int MostLetters = 16_384;

    private const string Max = "max", P999 = "p999";

    /// <summary>Reads a list.</summary>
    /// <param name="text">The list; null or empty: none.</param>
    /// <param name="layer">The page's layer.</param>
    /// <param name="source">The page's source.</param>
    /// <exception cref="FoveaException">Configuration: it is no such list.</exception>
    public static IReadOnlyList<SteerEdit> Parse(string? text, string layer, string source)
    {
        if (string.IsNullOrWhiteSpace(text)) return [];
        if (text.Length > MostLetters) throw Bad($"{text[..20]}…", "it is too long");
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length > ImageStudy.MostChanges)
            throw FoveaException.BadConfiguration(
                $"{parts.Length} changes at a time: at most {ImageStudy.MostChanges} are made together.");
        return [.. parts.Select(part => One(part, layer, source))];
    }

    /// <summary>Writes a list.</summary>
    public static string Format(IReadOnlyList<SteerEdit> edits, string layer, string source) =>
        string.Join(',', edits.Select(edit => Format(edit, layer, source)));

    /// <summary>Writes a number so that it is read as the same.</summary>
    public static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Format(SteerEdit edit, string layer, string source)
    {
        string where = (edit.Layer, edit.Source) == (layer, source) ? ""
            : $"{Uri.EscapeDataString(edit.Layer)}/{Uri.EscapeDataString(edit.Source)}/";
        string kind = edit.Kind switch { SteerKind.Set => "set", SteerKind.Add => "add", _ => "" };
        string of = edit.Of switch { SteerMeasure.Max => Max, SteerMeasure.P999 => P999, _ => "" };
        string at = string.Concat((edit.Positions ?? []).Select(one => string.Create(CultureInfo.InvariantCulture, $"@{one.Y}.{one.X}")));
        return string.Create(CultureInfo.InvariantCulture, $"{where}{edit.Unit}:{kind}{Number(edit.Amount)}{of}{at}");
    }

    private static SteerEdit One(string part, string layer, string source)
    {
        string[] path = part.Split('/');
        if (path.Length is not (1 or 3)) throw Bad(part, "a layer and a source stand before a unit as layer/source/unit");
        if (path.Length == 3) (layer, source) = (Uri.UnescapeDataString(path[0]), Uri.UnescapeDataString(path[1]));
        string[] pieces = path[^1].Split('@');
        string[] change = pieces[0].Split(':');
        if (change.Length != 2 || !int.TryParse(change[0], NumberStyles.None, CultureInfo.InvariantCulture, out int unit))
            throw Bad(part, "it must be a unit's number, a colon and what becomes of it");
        string amount = change[1];
        SteerKind kind = SteerKind.Scale;
        foreach (SteerKind one in (SteerKind[])[SteerKind.Set, SteerKind.Add])
        {
            string word = one == SteerKind.Set ? "set" : "add";
            if (amount.StartsWith(word, StringComparison.Ordinal)) (kind, amount) = (one, amount[word.Length..]);
        }
        SteerMeasure of = SteerMeasure.Value;
        if (kind != SteerKind.Scale && amount.EndsWith(Max, StringComparison.Ordinal))
            (of, amount) = (SteerMeasure.Max, amount[..^Max.Length]);
        else if (kind != SteerKind.Scale && amount.EndsWith(P999, StringComparison.Ordinal))
            (of, amount) = (SteerMeasure.P999, amount[..^P999.Length]);
        if (!double.TryParse(amount, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) || !double.IsFinite(value))
            throw Bad(part, $"'{amount}' is no number");
        return new SteerEdit(layer, source, unit, kind, value, of, pieces.Length == 1 ? null : [.. pieces.Skip(1).Select(At)]);

        (int, int) At(string text) => Cell(text) ?? throw Bad(part, $"'{text}' is no row and column with a point between");
    }

    /// <summary>A row and a column with a point between; null where it is none.</summary>
    public static (int Y, int X)? Cell(string? text)
    {
        string[] both = (text ?? "").Split('.');
        return both.Length == 2 && int.TryParse(both[0], NumberStyles.None, CultureInfo.InvariantCulture, out int y)
            && int.TryParse(both[1], NumberStyles.None, CultureInfo.InvariantCulture, out int x) ? (y, x) : null;
    }

    private static FoveaException Bad(string part, string why) => FoveaException.BadConfiguration(
        $"The change '{(part.Length > 60 ? part[..60] + "…" : part)}' cannot be read: {why}. Changes look like 12:0 or 12:set1max@3.4.");
}
