using Fovea.Visualization.Objectives;

namespace Fovea.Cli.Workflows;

/// <summary>Kinds of pictures that can be asked for.</summary>
internal enum PictureKind
{
    /// <summary>Neurons or latents, or sums of them.</summary>
    Units,

    /// <summary>Classes.</summary>
    Logits,

    /// <summary>A layer as a whole.</summary>
    Dream,

    /// <summary>Directions from a file.</summary>
    Directions,

    /// <summary>Images by what a layer keeps of them.</summary>
    Inversion,
}

/// <summary>What pictures a command line asks for; nothing of the run is read yet.</summary>
internal sealed record PictureRequest(PictureKind Kind)
{
    public required string? Layer { get; init; }

    /// <summary><c>neurons</c> or a dictionary.</summary>
    public required string Source { get; init; }

    /// <summary>Units, or rows of <see cref="Directions"/> (none: all).</summary>
    public required IReadOnlyList<FeatureExpression> Features { get; init; }

    /// <summary>Classes or images.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>The file.</summary>
    public required string? Directions { get; init; }

    public required LatentTarget Target { get; init; }

    public required Reduction Position { get; init; }

    /// <summary>Null: as the kind has it.</summary>
    public required Similarity? Similarity { get; init; }

    public required bool Negative { get; init; }

    public required int Replicas { get; init; }

    /// <summary>0: none.</summary>
    public required double Diversity { get; init; }

    /// <summary>An image; null: noise.</summary>
    public required string? Start { get; init; }

    public required double L2 { get; init; }

    /// <summary>Words for file names, so that pictures made otherwise stand beside each other.</summary>
    public required IReadOnlyList<string> Variant { get; init; }

    /// <summary>What is raised is the activation of single neurons or the pre-activation of single latents, and nothing else.</summary>
    public bool IsPlain => Kind == PictureKind.Units && !Negative && Diversity == 0 && Features.All(feature => feature.IsUnit)
        && Target == LatentTarget.PreActivation && Similarity is null;
}
