using System.Globalization;
using Fovea.Models;
using Fovea.Runs.Graph;
using Fovea.Runs.Settings;
using Fovea.Training;

namespace Fovea.Runs.Stages;

/// <summary>
/// Evaluations of the network with the weights that the recipe names, on many images: in parts, since nothing has to be trained first.
/// Parts are whole batches of one grid over all images.
/// </summary>
/// <param name="context">The run.</param>
/// <param name="stage">The stage's name.</param>
internal sealed class GivenEvaluations(RunContext context, string stage)
{
    /// <summary>Images of a part: 32 batches.</summary>
    internal const int ImagesOfPart = 32 * BatchSize;

    private const int BatchSize = 32;

    private readonly ModelSettings _model = context.Settings.Model;

    /// <summary>The network before its modification; the same weights.</summary>
    public static ModelSettings WithoutModification(ModelSettings model) => model with { AveragePooling = false, LeakySlope = 0 };

    /// <summary>The networks that are evaluated with the weights as they are, in the order of the table.</summary>
    public static IReadOnlyList<(string Name, ModelSettings Network)> Of(ModelSettings model)
    {
        // A fresh last layer knows nothing yet: there is nothing to evaluate.
        if (model is { Weights: null, Network: null } || model.Classes != NetworkClasses.Own) return [];
        return model.AveragePooling || model.LeakySlope > 0
            ? [("original", WithoutModification(model)), ("modified", model)] : [("original", model)];
    }

    /// <summary>The parts; none where one would hold all images.</summary>
    public IReadOnlyList<StagePart> Parts()
    {
        int parts = Count();
        return parts < 2 ? [] : [.. Of(_model).SelectMany((network, row) => Enumerable.Range(0, parts).Select(part => new StagePart(
            NameOf(row, part), scratch =>
            {
                using ImageModel model = RecipeNetwork.Build(context, network.Network, context.Validation.Classes.Count);
                Part(model, network.Name, part, scratch);
            })))];
    }

    /// <summary>The evaluation of one of the networks: of what the parts found, and what none did is done now.</summary>
    /// <param name="network">The network.</param>
    /// <param name="name">Its name in the table.</param>
    /// <param name="scratch">The scratch of a part of the stage.</param>
    public EvaluationResult Evaluate(ImageModel network, string name, string scratch)
    {
        int row = Of(_model).Select(one => one.Name).ToList().IndexOf(name), parts = Count();
        return parts < 2 || row < 0
            ? Evaluator.Evaluate(network, context.Validation, BatchSize, Progress(name), context.Cancellation)
            : Evaluator.Join(context.Validation, [.. Enumerable.Range(0, parts).Select(
                part => Part(network, name, part, StageScratch.Beside(scratch, NameOf(row, part))))]);
    }

    private int Count() => (context.Validation.Count + ImagesOfPart - 1) / ImagesOfPart;

    private EvaluationResult Part(ImageModel network, string name, int part, string folder)
    {
        if (KeptEvaluation.Find(folder) is { } kept) return kept;
        int first = part * ImagesOfPart, end = Math.Min(context.Validation.Count, first + ImagesOfPart);
        EvaluationResult found = Evaluator.Evaluate(
            network, context.Validation, (first, end), BatchSize, Progress(name), context.Cancellation);
        KeptEvaluation.Write(folder, found);
        return found;
    }

    private Reporter<EvaluationProgress> Progress(string what) =>
        new(value => context.Report(stage, value.Images, value.Total, "images", $"evaluating, {what}"));

    private static string NameOf(int row, int part) => string.Create(CultureInfo.InvariantCulture, $"evaluation-{row}-{part}");
}
