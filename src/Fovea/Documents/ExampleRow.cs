using System.Text.Json.Serialization;
using Parquet.Serialization.Attributes;

namespace Fovea.Documents;

/// <summary>A row of <c>examples.parquet</c>: an image shown for a unit.</summary>
public sealed record ExampleRow : ICheckedRow, ITableRow
{
    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <summary>Channel or latent.</summary>
    [JsonPropertyName("unit")]
    public int Unit { get; set; }

    /// <summary>Why it is shown: one of <see cref="ExampleKinds"/>.</summary>
    [JsonPropertyName("kind"), ParquetRequired]
    public string Kind { get; set; } = ExampleKinds.Top;

    /// <summary>Its place among the images of this kind, from 0; of the top images 0 is the best.</summary>
    [JsonPropertyName("rank")]
    public int Rank { get; set; }

    /// <summary>The image's id in its source.</summary>
    [JsonPropertyName("image"), ParquetRequired]
    public string Image { get; set; } = "";

    /// <summary>The image's index in its source.</summary>
    [JsonPropertyName("imageIndex")]
    public int ImageIndex { get; set; }

    /// <summary>The image's class.</summary>
    [JsonPropertyName("label")]
    public int Label { get; set; }

    /// <summary>The unit's largest value over the image's positions; of a latent's near miss its largest pre-activation.</summary>
    [JsonPropertyName("value")]
    public float Value { get; set; }

    /// <summary>
    /// The unit's mean over the image's positions; null for a near miss. Where pooling and a linear head follow, a unit scaled by s changes each
    /// logit by (s − 1) times this times the unit's weight in <c>evidence.safetensors</c>, exactly.
    /// </summary>
    [JsonPropertyName("mean")]
    public float? Mean { get; set; }

    /// <summary>Row of that position on the layer's grid.</summary>
    [JsonPropertyName("y")]
    public int Y { get; set; }

    /// <summary>Its column.</summary>
    [JsonPropertyName("x")]
    public int X { get; set; }

    /// <summary>
    /// The file that the crop round the hottest position is a part of, relative to the table's folder; null where none was made.
    /// </summary>
    [JsonPropertyName("crop")]
    public string? Crop { get; set; }

    /// <summary>Left edge of the crop in that file, pixels.</summary>
    [JsonPropertyName("cropLeft")]
    public int? CropLeft { get; set; }

    /// <summary>Upper edge of the crop in that file, pixels.</summary>
    [JsonPropertyName("cropTop")]
    public int? CropTop { get; set; }

    /// <summary>Width of the crop in that file, pixels.</summary>
    [JsonPropertyName("cropWidth")]
    public int? CropWidth { get; set; }

    /// <summary>Height of the crop in that file, pixels.</summary>
    [JsonPropertyName("cropHeight")]
    public int? CropHeight { get; set; }

    /// <summary>
    /// The file that the whole image with the unit's map over it is a part of, relative to the table's folder; null where none was made.
    /// </summary>
    [JsonPropertyName("heat")]
    public string? Heat { get; set; }

    /// <summary>Left edge of that picture in that file, pixels.</summary>
    [JsonPropertyName("heatLeft")]
    public int? HeatLeft { get; set; }

    /// <summary>Upper edge of that picture in that file, pixels.</summary>
    [JsonPropertyName("heatTop")]
    public int? HeatTop { get; set; }

    /// <summary>Width of that picture in that file, pixels.</summary>
    [JsonPropertyName("heatWidth")]
    public int? HeatWidth { get; set; }

    /// <summary>Height of that picture in that file, pixels.</summary>
    [JsonPropertyName("heatHeight")]
    public int? HeatHeight { get; set; }

    /// <summary>Where the crop is; null where none was made.</summary>
    public StoredPicture? CropPlace() => StoredPicture.Of(Crop, CropLeft, CropTop, CropWidth, CropHeight);

    /// <summary>Where the whole image with the unit's map over it is; null where none was made.</summary>
    public StoredPicture? HeatPlace() => StoredPicture.Of(Heat, HeatLeft, HeatTop, HeatWidth, HeatHeight);

    /// <inheritdoc/>
    public string? Inconsistency() => StoredPicture.Inconsistency([CropPlace(), HeatPlace()]);
}
