using Fovea.Datasets;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Models.Edits;
using Fovea.Training;
using static TorchSharp.torch;

namespace Fovea.Interventions.Effects;

/// <summary>
/// Measures what many units of a layer do, each changed alone or some together, image by image. The network runs once up to the layer;
/// before pooling and a linear head all effects follow from that pass by algebra, elsewhere changed outputs run through the rest of the
/// network together, and a unit that has the value already that it is given costs nothing. Values are those of a whole pass in which the
/// layer's output is changed on the way. Memory grows neither with the changes nor with the images, but for the results.
/// </summary>
public static class EffectEvaluator
{
    /// <summary>Measures the changes.</summary>
    /// <param name="model">The network; evaluation mode for the time of the call.</param>
    /// <param name="units">The units of a layer.</param>
    /// <param name="operation">What becomes of their values; means are one for each unit of the layer. Not
    /// <see cref="UnitOperation.Resample"/>.</param>
    /// <param name="source">Labelled images whose classes are the network's; any, with <see cref="EffectOptions.OfPredictedClass"/>.</param>
    /// <param name="options">Which units together, which images; null: each unit alone on all images.</param>
    /// <param name="each">Told every outcome: batch by batch, within one in an order that is the same each time.</param>
    /// <param name="progress">Reported to after each batch.</param>
    /// <param name="cancellationToken">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>One result a change, in their order.</returns>
    /// <exception cref="FoveaException">Configuration: no such layer or unit, units of another layer or network, an operation that needs
    /// other images. Data: classes that are not the network's, too many damaged images, or none. Numerical: an answer is not
    /// finite.</exception>
    public static IReadOnlyList<EffectResult> Evaluate(
        ImageModel model, EffectUnits units, UnitOperation operation, IImageSource source, EffectOptions? options = null,
        Action<EffectOutcome>? each = null, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default) =>
        EvaluateBy(null, model, units, operation, source, options, each, progress, cancellationToken);

    /// <summary>The same with answers made in a given way, which stays the caller's; null: the fastest that there is.</summary>
    internal static IReadOnlyList<EffectResult> EvaluateBy(
        ChangedAnswers? how, ImageModel model, EffectUnits units, UnitOperation operation, IImageSource source, EffectOptions? options,
        Action<EffectOutcome>? each, IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(units);
        ArgumentNullException.ThrowIfNull(operation);
        ArgumentNullException.ThrowIfNull(source);
        options ??= new EffectOptions();
        var sums = new Summing(options, each);
        EffectPass.Run(model, units, operation, source, options, sums, progress, cancellationToken, how);
        int count = options.Sets?.Count ?? units.Count(model.Layers.First(layer => layer.Name == units.Layer).Shape[0]);
        return [.. Enumerable.Range(0, count).Select(set => sums.Result(set, options.Sets?[set] ?? [set]))];
    }

    /// <summary>Makes outcomes of answers, and sums them up.</summary>
    private sealed class Summing(EffectOptions options, Action<EffectOutcome>? each) : IEffectObserver
    {
        private readonly Dictionary<int, EffectSums> _sets = [];
        private readonly BootstrapDraws _draws = new(options.Seed);
        private ImageBatch _batch = null!;
        private int[] _classes = [];
        private EffectTarget _target = null!;
        private ImageScore[] _original = [];
        private float[] _logits = [];
        private Tensor _own = null!;

        public void Begin(ImageBatch batch, int[] classes, Tensor own, EffectTarget target)
        {
            (_batch, _classes, _own, _target) = (batch, classes, own, target);
            _original = Score(own, [.. Enumerable.Range(0, batch.Count)]);
            _logits = Numbers(target.Of(own));
            _draws.Begin(batch.Indices);
        }

        public void Silent(int set, int place)
        {
            Of(set).AddSilent(_draws.Of(place), _original[place].Top1);
            each?.Invoke(new EffectOutcome(
                set, _batch.Indices[place], Class(place), _original[place], _original[place], 0, options.Predict ? 0 : double.NaN,
                options.Predict && options.IntegrationSteps > 0 ? 0 : double.NaN, Silent: true));
        }

        public void Changed(IReadOnlyList<EffectPair> pairs, Tensor changed)
        {
            using var scope = NewDisposeScope();
            Tensor places = tensor([.. pairs.Select(pair => (long)pair.Place)], int64, device: changed.device);
            ImageScore[] scores = Score(changed, [.. pairs.Select(pair => pair.Place)]);
            float[] logits = Numbers(_target.Of(changed, places));
            for (int i = 0; i < pairs.Count; i++)
            {
                var (set, place, gradient, integrated) = pairs[i];
                if (!float.IsFinite(logits[i]))
                    throw FoveaException.NumericalFailure("With a change the network's answer is NaN or infinite: make it smaller.");
                var outcome = new EffectOutcome(
                    set, _batch.Indices[place], Class(place), _original[place], scores[i], logits[i] - _logits[place], gradient, integrated,
                    Silent: false);
                Of(set).Add(outcome, _draws.Of(place));
                each?.Invoke(outcome);
            }
            AddClasses(pairs, changed - _own.index_select(0, places));
        }

        public EffectResult Result(int set, IReadOnlyList<int> units) => Of(set).Result(units);

        private void AddClasses(IReadOnlyList<EffectPair> pairs, Tensor differences)
        {
            int outputs = (int)differences.shape[1];
            float[] all = Numbers(differences);
            for (int i = 0; i < pairs.Count; i++) Of(pairs[i].Set).AddLogits(all.AsSpan(i * outputs, outputs));
        }

        private EffectSums Of(int set)
        {
            if (!_sets.TryGetValue(set, out EffectSums? sums)) _sets[set] = sums = new EffectSums();
            return sums;
        }

        private int Class(int place) => options.OfAnswer ? -1 : _classes[place];

        // Without classes there is no rank and no probability.
        private ImageScore[] Score(Tensor logits, int[] places) => options.OfAnswer
            ? [.. places.Select(_ => new ImageScore(0, double.NaN))]
            : [.. Logits.Score(logits, [.. places.Select(place => _classes[place])]).Select(score => new ImageScore(score.Rank, score.Loss))];

        private static float[] Numbers(Tensor values) => values.to(float32).cpu().contiguous().data<float>().ToArray();
    }
}
