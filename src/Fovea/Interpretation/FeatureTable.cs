using System.Text.Json.Serialization;
using Parquet.Serialization.Attributes;

namespace Fovea.Interpretation;

/// <summary>A row of <c>features.parquet</c>: a unit and one of its pictures. A unit has a row for each preset it has a picture by, and one without a picture if it has none.</summary>
public sealed record FeatureRow
{
    /// <summary>Channel or latent.</summary>
    [JsonPropertyName("unit")]
    public int Unit { get; set; }

    /// <summary>Share of the positions at which it is active.</summary>
    [JsonPropertyName("density")]
    public double Density { get; set; }

    /// <summary>Mean activation over all positions.</summary>
    [JsonPropertyName("mean")]
    public double Mean { get; set; }

    /// <summary>Largest activation in the dataset.</summary>
    [JsonPropertyName("max")]
    public double Max { get; set; }

    /// <summary>The picture's file, relative to the table's folder; null without one.</summary>
    [JsonPropertyName("picture")]
    public string? Picture { get; set; }

    /// <summary>The objective on the saved picture; null without one.</summary>
    [JsonPropertyName("activation")]
    public double? Activation { get; set; }

    /// <summary>The unit's largest activation over the positions of the saved picture, comparable with <see cref="Max"/>; null without one.</summary>
    [JsonPropertyName("peak")]
    public double? Peak { get; set; }

    /// <summary>The recipe's name; null without a picture.</summary>
    [JsonPropertyName("preset")]
    public string? Preset { get; set; }
}

/// <summary>A row of <c>examples.parquet</c>: one of a unit's top images.</summary>
public sealed record ExampleRow
{
    /// <summary>Channel or latent.</summary>
    [JsonPropertyName("unit")]
    public int Unit { get; set; }

    /// <summary>0 for the best.</summary>
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

    /// <summary>The unit's largest value over the image's positions.</summary>
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
