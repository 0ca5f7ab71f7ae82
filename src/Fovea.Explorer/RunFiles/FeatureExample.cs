using System.Globalization;

namespace Fovea.Explorer.RunFiles;

/// <summary>A dataset image shown for a unit. Pictures are relative to the run folder.</summary>
public sealed record FeatureExample(int Rank, string Image, int? Label, double? Value, string? Crop, string? Heat)
{
    public const string Top = "top", Band = "band-", Random = "random", Near = "near";

    /// <summary>Why it is shown: <c>top</c>, a quantile band such as <c>band-75</c>, <c>random</c> or <c>near</c>.</summary>
    public string Kind { get; init; } = Top;

    /// <summary>Whether there is something to look at.</summary>
    public bool IsVisible => Crop is not null || Heat is not null;

    /// <summary>The quantile of a band in percent.</summary>
    public double? BandPercent => Kind.StartsWith(Band, StringComparison.Ordinal)
        && double.TryParse(Kind.AsSpan(Band.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent) ? percent : null;

    /// <summary>Kinds from the strongest to the weakest: top, the bands downwards, random, near misses, others.</summary>
    internal double Order => Kind switch
    {
        Top => 0,
        Random => 200,
        Near => 201,
        _ => BandPercent is { } percent ? 101 - Math.Clamp(percent, 0, 100) : 202,
    };

    /// <summary>A table's examples by unit, ordered by kind and rank.</summary>
    internal static IReadOnlyDictionary<int, IReadOnlyList<FeatureExample>> ReadAll(ParquetTable table, PictureFiles files)
    {
        var found = new SortedDictionary<int, List<FeatureExample>>();
        for (int row = 0; row < table.RowCount; row++)
        {
            if (table.Integer(row, "unit") is not { } unit) continue;
            int rank = table.Integer(row, "rank") ?? row;
            string kind = table.Text(row, "kind") ?? Top;
            // Files of the first format are named by rank alone.
            string? Derived(string name) => kind == Top ? files.Find($"{name}-{unit}-{rank}.png") : null;
            if (!found.TryGetValue(unit, out List<FeatureExample>? list)) found[unit] = list = [];
            string? crop = files.Find(table.Text(row, "crop")) ?? Derived("example"), heat = files.Find(table.Text(row, "heat")) ?? Derived("heat");
            list.Add(new FeatureExample(rank, table.Text(row, "image") ?? "", table.Integer(row, "label"), table.Number(row, "value"), crop, heat)
            {
                Kind = kind,
            });
        }
        return found.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<FeatureExample>)[.. pair.Value
            .OrderBy(example => example.Order).ThenBy(example => example.Kind, StringComparer.Ordinal).ThenBy(example => example.Rank)]);
    }
}
