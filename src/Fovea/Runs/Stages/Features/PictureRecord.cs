using Fovea.Interpretation;
using Fovea.Visualization;
using Fovea.Visualization.Objectives;

namespace Fovea.Runs.Stages.Features;

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

    /// <summary>Of a picture that was just made.</summary>
    internal static PictureRecord Of(UnitGroup group, IObjective objective, RenderOptions options, RenderResult result) => new()
    {
        Unit = result.Unit,
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
        Activation = result.Activation,
        Peak = result.Peak,
        Curve = result.Curve,
    };
}
