namespace Fovea.Explorer.Contents;

/// <summary>Where the pictures are that the rows of a source of units name, as the run names them, and what made them.</summary>
/// <param name="folder">The folder of the tables, relative to the run.</param>
/// <param name="records">What made the source's pictures, each with its place.</param>
internal sealed class UnitPictures(string folder, IEnumerable<PictureRecord> records)
{
    private readonly ILookup<StoredPicture?, PictureRecord> _records = records.ToLookup(record => record.Picture);

    /// <summary>A unit's picture.</summary>
    public StoredPicture? Of(FeatureRow row) => row.PicturePlace()?.Below(folder);

    /// <summary>What made a unit's picture; null where that is not told.</summary>
    public PictureRecord? RecordOf(FeatureRow row) => row.PicturePlace() is { } place ? _records[place].FirstOrDefault() : null;

    /// <summary>The crop of an example.</summary>
    public StoredPicture? Crop(ExampleRow row) => row.CropPlace()?.Below(folder);

    /// <summary>The whole image of an example with the unit's map over it.</summary>
    public StoredPicture? Heat(ExampleRow row) => row.HeatPlace()?.Below(folder);
}
