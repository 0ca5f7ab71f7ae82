using Fovea.Datasets;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Models.Edits;
using Fovea.Training;
using static TorchSharp.torch;

namespace Fovea.Interventions.Shortcuts;

/// <summary>A change with its name and size.</summary>
/// <param name="Name">In words.</param>
/// <param name="Size">Units, directions or weights.</param>
/// <param name="Change">The change; null: none.</param>
/// <param name="Units">The units that are changed, in the order in which they were chosen; null: it is not of units.</param>
internal sealed record Muting(string Name, int Size, Intervention? Change, IReadOnlyList<int>? Units = null);

/// <summary>Changes of a layer and what the network says then.</summary>
internal static class Mutings
{
    /// <summary>Some units of a group as an intervention has them; a dictionary's error is kept.</summary>
    public static EditedUnits Units(UnitGroup group, IReadOnlyList<int> units) => group.Autoencoder is { } dictionary
        ? new Latents(dictionary, DictionaryError.Kept, units) : EditedUnits.Neurons(units);

    /// <summary>In words: <c>8 latents of topk</c>.</summary>
    public static string Words(UnitGroup group, int count) => group.IsDictionary
        ? $"{count} latent{(count == 1 ? "" : "s")} of {group.Name}" : $"{count} neuron{(count == 1 ? "" : "s")}";

    /// <summary>The classes said after each change.</summary>
    /// <param name="model">The network.</param>
    /// <param name="changes">The changes.</param>
    /// <param name="source">The images.</param>
    /// <param name="images">Which, in what order.</param>
    /// <param name="batchSize">Images a pass.</param>
    /// <param name="progress">Reported to after each batch.</param>
    /// <param name="cancellation">Looked at before every batch.</param>
    /// <returns>For each change a class an image.</returns>
    public static int[][] Answers(
        ImageModel model, IReadOnlyList<Intervention> changes, IImageSource source, IReadOnlyList<int> images, int batchSize,
        IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        var place = Enumerable.Range(0, images.Count).ToDictionary(i => images[i]);
        int[][] said = [.. changes.Select(_ => new int[images.Count])];
        if (changes.Count == 0) return said;
        InterventionPass.Run(model, changes, source, new InterventionOptions { Images = images, BatchSize = batchSize },
            (batch, i, _, changed) =>
            {
                using var scope = NewDisposeScope();
                long[] best = changed.argmax(1).cpu().data<long>().ToArray();
                for (int n = 0; n < batch.Count; n++) said[i][place[batch.Indices[n]]] = (int)best[n];
            }, progress, cancellation);
        return said;
    }
}
