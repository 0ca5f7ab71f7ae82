using Fovea.Datasets;
using Fovea.Dictionaries;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Models.Edits;
using Fovea.Training;
using static TorchSharp.torch;

namespace Fovea.Interventions.Studies;

/// <summary>
/// What changes that are made together do to a classifier on many images, beside the same classifier without them: on each image exactly
/// what <see cref="ImageStudy.With"/> makes of it. Changes of one layer share the pass up to it (<see cref="InterventionEvaluator"/>); of
/// several layers images are read one by one, and what follows the first of them is run once more.
/// </summary>
public static class ChangesEvaluation
{
    /// <summary>Measures the changes.</summary>
    /// <param name="model">The network; evaluation mode for the time of the call.</param>
    /// <param name="changes">On layers that have positions, or vectors; none of them resampled.</param>
    /// <param name="source">Labelled images whose classes are the network's.</param>
    /// <param name="options">Which images; null for all.</param>
    /// <param name="progress">Reported to as images are done.</param>
    /// <param name="cancellationToken">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="FoveaException">Configuration: nothing is changed, or as <see cref="ImageStudy.With"/>. Data: too many damaged
    /// images, or none. Numerical: an answer is not finite.</exception>
    public static ChangesResult Evaluate(
        ImageModel model, IReadOnlyList<Intervention> changes, IImageSource source, InterventionOptions? options = null,
        IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(changes);
        ArgumentNullException.ThrowIfNull(source);
        options ??= new InterventionOptions();
        if (changes.Count == 0) throw FoveaException.BadConfiguration("Nothing is changed: name a change.");
        if (changes.Any(one => one.NeedsOthers))
            throw FoveaException.BadConfiguration("Resampling takes values from other images, and changes made together have none.");
        model.RequireClasses(source);
        changes.Select(one => one.Units).OfType<Latents>().Select(latents => latents.Dictionary).RequireNetwork(model);
        var tally = new ChangesTally(source.Label);
        if (changes.All(one => one.Layer == changes[0].Layer))
        {
            var together = new Intervention(changes[0].Layer, new ChangesTogether(changes, Grid(model, changes[0].Layer)), UnitOperation.Scale(1));
            InterventionEvaluator.Evaluate(model, [together], source, options, tally.Add, progress, cancellationToken);
        }
        else
        {
            foreach (InterventionOutcome one in OneByOne(model, changes, source, options, progress, cancellationToken)) tally.Add(one);
        }
        return tally.Result(label => source.Classes[label].Name);
    }

    private static (int Height, int Width)? Grid(ImageModel model, string layer) =>
        model.Layers.FirstOrDefault(one => one.Name == layer)?.Shape is [_, var height, var width] ? (height, width) : null;

    private static IEnumerable<InterventionOutcome> OneByOne(
        ImageModel model, IReadOnlyList<Intervention> changes, IImageSource source, InterventionOptions options,
        IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken)
    {
        var network = new NetworkStudy(model, [.. changes.Select(one => one.Layer).Distinct()]);
        IReadOnlyList<int> images = options.Images ?? [.. Enumerable.Range(0, source.Count)];
        var loader = new ImageLoader(source, model.Preprocessing, new LoaderOptions { BatchSize = 1 });
        int done = 0;
        foreach (ImageBatch batch in loader.Load(images, cancellationToken))
        {
            if (batch.Count == 0) continue;
            cancellationToken.ThrowIfCancellationRequested();
            using var study = new ImageStudy(network, batch.Pixels, batch.Height, batch.Width);
            float[] before = [.. study.Answer], after = [.. study.With(changes)];
            int label = batch.Labels[0];
            yield return new InterventionOutcome(
                0, batch.Indices[0], Score(before, label), Score(after, label), Divergence(before, after), after[label] - before[label]);
            done++;
            progress?.Report(new EvaluationProgress(done, images.Count));
        }
        if (done == 0) throw FoveaException.BadData($"{source.Description} has no image to evaluate.");
    }

    private static ImageScore Score(float[] logits, int label)
    {
        var score = LogitScore.Of(logits, label);
        return new ImageScore(score.Rank, score.Loss);
    }

    private static double Divergence(float[] before, float[] after)
    {
        using var scope = NewDisposeScope();
        return Logits.Divergence(tensor(before).unsqueeze(0), tensor(after).unsqueeze(0))[0];
    }
}
