using Fovea.Datasets;
using Fovea.Dictionaries;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Models.Edits;
using Fovea.Numerics;
using Fovea.Training;
using Fovea.Visualization;
using static TorchSharp.torch;

namespace Fovea.Interventions;

/// <summary>
/// The passes that interventions are measured in: batch by batch the network up to the layers, by the fastest engine, then its rest for
/// each layer as it is and for each intervention, of which only what depends on the layer is run. An answer and the one it is compared with
/// are thus libtorch's both, of the same value of the layer. What is made of the answers is the caller's.
/// </summary>
internal static class InterventionPass
{
    private const int Redraws = 16;

    /// <summary>Runs the passes.</summary>
    /// <param name="model">The network; evaluation mode for the time of the call.</param>
    /// <param name="interventions">On any layers.</param>
    /// <param name="source">The images.</param>
    /// <param name="options">Which images.</param>
    /// <param name="each">Told for every batch and intervention, in this order: the batch, the intervention's number, the network's own
    /// answers, the changed ones.</param>
    /// <param name="progress">Reported to after each batch.</param>
    /// <param name="cancellationToken">Stops with an <see cref="OperationCanceledException"/>.</param>
    public static void Run(
        ImageModel model, IReadOnlyList<Intervention> interventions, IImageSource source, InterventionOptions options,
        Action<ImageBatch, int, Tensor, Tensor> each, IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken)
    {
        interventions.Select(one => one.Units).OfType<Latents>().Select(latents => latents.Dictionary).RequireNetwork(model);
        IReadOnlyList<int> images = options.Images ?? [.. Enumerable.Range(0, source.Count)];
        var loader = new ImageLoader(source, model.Preprocessing, new LoaderOptions { BatchSize = options.BatchSize });
        var tails = interventions.Select(one => one.Layer).Distinct()
            .ToDictionary(layer => layer, layer => new LayerTail(model, layer), StringComparer.Ordinal);
        string[] read = [.. tails.SelectMany(pair => pair.Value.Beside.Append(pair.Key))];
        var whole = new Probe(read) { Output = true };
        int[] pool = [.. images.Distinct()];
        string[] resampled = [.. interventions.Where(one => one.NeedsOthers).Select(one => one.Layer).Distinct()];
        if (resampled.Length > 0 && pool.Length < 2)
            throw FoveaException.BadConfiguration("Resampling takes values from other images, and there is only one.");
        using var frozen = new FrozenNetwork(model);
        using ModelReader reader = model.Reader(new Probe(read));
        using ModelReader? other = resampled.Length > 0 ? model.Reader(new Probe(resampled)) : null;
        bool alone = reader.Engine.Name == ReadingEngine.Torch;
        int done = 0;
        foreach (ImageBatch batch in loader.Load(images, cancellationToken))
        {
            if (batch.Count == 0) continue;
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            Tensor input = batch.ToTensor(model.Device);
            // Where libtorch reads too, one pass of it gives the answers.
            ProbeResult first = alone ? model.Forward(input, whole) : reader.Run(input);
            var answers = tails.ToDictionary(
                pair => pair.Key, pair => alone ? first.Logits : pair.Value.Of(first).Unchanged(), StringComparer.Ordinal);
            ProbeResult? others = other?.Run(Others(model, source, pool, batch, options.Seed, cancellationToken));
            for (int i = 0; i < interventions.Count; i++)
            {
                using var one = NewDisposeScope();
                Intervention intervention = interventions[i];
                LayerTail.Pass pass = tails[intervention.Layer].Of(first);
                each(batch, i, answers[intervention.Layer],
                    pass.With(intervention.Apply(pass.Output, intervention.NeedsOthers ? others![intervention.Layer] : null)));
            }
            done += batch.Count;
            progress?.Report(new EvaluationProgress(done, images.Count));
        }
        if (done == 0) throw FoveaException.BadData($"{source.Description} has no image to evaluate.");
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
