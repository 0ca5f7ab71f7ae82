namespace Fovea.Explorer.Contents;

/// <summary>The examples of a source's units, a unit's read when a page shows them; what cannot be read is told of once.</summary>
/// <param name="reader">Keeps the sentence.</param>
/// <param name="index">The rows.</param>
/// <param name="places">Where their pictures are.</param>
internal sealed class UnitExamples(CarefulReader reader, IExampleIndex index, UnitPictures places)
{
    private int _told;

    /// <summary>The examples of a unit by kind and rank; none where they cannot be read.</summary>
    public IReadOnlyList<FeatureExample> Of(int unit) =>
        Careful(() => FeatureExample.Sorted(index.Of(unit).Select(row => new FeatureExample(row, places.Crop(row), places.Heat(row))))) ?? [];

    /// <summary>The crop of a unit's strongest example; null where it has none. Lists of units show it: no other example is looked for.</summary>
    public StoredPicture? Crop(int unit) =>
        index.Pictured.Contains(unit) ? Careful(() => index.Strongest(unit)) is { } row ? places.Crop(row) : null : null;

    private T? Careful<T>(Func<T?> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (FoveaException e) when (e.Kind == FailureKind.Data)
        {
            if (Interlocked.Exchange(ref _told, 1) == 0) reader.Tell(e.Message);
            return null;
        }
    }
}
