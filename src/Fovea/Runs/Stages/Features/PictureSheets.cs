using Fovea.Imaging;

namespace Fovea.Runs.Stages.Features;

/// <summary>
/// Packs pictures that were made in a stage's scratch into its results: sheets <c>pictures-K.png</c>, and what made each in
/// <c>pictures.jsonl</c>, in the pictures' order.
/// </summary>
internal static class PictureSheets
{
    private const string Prefix = "pictures";

    /// <summary>Writes the sheets, then the records; the same pictures give the same bytes.</summary>
    /// <param name="folder">The folder of the results.</param>
    /// <param name="pictures">The pictures.</param>
    /// <param name="cancellationToken">Looked at before each sheet.</param>
    /// <returns>Where each picture lies, relative to the folder.</returns>
    public static IReadOnlyList<StoredPicture> Write(
        string folder, IReadOnlyList<MadePicture> pictures, CancellationToken cancellationToken)
    {
        if (pictures.Count == 0) return [];
        var places = SheetFiles.Write(folder, Prefix, [.. pictures.Select(picture => picture.Result.Picture)], cancellationToken);
        DocumentFile.WriteLines(
            Path.Combine(folder, PictureRecord.LinesName),
                pictures.Zip(places, (picture, place) => picture.Record with { Picture = place }));
        return places;
    }
}
