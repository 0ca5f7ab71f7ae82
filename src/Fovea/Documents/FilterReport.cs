using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>Section 7.4 of the paper: how often each filter fails and how alike the filters' maps are (figure 9).</summary>
public sealed record FilterReport : ICheckedDocument
{
    /// <summary>File name.</summary>
    public const string FileName = "filters.json";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>Number of images.</summary>
    public required int Images { get; init; }

    /// <summary>The filters.</summary>
    public required IReadOnlyList<FilterSummary> Filters { get; init; }

    /// <summary>
    /// Names of the filters that the matrices compare, in their order: all but <c>none</c>, whose constant map correlates with nothing.
    /// </summary>
    public required IReadOnlyList<string> Compared { get; init; }

    /// <summary>
    /// Mean over images of the cosine between two filters' maps; images where either map is constant or has NaN are left out.
    /// </summary>
    public required double[][] Cosine { get; init; }

    /// <summary>Mean over images of Spearman's rank correlation (ties ranked by their mean), the same images.</summary>
    public required double[][] Spearman { get; init; }

    /// <summary>Images that each pair was averaged over.</summary>
    public required int[][] PairImages { get; init; }

    /// <inheritdoc/>
    public string? Inconsistency()
    {
        int names = Compared.Count;
        return Is(Cosine) && Is(Spearman) && PairImages.Length == names && PairImages.All(row => row.Length == names)
            ? null : $"the matrices do not compare the {names} filters of 'compared'";

        bool Is(double[][] matrix) => matrix.Length == names && matrix.All(row => row.Length == names);
    }
}

/// <summary>What one filter did over all images.</summary>
/// <param name="Name">The filter.</param>
/// <param name="Formula">Its formula, for captions.</param>
/// <param name="AllZero">Images whose map was all zero or NaN, where sampling fell back to uniform.</param>
/// <param name="AllZeroFraction">The same as a share of the images.</param>
public sealed record FilterSummary(string Name, string Formula, int AllZero, double AllZeroFraction);
