using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>What made a picture, all of it, and how well it did.</summary>
public sealed record PictureRecord : ICheckedDocument
{
    /// <summary>File name of the lines that tell of the pictures of a set, those of sheets beside it.</summary>
    public const string LinesName = "pictures.jsonl";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>Channel, latent, class or row.</summary>
    public required int Unit { get; init; }

    /// <summary>0 for the unit's first picture, 1 for its second, ….</summary>
    public int Replica { get; init; }

    /// <summary>The layer.</summary>
    public required string Layer { get; init; }

    /// <summary><c>neurons</c>, the dictionary, or another kind of unit such as <c>logits</c>.</summary>
    public required string Source { get; init; }

    /// <summary>Name of the recipe: <c>naive</c>, <c>paper</c>, <c>lucid</c>, <c>maco</c>.</summary>
    public required string Preset { get; init; }

    /// <summary>What was maximised.</summary>
    public required string Objective { get; init; }

    /// <summary>What it was made from that the objective does not name.</summary>
    public string Inputs { get; init; } = "";

    /// <summary>Hash of the picture that was started from; empty: noise.</summary>
    public string Start { get; init; } = "";

    /// <summary>How free numbers became a picture.</summary>
    public required string Parameterization { get; init; }

    /// <summary>The colours it was decorrelated by; empty: none.</summary>
    public string Colours { get; init; } = "";

    /// <summary>What the network saw of it in each step.</summary>
    public required IReadOnlyList<string> Transforms { get; init; }

    /// <summary>Views in each step.</summary>
    public int Views { get; init; } = 1;

    /// <summary>Optimisation steps.</summary>
    public required int Steps { get; init; }

    /// <summary>Adam's learning rate.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Weight of the total variation.</summary>
    public required double TotalVariation { get; init; }

    /// <summary>
    /// Weights of the distances from grey or from the start, of the frame, and the frame's width: <c>l1 0; l2 0; boundary 0 × 5 px</c>.
    /// </summary>
    public string Penalties { get; init; } = "";

    /// <summary>Blur after each step, pixels.</summary>
    public required double Blur { get; init; }

    /// <summary>What the blur had become by the last step; null: it stayed.</summary>
    public double? FinalBlur { get; init; }

    /// <summary>When it counted as done before the last step: <c>20 steps, 0.01</c>; empty: never.</summary>
    public string Flat { get; init; } = "";

    /// <summary>Whether gradients passed a clamp at the layer's end.</summary>
    public bool BypassClamps { get; init; } = true;

    /// <summary>Seed of the start and the views.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The objective on the picture as saved.</summary>
    public required double Activation { get; init; }

    /// <summary>The unit's largest value over positions on the picture as saved.</summary>
    public required double Peak { get; init; }

    /// <summary>The objective at each step, on the transformed image.</summary>
    public required IReadOnlyList<double> Curve { get; init; }

    /// <summary>Side of the picture in pixels; 0: the network's input size.</summary>
    public required int Size { get; init; }

    /// <summary>Side of what the network saw in pixels; 0: the picture's.</summary>
    public int ViewSize { get; init; }

    /// <summary>The side that distances in the transforms are meant for; 0: as they are.</summary>
    public int TransformsSide { get; init; }

    /// <summary>Pictures optimised together.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Where the picture lies, relative to the record's folder; null: in a file beside the record, of the record's name.</summary>
    public StoredPicture? Picture { get; init; }

    /// <inheritdoc/>
    public string? Inconsistency() => StoredPicture.Inconsistency([Picture]);

    /// <summary>Whether another picture was made of the same unit in the same way.</summary>
    public bool SameRecipe(PictureRecord other)
    {
        ArgumentNullException.ThrowIfNull(other);
        // Lists compare by reference: they are made the same, and compared by themselves.
        return Transforms.SequenceEqual(other.Transforms)
            && this == other with { Activation = Activation, Peak = Peak, Curve = Curve, Transforms = Transforms, Picture = Picture };
    }
}
