using Fovea.Datasets;
using Fovea.Dictionaries;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Models.Edits;
using Fovea.Numerics;
using Fovea.Training;
using Fovea.Visualization;
using static TorchSharp.torch;

namespace Fovea.Interventions;

/// <summary>
/// Measures any number of interventions beside the network as it is. An image is decoded once and goes once through the network; for each
/// intervention only what depends on its layer is run, exactly. Images are streamed, and one intervention is on its way at a time, so
/// memory grows with neither.
/// </summary>
public static class InterventionEvaluator
{
    private const int Redraws = 16;

    /// <summary>Evaluates a list of interventions, each alone.</summary>
    /// <param name="model">The network; evaluation mode for the time of the call.</param>
    /// <param name="interventions">On any layers.</param>
    /// <param name="source">Labelled images whose classes are the network's.</param>
    /// <param name="options">Which images; null for all.</param>
    /// <param name="each">Told every outcome: batch by batch, in each the interventions in their order, for each of them the images in
    /// theirs.</param>
    /// <param name="progress">Reported to after each batch.</param>
    /// <param name="cancellationToken">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>One result an intervention, in their order.</returns>
    /// <exception cref="FoveaException">No such layer, units of another layer or network, too many damaged images, or none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index of <see cref="InterventionOptions.Images"/> is not one of the
    /// source's.</exception>
    public static IReadOnlyList<InterventionResult> Evaluate(
        ImageModel model, IReadOnlyList<Intervention> interventions, IImageSource source,
        InterventionOptions? options = null, Action<InterventionOutcome>? each = null, IProgress<EvaluationProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(interventions);
        ArgumentNullException.ThrowIfNull(source);
        options ??= new InterventionOptions();
        model.RequireClasses(source);
        interventions.Select(one => one.Units).OfType<Latents>().Select(latents => latents.Dictionary).RequireNetwork(model);
        IReadOnlyList<int> images = options.Images ?? [.. Enumerable.Range(0, source.Count)];
        var loader = new ImageLoader(source, model.Preprocessing, new LoaderOptions { BatchSize = options.BatchSize });
        var tails = interventions.Select(one => one.Layer).Distinct()
            .ToDictionary(layer => layer, layer => new LayerTail(model, layer), StringComparer.Ordinal);
        var probe = new Probe(tails.SelectMany(pair => pair.Value.Beside.Append(pair.Key))) { Output = true };
        int[] pool = [.. images.Distinct()];
        string[] resampled = [.. interventions.Where(one => one.NeedsOthers).Select(one => one.Layer).Distinct()];
        if (resampled.Length > 0 && pool.Length < 2)
            throw FoveaException.BadConfiguration("Resampling takes values from other images, and there is only one.");
        RunningResult[] results = [.. interventions.Select(_ => new RunningResult())];
        using var frozen = new FrozenNetwork(model);
        int done = 0;
        foreach (ImageBatch batch in loader.Load(images, cancellationToken))
        {
            if (batch.Count == 0) continue;
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            ProbeResult whole = model.Forward(batch.ToTensor(model.Device), probe);
            ProbeResult? others = resampled.Length == 0
                ? null : model.Forward(Others(model, source, pool, batch, options.Seed, cancellationToken), new Probe(resampled));
            ImageScore[] original = Score(whole.Logits, batch);
            float[] before = OwnLogits(whole.Logits, batch);
            for (int i = 0; i < interventions.Count; i++)
            {
                using var one = NewDisposeScope();
                Intervention intervention = interventions[i];
                LayerTail.Pass pass = tails[intervention.Layer].Of(whole);
                Tensor logits = pass.With(intervention.Apply(pass.Output, intervention.NeedsOthers ? others![intervention.Layer] : null));
                ImageScore[] edited = Score(logits, batch);
                double[] divergences = Logits.Divergence(whole.Logits, logits);
                float[] after = OwnLogits(logits, batch);
                for (int n = 0; n < batch.Count; n++)
                {
                    var outcome = new InterventionOutcome(
                        i, batch.Indices[n], original[n], edited[n], divergences[n], after[n] - before[n]);
                    results[i].Add(outcome);
                    each?.Invoke(outcome);
                }
            }
            done += batch.Count;
            progress?.Report(new EvaluationProgress(done, images.Count));
        }
        if (done == 0) throw FoveaException.BadData($"{source.Description} has no image to evaluate.");
        return [.. results.Select((result, i) => result.Of(interventions[i]))];
    }

    private static ImageScore[] Score(Tensor logits, ImageBatch batch) =>
        [.. Logits.Score(logits, batch.Labels).Select(score => new ImageScore(score.Rank, score.Loss))];

    private static float[] OwnLogits(Tensor logits, ImageBatch batch)
    {
        using var scope = NewDisposeScope();
        return [.. logits.gather(1, batch.LabelTensor(logits.device).unsqueeze(1)).cpu().to(float32).data<float>()];
    }

    /// <summary>For each image of a batch another one of the evaluation, drawn by (seed, image); a damaged one is drawn anew.</summary>
    private static Tensor Others(
        ImageModel model, IImageSource source, int[] pool, ImageBatch batch, ulong seed, CancellationToken cancellationToken)
    {
        int length = 3 * batch.Height * batch.Width;
        var pixels = new float[batch.Count * length];
        ParallelLoop.For(batch.Count, n =>
        {
            var random = new CounterRandom(seed, "interventions/resample", batch.Indices[n]);
            for (int attempt = 0; ;)
            {
                int other = pool[random.NextInt(pool.Length)];
                if (other == batch.Indices[n]) continue;
                try
                {
                    model.Preprocessing.Apply(source.Read(other), other, pixels.AsSpan(n * length, length));
                    return;
                }
                catch (DamagedImageException) when (++attempt < Redraws)
                {
                    // Another one is drawn.
                }
            }
        }, cancellationToken);
        return tensor(pixels, [batch.Count, 3, batch.Height, batch.Width], device: model.Device);
    }
}
