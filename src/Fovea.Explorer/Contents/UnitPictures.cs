using Fovea.Interpretation;

namespace Fovea.Explorer.Contents;

/// <summary>Where the pictures are that the rows of a source of units name; null for those that are not there.</summary>
/// <param name="pictures">The run's pictures.</param>
/// <param name="folder">The folder of the tables, relative to the run.</param>
internal sealed class UnitPictures(RunPictures pictures, string folder)
{
    /// <summary>A unit's picture.</summary>
    public StoredPicture? Of(FeatureRow row) => Place(row.Picture);

    /// <summary>The crop of an example.</summary>
    public StoredPicture? Crop(ExampleRow row) => Place(row.Crop);

    /// <summary>The whole image of an example with the unit's map over it.</summary>
    public StoredPicture? Heat(ExampleRow row) => row.Crop is null ? null : Place(ExamplePictures.Names(row.Unit, row.Rank, row.Kind).Heat);

    private StoredPicture? Place(string? file) => file is null ? null : pictures.Whole($"{folder}/{file}");
}
