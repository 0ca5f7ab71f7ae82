using System.Text.Json.Serialization;
using Parquet.Serialization.Attributes;

namespace Fovea.Documents;

/// <summary>A row of <c>examples.parquet</c>: an image shown for a unit.</summary>
public sealed record ExampleRow : ITableRow
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

    /// <summary>Row of that position on the layer's grid.</summary>
    [JsonPropertyName("y")]
    public int Y { get; set; }

    /// <summary>Its column.</summary>
    [JsonPropertyName("x")]
    public int X { get; set; }

    /// <summary>The crop's file, relative to the table's folder; null where none was made.</summary>
    [JsonPropertyName("crop")]
    public string? Crop { get; set; }
}
