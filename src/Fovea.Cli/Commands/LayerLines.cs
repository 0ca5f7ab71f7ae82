using System.Globalization;
using Fovea.IO;
using Fovea.Numerics;

namespace Fovea.Cli.Commands;

/// <summary>A table of layers as Markdown and for spreadsheets.</summary>
internal static class LayerLines
{
    private static readonly (string Title, Func<LayerRow, string> Cell)[] Columns =
    [
        ("run", row => row.Run), ("network", row => row.Network), ("layer", row => $"`{row.Layer}`"), ("units", row => row.Source),
        ("n", row => Whole(row.Units)), ("L0", row => Number(row.L0, "0.#")), ("FVU", row => Number(row.Fvu, "0.000")),
        ("dead, %", row => Percent(row.DeadFraction)), ("top-1, %", row => Percent(row.Top1)),
        ("top-1 lost, points (95 %)", row => Difference(row.Top1Lost, 100, "0.0")),
        ("cosine of the answer (95 %)", row => Difference(row.Cosine, 1, "0.000")),
        ("relative error (95 %)", row => Difference(row.RelativeError, 1, "0.00")),
        ("monosemanticity (chance)", row => Beside(row.Monosemanticity, row.MonosemanticityShuffled)),
        ("effect clear of 0", row => row.Measured is { } all and > 0 && row.Clear is { } clear
            ? string.Create(CultureInfo.InvariantCulture, $"{100.0 * clear / all:0} % of {all}") : "–"),
        ("predicted, r", row => Number(row.Predicted, "0.00")), ("other seed: cosine", row => Number(row.SeedCosine, "0.00")),
        ("its effects, r (95 %)", row => Interval(row.SeedEffect)),
        ("its classes, cosine (95 %; chance)", row => row.SeedClasses is null ? "–"
            : $"{Interval(row.SeedClasses)[..^1]}; {Number(row.SeedClassesOthers, "0.00")})"),
    ];

    /// <summary>As Markdown; columns that no row has anything for are left out.</summary>
    public static string Markdown(IReadOnlyList<LayerRow> rows)
    {
        string[][] cells = [.. rows.Select(row => Columns
            .Select(column => column.Cell(row).Replace("|", "\\|", StringComparison.Ordinal)).ToArray())];
        int[] shown = [.. Enumerable.Range(0, Columns.Length).Where(i => cells.Any(line => line[i] is not ("–" or "")))];
        IEnumerable<string[]> lines =
            [[.. shown.Select(i => Columns[i].Title)], [.. shown.Select(_ => "---")], .. cells.Select(line => shown.Select(i => line[i]).ToArray())];
        return string.Concat(lines.Select(line => $"| {string.Join(" | ", line)} |\n"));
    }

    /// <summary>As comma-separated values, every number whole.</summary>
    public static string Csv(IReadOnlyList<LayerRow> rows) => CommaSeparated.Line(
        "run", "network", "layer", "source", "variant", "units", "l0", "fvu", "deadFraction", "top1", "top1Lost", "top1LostLower", "top1LostUpper",
        "cosine", "cosineLower", "cosineUpper", "relativeError", "relativeErrorLower", "relativeErrorUpper", "monosemanticity",
        "monosemanticityShuffled", "measured", "clear", "predicted", "seedCosine", "seedEffect", "seedEffectLower", "seedEffectUpper",
        "seedClasses", "seedClassesLower", "seedClassesUpper", "seedClassesOthers")
        + string.Concat(rows.Select(row => CommaSeparated.Line(
        [
            CommaSeparated.Guarded(row.Run), CommaSeparated.Guarded(row.Network), CommaSeparated.Guarded(row.Layer),
            CommaSeparated.Guarded(row.Source), CommaSeparated.Guarded(row.Variant), Cell(row.Units), Cell(row.L0), Cell(row.Fvu), Cell(row.DeadFraction), Cell(row.Top1),
            .. Cells(row.Top1Lost), .. Cells(row.Cosine), .. Cells(row.RelativeError), Cell(row.Monosemanticity),
            Cell(row.MonosemanticityShuffled), Cell(row.Measured), Cell(row.Clear), Cell(row.Predicted), Cell(row.SeedCosine),
            .. Cells(row.SeedEffect), .. Cells(row.SeedClasses), Cell(row.SeedClassesOthers),
        ])));

    private static string?[] Cells(PairedDifference? one) => [Cell(one?.Mean), Cell(one?.Lower), Cell(one?.Upper)];

    private static string?[] Cells(IntervalEstimate? one) => [Cell(one?.Value), Cell(one?.Lower), Cell(one?.Upper)];

    private static string? Cell(int? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static string? Cell(double? number) =>
        number is { } value && double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : null;

    private static string Whole(int? number) => number?.ToString("N0", CultureInfo.InvariantCulture) ?? "–";

    private static string Number(double? number, string format) => number is { } value && double.IsFinite(value)
        ? value.ToString(format, CultureInfo.InvariantCulture).Replace('-', '−') : "–";

    private static string Percent(double? share) => Number(100 * share, "0.0");

    private static string Beside(double? value, double? chance) => value is null ? "–" : $"{Number(value, "0.000")} ({Number(chance, "0.000")})";

    private static string Difference(PairedDifference? one, double factor, string format) => one is null ? "–"
        : $"{Number(factor * one.Mean, format)} ({Number(factor * one.Lower, format)} to {Number(factor * one.Upper, format)})";

    private static string Interval(IntervalEstimate? one) => one is null ? "–"
        : $"{Number(one.Value, "0.00")} ({Number(one.Lower, "0.00")} to {Number(one.Upper, "0.00")})";
}
