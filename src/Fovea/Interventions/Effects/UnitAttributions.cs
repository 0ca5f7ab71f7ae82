using Fovea.Datasets;
using Fovea.Models;
using Fovea.Models.Edits;
using static TorchSharp.torch;

namespace Fovea.Interventions.Effects;

/// <summary>
/// What each unit of a layer adds to the number that is looked at, on average: minus what derivatives predict for setting it to 0, by
/// integrated gradients where they are taken. Costs a few passes an image, whatever the number of units.
/// </summary>
internal sealed class UnitAttributions : IEffectObserver
{
    private readonly bool _integrated;
    private readonly double[] _sums, _sizes;
    private int _images;

    private UnitAttributions(int units, bool integrated) =>
        (_sums, _sizes, _integrated) = (new double[units], new double[units], integrated);

    /// <summary>The mean attribution of each unit.</summary>
    public double[] Mean => [.. _sums.Select(sum => sum / _images)];

    /// <summary>The mean attribution without its sign.</summary>
    public double[] Size => [.. _sizes.Select(sum => sum / _images)];

    /// <summary>Of some images.</summary>
    /// <param name="model">The network.</param>
    /// <param name="units">The units.</param>
    /// <param name="source">The images.</param>
    /// <param name="options">Which images; sets and places are not looked at.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    public static UnitAttributions Of(
        ImageModel model, EffectUnits units, IImageSource source, EffectOptions options, CancellationToken cancellation)
    {
        int count = units.Count(model.Layers.First(layer => layer.Name == units.Layer).Shape[0]);
        var attributions = new UnitAttributions(count, options.IntegrationSteps > 0);
        using var none = new NoAnswers(units);
        EffectPass.Run(
            model, units, UnitOperation.Zero, source, options with { Sets = null, Where = null, Predict = true }, attributions, null,
            cancellation, none);
        return attributions;
    }

    /// <inheritdoc/>
    public void Begin(ImageBatch batch, int[] classes, Tensor own, EffectTarget target) => _images += batch.Count;

    /// <inheritdoc/>
    public void Silent(int set, int place)
    {
        // It adds nothing.
    }

    /// <inheritdoc/>
    public void Changed(IReadOnlyList<EffectPair> pairs, Tensor changed)
    {
        foreach (EffectPair pair in pairs)
        {
            double added = -(_integrated ? pair.Integrated : pair.Gradient);
            _sums[pair.Set] += added;
            _sizes[pair.Set] += Math.Abs(added);
        }
    }
}
