namespace Fovea.Explorer.Contents;

/// <summary>Where the pictures are that the rows of a source of units name, as the run names them, and what made them.</summary>
/// <param name="reader">The run.</param>
/// <param name="folder">The folder of the tables, relative to the run.</param>
/// <param name="records">The lines that say what made the source's pictures, read when they are first asked for.</param>
internal sealed class UnitPictures(CarefulReader reader, string folder, string records)
{
    // Tens of thousands of curves would be kept for a handful of settings.
    private readonly Lazy<ILookup<StoredPicture?, PictureRecord>> _records = new(() =>
        reader.Lines<PictureRecord>(records).Select(record => record with { Curve = [] }).ToLookup(record => record.Picture));

    /// <summary>Reads what made the pictures, so that what is wrong with it is told of now.</summary>
    public void ReadNow() => _ = _records.Value;

    /// <summary>A unit's picture.</summary>
    public StoredPicture? Of(FeatureRow row) => row.PicturePlace()?.Below(folder);

    /// <summary>What made a unit's picture; null where that is not told.</summary>
    public PictureRecord? RecordOf(FeatureRow row) => row.PicturePlace() is { } place ? _records.Value[place].FirstOrDefault() : null;

    /// <summary>The crop of an example.</summary>
    public StoredPicture? Crop(ExampleRow row) => row.CropPlace()?.Below(folder);

    /// <summary>The whole image of an example with the unit's map over it.</summary>
    public StoredPicture? Heat(ExampleRow row) => row.HeatPlace()?.Below(folder);
}
