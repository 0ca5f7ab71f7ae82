using Fovea.Visualization.Objectives;

namespace Fovea.Runs;

/// <summary>Kinds of pictures that can be asked for.</summary>
public enum PictureKind
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

/// <summary>What pictures of a run are asked for; nothing of the run is read yet.</summary>
/// <param name="Kind">What they are of.</param>
public sealed record PictureRequest(PictureKind Kind)
{
    /// <summary>A layer of the network; null: the first one harvested.</summary>
    public required string? Layer { get; init; }

    /// <summary><c>neurons</c> or a dictionary.</summary>
    public required string Source { get; init; }

    /// <summary>Units, or rows of <see cref="Directions"/> (none: all).</summary>
    public required IReadOnlyList<FeatureExpression> Features { get; init; }

    /// <summary>Classes or images.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>The file.</summary>
    public required string? Directions { get; init; }

    /// <summary>What of a latent is raised.</summary>
    public required LatentTarget Target { get; init; }

    /// <summary>Where in the layer's map.</summary>
    public required Reduction Position { get; init; }

    /// <summary>Null: as the kind has it.</summary>
    public required Similarity? Similarity { get; init; }

    /// <summary>What they react to least: the objective with its sign turned.</summary>
    public required bool Negative { get; init; }

    /// <summary>Pictures of each unit, from different noise.</summary>
    public required int Replicas { get; init; }

    /// <summary>Weight of what pushes pictures of one unit apart; 0: none.</summary>
    public required double Diversity { get; init; }

    /// <summary>An image to start from; null: noise.</summary>
    public required string? Start { get; init; }

    /// <summary>Weight of the squared distance from <see cref="Start"/>, or from grey.</summary>
    public required double L2 { get; init; }

    /// <summary>How the network is changed before it is asked (<see cref="RunSubject"/> keeps it with what pictures are made from); empty: it is
    /// not.</summary>
    public string Changes { get; init; } = "";

    /// <summary>Words for file names, so that pictures made otherwise stand beside each other.</summary>
    public required IReadOnlyList<string> Variant { get; init; }

    /// <summary>What is raised is the activation of single neurons or the pre-activation of single latents, and nothing else.</summary>
    public bool IsPlain => Kind == PictureKind.Units && !Negative && Diversity == 0 && Features.All(feature => feature.IsUnit)
        && Target == LatentTarget.PreActivation && Similarity is null;
}
