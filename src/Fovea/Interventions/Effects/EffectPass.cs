using Fovea.Datasets;
using Fovea.Dictionaries;
using Fovea.Models;
using Fovea.Models.Edits;
using Fovea.Training;
using Fovea.Visualization;
using static TorchSharp.torch;

namespace Fovea.Interventions.Effects;

/// <summary>
/// The passes that effects of many changes of one layer are measured in. An image goes once through the network up to the layer. Where
/// pooling and a linear head follow, answers after all changes are one product; elsewhere changed outputs of several images go through the
/// rest of the network together, and those that do not differ from what was there are not run. Memory grows neither with the changes nor
/// with the images.
/// </summary>
internal static class EffectPass
{
    /// <summary>Runs the passes.</summary>
    /// <param name="model">The network; evaluation mode for the time of the call.</param>
    /// <param name="units">The units.</param>
    /// <param name="operation">What becomes of their values; means are one for each unit of the layer.</param>
    /// <param name="source">The images.</param>
    /// <param name="options">Which changes and images.</param>
    /// <param name="observer">Told what comes of it, in an order that is the same each time.</param>
    /// <param name="progress">Reported to after each batch.</param>
    /// <param name="cancellation">Stops between two passes.</param>
    /// <param name="how">How changes are made; null: the fastest way that there is. It stays the caller's.</param>
    /// <exception cref="FoveaException">No such layer, units of another layer or network, classes that are not the network's, too many
    /// damaged images, or none; numerical: an answer is not finite.</exception>
    public static void Run(
        ImageModel model, EffectUnits units, UnitOperation operation, IImageSource source, EffectOptions options, IEffectObserver observer,
        IProgress<EvaluationProgress>? progress, CancellationToken cancellation, ChangedAnswers? how = null)
    {
        if (options is { OfPredictedClass: false, OfAnswer: false }) model.RequireClasses(source);
        string layer = units.Layer;
        if (units.Dictionary is { } dictionary) ((IFeatureDictionary[])[dictionary]).RequireNetwork(model);
        var tail = new LayerTail(model, layer);
        int channels = model.Layers.First(one => one.Name == layer).Shape[0];
        EffectPlan plan = EffectPlan.Of(options.Sets, units.Count(channels), operation);
        IReadOnlyList<int> images = options.Images ?? [.. Enumerable.Range(0, source.Count)];
        var loader = new ImageLoader(source, model.Preprocessing, new LoaderOptions { BatchSize = options.BatchSize });
        using var frozen = new FrozenNetwork(model);
        using ModelReader reader = model.Reader(new Probe([layer, .. tail.Beside]));
        using ChangedAnswers? own = how is null ? ChangedAnswers.Of(model, layer, units, options.PassSize) : null;
        ChangedAnswers answers = how ?? own!;
        int done = 0;
        foreach (ImageBatch batch in loader.Load(images, cancellation))
        {
            if (batch.Count == 0) continue;
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            ProbeResult read = reader.Run(batch.ToTensor(model.Device));
            LayerTail.Pass pass = tail.Of(read);
            using var changes = new UnitChanges(units, pass.Output);
            // What is compared is libtorch's both, of the same value of the layer.
            Tensor plain = pass.With(changes.Base).flatten(1);
            if (!plain.isfinite().all().item<bool>())
                throw FoveaException.NumericalFailure("The network's answer is NaN or infinite. Are its weights finite?");
            int[] classes = options.OfAnswer ? [] : !options.OfPredictedClass ? batch.Labels
                : Predicted(ReferenceEquals(changes.Base, pass.Output) ? plain : pass.Unchanged().flatten(1));
            EffectTarget target = options.OfAnswer ? EffectTarget.OfAnswers(plain) : EffectTarget.OfClasses(classes, plain.device);
            observer.Begin(batch, classes, plain, target);
            Tensor? gradient = null, integrated = null;
            if (options.Predict) (gradient, integrated) = Derivatives(pass, changes.Base, target, options.IntegrationSteps);
            foreach (EffectPlan.Piece piece in plan.Pieces)
            {
                cancellation.ThrowIfCancellationRequested();
                answers.Make(
                    piece, changes, pass, plain, gradient, integrated,
                    (set, place) => options.Where?.Invoke(set, batch.Indices[place]) ?? true, observer, cancellation);
            }
            done += batch.Count;
            progress?.Report(new EvaluationProgress(done, images.Count));
        }
        if (done == 0) throw FoveaException.BadData($"{source.Description} has no image to evaluate.");
    }

    /// <summary>The derivative of each image's number at the layer's output, and its mean at midpoints of the way there from 0.</summary>
    private static (Tensor Gradient, Tensor? Integrated) Derivatives(LayerTail.Pass pass, Tensor output, EffectTarget target, int steps)
    {
        using var scope = NewDisposeScope();
        Tensor gradient = pass.Gradient(output, answers => target.Of(answers));
        Tensor? sum = null;
        for (int i = 0; i < steps; i++)
        {
            Tensor one = pass.Gradient(output * ((i + 0.5) / steps), answers => target.Of(answers));
            if (sum is null) sum = one;
            else sum.add_(one);
        }
        return (Rows(gradient).MoveToOuterDisposeScope(), sum is null ? null : Rows(sum / steps).MoveToOuterDisposeScope());
    }

    private static int[] Predicted(Tensor answers) => [.. answers.argmax(1).cpu().data<long>().Select(one => (int)one)];

    /// <summary>Position by position, <c>[N · positions, C]</c>.</summary>
    private static Tensor Rows(Tensor output) => output.movedim([1], [-1]).reshape(-1, output.shape[1]).to(float32);
}
