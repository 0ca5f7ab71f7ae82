using Fovea.Datasets;
using Fovea.Models;
using Fovea.Models.Edits;

namespace Fovea.Interventions.Effects;

/// <summary>
/// Why the derivative's prediction fails for a unit: the kind of operations behind the layer that, held to what they do on the unchanged
/// images (<see cref="HeldOperations"/>), makes the unit do what was predicted. A cause, not a resemblance: all but that kind stays as it
/// is.
/// </summary>
internal static class EffectReasons
{
    /// <summary>Images that reasons are told from: each kind costs two passes an image and unit.</summary>
    public const int MostImages = 64;

    /// <summary>A kind accounts for a failure where no more than this share of the error is left with it held.</summary>
    private const double LargestRest = 1 / 3.0;

    private static readonly (NonlinearKind Kind, string Reason)[] Kinds =
    [
        (NonlinearKind.Rectifier, EffectDisagreements.Rectifier), (NonlinearKind.Saturation, EffectDisagreements.Saturation),
        (NonlinearKind.Normalisation, EffectDisagreements.Normalisation), (NonlinearKind.Product, EffectDisagreements.Products),
    ];

    /// <summary>The reason of each unit.</summary>
    /// <param name="model">The network.</param>
    /// <param name="units">Their kind.</param>
    /// <param name="numbers">The units whose prediction fails.</param>
    /// <param name="source">The images.</param>
    /// <param name="options">Which images, and whose logit.</param>
    /// <param name="cancellation">Stops between two passes.</param>
    public static Dictionary<int, string> Of(
        ImageModel model, EffectUnits units, IReadOnlyList<int> numbers, IImageSource source, EffectStudyOptions options,
        CancellationToken cancellation)
    {
        if (numbers.Count == 0) return [];
        NonlinearKind present = Nonlinearities.Nodes(model, units.Layer)
            .Aggregate(NonlinearKind.None, (all, node) => all | Nonlinearities.Of(node));
        EffectOptions some = options.ForEvaluator([.. numbers.Select(unit => (int[])[unit])]) with
        {
            Images = Spread(options.Images ?? [.. Enumerable.Range(0, source.Count)]),
            IntegrationSteps = 0,
        };
        Errors own = Measure(null)!;
        Dictionary<NonlinearKind, Errors?> held = [];
        // A network of a fixed number of images has no halves.
        if (model.Graph.FixedBatch is null)
            foreach (var (kind, _) in Kinds.Where(one => present.HasFlag(one.Kind))) held[kind] = Measure(kind);
        Errors? opening = held.GetValueOrDefault(NonlinearKind.Rectifier) is null ? null : Measure(NonlinearKind.Rectifier, opening: true);
        return Enumerable.Range(0, numbers.Count).ToDictionary(i => numbers[i], i => Reason(i, own, held, opening));

        Errors? Measure(NonlinearKind? kind, bool opening = false)
        {
            var errors = new Errors(numbers.Count);
            try
            {
                using HeldAnswers? answers = kind is { } one
                    ? new HeldAnswers(units, HeldOperations.Behind(model, units.Layer, one, opening)) : null;
                EffectEvaluator.EvaluateBy(answers, model, units, UnitOperation.Zero, source, some, errors.Add, null, cancellation);
                return errors;
            }
            catch (NotHeldException)
            {
                return null;
            }
        }
    }

    private static string Reason(int unit, Errors own, Dictionary<NonlinearKind, Errors?> held, Errors? opening)
    {
        // Nothing to tell from on these images.
        if (!(own.Sum[unit] > 0)) return EffectDisagreements.Several;
        double most = LargestRest * own.Sum[unit];
        string? reason = null;
        double least = most;
        foreach (var (kind, name) in Kinds)
        {
            if (held.GetValueOrDefault(kind) is not { } errors || !(errors.Sum[unit] <= least)) continue;
            (least, reason) = (errors.Sum[unit], name);
        }
        // What opens where the unit is gone, and takes back what its absence costs.
        bool opens = reason == EffectDisagreements.Rectifier && opening is not null && opening.Sum[unit] <= most;
        return opens && TakesBack(own.Predicted[unit], own.Measured[unit]) ? EffectDisagreements.Compensation
            : reason ?? EffectDisagreements.Several;
    }

    private static bool TakesBack(double predicted, double measured) =>
        predicted * measured < 0 || Math.Abs(measured) < Math.Abs(predicted);

    private static IReadOnlyList<int> Spread(IReadOnlyList<int> images) => images.Count <= MostImages ? images
        : [.. Enumerable.Range(0, MostImages).Select(i => images[(int)((long)i * images.Count / MostImages)])];

    /// <summary>Predicted beside measured, unit by unit.</summary>
    private sealed class Errors(int units)
    {
        /// <summary>Σ|predicted − measured|.</summary>
        public double[] Sum { get; } = new double[units];

        /// <summary>Σ predicted.</summary>
        public double[] Predicted { get; } = new double[units];

        /// <summary>Σ measured.</summary>
        public double[] Measured { get; } = new double[units];

        public void Add(EffectOutcome one)
        {
            if (one.Silent) return;
            Sum[one.Set] += Math.Abs(one.Gradient - one.LogitChange);
            Predicted[one.Set] += one.Gradient;
            Measured[one.Set] += one.LogitChange;
        }
    }
}
