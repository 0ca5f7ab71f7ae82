using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>A row of <c>shortcuts.parquet</c>: a unit and a class. Numbers as in <see cref="ShortcutUnit"/>.</summary>
public sealed record ShortcutRow : ITableRow
{
    /// <summary>File name.</summary>
    public const string FileName = "shortcuts.parquet";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <summary>The class's number.</summary>
    [JsonPropertyName("class")]
    public int Class { get; set; }

    /// <summary><c>neurons</c>, or the dictionary's name.</summary>
    [JsonPropertyName("source")]
    public string Source { get; set; } = "";

    /// <summary>Channel or latent.</summary>
    [JsonPropertyName("unit")]
    public int Unit { get; set; }

    /// <summary>Its effect.</summary>
    [JsonPropertyName("effect")]
    public double Effect { get; set; }

    /// <summary>The effect's lower end.</summary>
    [JsonPropertyName("effectLower")]
    public double EffectLower { get; set; }

    /// <summary>The effect's upper end.</summary>
    [JsonPropertyName("effectUpper")]
    public double EffectUpper { get; set; }

    /// <summary>Its alignment with the group; null without groups.</summary>
    [JsonPropertyName("alignment")]
    public double? Alignment { get; set; }

    /// <summary>The alignment's lower end.</summary>
    [JsonPropertyName("alignmentLower")]
    public double? AlignmentLower { get; set; }

    /// <summary>The alignment's upper end.</summary>
    [JsonPropertyName("alignmentUpper")]
    public double? AlignmentUpper { get; set; }

    /// <summary>Share of its activation in the background.</summary>
    [JsonPropertyName("background")]
    public double? Background { get; set; }

    /// <summary>How alike its places are.</summary>
    [JsonPropertyName("consistency")]
    public double? Consistency { get; set; }

    /// <summary>Share of the images that drive it.</summary>
    [JsonPropertyName("active")]
    public double Active { get; set; }

    /// <summary>The row of a unit.</summary>
    public static ShortcutRow Of(int label, string source, ShortcutUnit unit)
    {
        ArgumentNullException.ThrowIfNull(unit);
        return new()
        {
            Class = label,
            Source = source,
            Unit = unit.Unit,
            Effect = unit.Effect.Value,
            EffectLower = unit.Effect.Lower,
            EffectUpper = unit.Effect.Upper,
            Alignment = unit.Alignment?.Value,
            AlignmentLower = unit.Alignment?.Lower,
            AlignmentUpper = unit.Alignment?.Upper,
            Background = unit.Background,
            Consistency = unit.Consistency,
            Active = unit.Active,
        };
    }
}
