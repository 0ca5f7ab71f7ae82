namespace Fovea.Explorer.Tests;

/// <summary>Rows of tables with the columns of their pictures filled in.</summary>
internal static class PlacedRows
{
    public static FeatureRow At(this FeatureRow row, StoredPicture? place) => row with
    {
        Picture = place?.File,
        PictureLeft = place?.Left,
        PictureTop = place?.Top,
        PictureWidth = place?.Width,
        PictureHeight = place?.Height,
    };

    public static ExampleRow At(this ExampleRow row, StoredPicture crop, StoredPicture heat) => row with
    {
        Crop = crop.File,
        CropLeft = crop.Left,
        CropTop = crop.Top,
        CropWidth = crop.Width,
        CropHeight = crop.Height,
        Heat = heat.File,
        HeatLeft = heat.Left,
        HeatTop = heat.Top,
        HeatWidth = heat.Width,
        HeatHeight = heat.Height,
    };
}
