namespace Fovea.Explorer.Contents;

/// <summary>A dataset image shown for a unit.</summary>
/// <param name="Row">What the table says of it.</param>
/// <param name="Crop">The crop round the strongest position, as the run names it; null where there is none.</param>
/// <param name="Heat">The whole image with the unit's map over it.</param>
public sealed record FeatureExample(ExampleRow Row, StoredPicture? Crop, StoredPicture? Heat)
{
    /// <summary>Whether there is something to look at.</summary>
    public bool IsVisible => Crop is not null || Heat is not null;

    /// <summary>Kinds from the strongest to the weakest: top, the bands downwards, random, near misses, others.</summary>
    private int Order => Row.Kind switch
    {
        ExampleKinds.Top => 0,
        ExampleKinds.Random => 200,
        ExampleKinds.Near => 201,
        _ => ExampleKinds.BandOf(Row.Kind) is { } percent ? 101 - percent : 202,
    };

    /// <summary>Examples ordered by kind and rank.</summary>
    internal static IReadOnlyList<FeatureExample> Sorted(IEnumerable<FeatureExample> examples) =>
        [.. examples.OrderBy(example => example.Order).ThenBy(example => example.Row.Kind, StringComparer.Ordinal)
            .ThenBy(example => example.Row.Rank)];
}
