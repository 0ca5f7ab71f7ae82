using Fovea.Datasets;
using Fovea.Dictionaries.Sparse;
using Fovea.Interventions.Effects;
using Fovea.Runs.Settings;
using Fovea.Training;

namespace Fovea.Runs.Stages.Proof;

/// <summary>Dictionaries of a recipe that differ by their training's seed alone.</summary>
internal static class DictionaryReplicas
{
    /// <summary>Those of a layer, each two once.</summary>
    public static IReadOnlyList<(string A, string B)> Of(WorkflowSettings recipe, string layer)
    {
        DictionarySettings[] own = [.. recipe.Dictionary.Where(dictionary => dictionary.Layer == layer)];
        return [.. own.SelectMany((a, i) => own.Skip(i + 1).Where(b => a.IsReplicaOf(b, recipe.Seed)).Select(b => (a.Name, b.Name)))];
    }

    /// <summary>Measures whether their effects replicate, and writes it beside the layer's effects.</summary>
    /// <param name="context">The run.</param>
    /// <param name="stage">The stage, for what reports progress.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="replicas">Each two.</param>
    /// <param name="images">The images.</param>
    /// <param name="options">Which of them, and how many units.</param>
    public static void Write(
        RunContext context, string stage, string layer, IReadOnlyList<(string A, string B)> replicas, IImageSource images,
        EffectStudyOptions options)
    {
        List<EffectReplication> pairs = [];
        foreach (var names in replicas)
        {
            using SparseAutoencoder a = AutoencoderFile.Load(context.Run.Dictionary(layer, names.A), context.Device);
            using SparseAutoencoder b = AutoencoderFile.Load(context.Run.Dictionary(layer, names.B), context.Device);
            var progress = new Reporter<EvaluationProgress>(
                value => context.Report(stage, value.Images, value.Total, "images", $"effects of {layer}/{names.A} and {names.B}"));
            pairs.Add(EffectReplications.Measure(context.Network, layer, a, b, names, images, options, progress, context.Cancellation));
        }
        DocumentFile.Write(
            Path.Combine(context.Run.ProofOf(layer), ReplicationDocument.FileName),
            new ReplicationDocument { Layer = layer, Images = options.Images!.Count, Pairs = pairs });
    }
}
