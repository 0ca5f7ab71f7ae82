using System.Globalization;
using Fovea.Explorer.Galleries;

namespace Fovea.Explorer.Compare;

/// <summary>What a comparison is asked for; all of it stands in the address.</summary>
public sealed record CompareQuery
{
    /// <summary>Units on a page.</summary>
    public const int PageSize = 24;

    /// <summary>Units whose nearest one is below this are called the one side's own, where the address does not say.</summary>
    public const double UsualThreshold = 0.5;

    /// <summary>Compared by the directions that the units write along.</summary>
    public const string ByDecoder = "decoder";

    /// <summary>Compared by the mean activation on the images of each class.</summary>
    public const string ByClasses = "classes";

    /// <summary>Compared by the activation at the same positions.</summary>
    public const string ByActivity = "activity";

    /// <summary>The first side; null: none that could be read.</summary>
    public ComparedSide? A { get; init; }

    /// <summary>The second side.</summary>
    public ComparedSide? B { get; init; }

    /// <summary><see cref="ByDecoder"/>, <see cref="ByClasses"/>, <see cref="ByActivity"/>, or null: what fits.</summary>
    public string? By { get; init; }

    /// <summary>The cosine below which a unit is one side's own.</summary>
    public double Threshold { get; init; } = UsualThreshold;

    /// <summary>Which units are listed: <c>matched</c>, <c>a</c> or <c>b</c>.</summary>
    public string Show { get; init; } = "matched";

    /// <summary>Their order: <c>alike</c>, <c>apart</c>, <c>unit</c>.</summary>
    public string Sort { get; init; } = "alike";

    /// <summary>The page, from 1.</summary>
    public int Page { get; init; } = 1;

    /// <summary>Reads a query; what it cannot mean is as if it were not there.</summary>
    public static CompareQuery Parse(string query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var read = new CompareQuery();
        foreach ((string name, string value) in QueryPairs.Of(query))
        {
            read = name switch
            {
                "a" => read with { A = ComparedSide.Parse(value) },
                "b" => read with { B = ComparedSide.Parse(value) },
                "by" when value is ByDecoder or ByClasses or ByActivity => read with { By = value },
                "below" when double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double bound)
                    && bound is >= -1 and <= 1 => read with { Threshold = bound },
                "show" when value is "matched" or "a" or "b" => read with { Show = value },
                "sort" when value is "alike" or "apart" or "unit" => read with { Sort = value },
                "page" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int page) && page >= 1 =>
                    read with { Page = page },
                _ => read,
            };
        }
        return read;
    }

    /// <summary>The query as an address has it, with its question mark.</summary>
    public override string ToString()
    {
        List<string> parts = [];
        // A slash needs no escape in a query, and the address stays one that people can read.
        if (A is not null) parts.Add("a=" + Escaped(A));
        if (B is not null) parts.Add("b=" + Escaped(B));
        if (By is not null) parts.Add("by=" + By);
        if (Threshold != UsualThreshold) parts.Add("below=" + GalleryQuery.Written(Threshold));
        if (Show != "matched") parts.Add("show=" + Show);
        if (Sort != "alike") parts.Add("sort=" + Sort);
        if (Page > 1) parts.Add(string.Create(CultureInfo.InvariantCulture, $"page={Page}"));
        return parts.Count == 0 ? "" : "?" + string.Join('&', parts);
    }

    private static string Escaped(ComparedSide side) => side.ToString().Replace("%", "%25", StringComparison.Ordinal);
}
