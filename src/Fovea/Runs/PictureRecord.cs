using Fovea.Interpretation;
using Fovea.Visualization;
using Fovea.Visualization.Objectives;

namespace Fovea.Runs;

/// <summary>What made a picture, all of it, and how well it did.</summary>
public sealed record PictureRecord
{
    /// <summary>Channel or latent.</summary>
    public required int Unit { get; init; }

    /// <summary>The layer.</summary>
    public required string Layer { get; init; }

    /// <summary><c>neurons</c> or the dictionary.</summary>
    public required string Source { get; init; }

    /// <summary>Name of the recipe: <c>naive</c>, <c>paper</c>, <c>lucid</c>, <c>maco</c>.</summary>
    public required string Preset { get; init; }

    /// <summary>What was maximised.</summary>
    public required string Objective { get; init; }

    /// <summary>How free numbers became a picture.</summary>
    public required string Parameterization { get; init; }

    /// <summary>What the network saw of it in each step.</summary>
    public required IReadOnlyList<string> Transforms { get; init; }

    /// <summary>Optimisation steps.</summary>
    public required int Steps { get; init; }

    /// <summary>Adam's learning rate.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Weight of the total variation.</summary>
    public required double TotalVariation { get; init; }

    /// <summary>Blur after each step, pixels.</summary>
    public required double Blur { get; init; }

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

    /// <summary>Pictures optimised together.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Whether another picture was made of the same unit in the same way.</summary>
    public bool SameRecipe(PictureRecord other)
    {
        ArgumentNullException.ThrowIfNull(other);
        // Lists compare by reference: they are made the same, and compared by themselves.
        return Transforms.SequenceEqual(other.Transforms) && this == other with { Activation = Activation, Peak = Peak, Curve = Curve, Transforms = Transforms };
    }

    /// <summary>Of a picture that was just made.</summary>
    internal static PictureRecord Of(UnitGroup group, IObjective objective, RenderOptions options, RenderResult result) =>
        Of(group, objective, options, result.Unit) with { Activation = result.Activation, Peak = result.Peak, Curve = result.Curve };

    /// <summary>Of a picture that is to be made.</summary>
    internal static PictureRecord Of(UnitGroup group, IObjective objective, RenderOptions options, int unit) => new()
    {
        Unit = unit,
        Layer = group.Layer,
        Source = group.Name,
        Preset = options.Preset,
        Objective = objective.Description,
        Parameterization = options.Parameterization.Name,
        Transforms = [.. options.Transforms.Select(transform => transform.Description)],
        Steps = options.Steps,
        LearningRate = options.LearningRate,
        TotalVariation = options.TotalVariation,
        Blur = options.Blur,
        Seed = options.Seed,
        Size = options.Size,
        BatchSize = options.BatchSize,
        Activation = 0,
        Peak = 0,
        Curve = [],
    };
}
