using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Numerics;
using Fovea.Visualization;
using static TorchSharp.torch;

namespace Fovea.Interventions.Effects;

/// <summary>
/// What in an image makes a unit fire, beside where it fires: integrated gradients (Sundararajan et al. 2017) of its value at one position
/// by the pixels, from the mean colour to the image, and a check of them: patches are taken away and put in by their attribution (deletion
/// and insertion, Petsiuk et al. 2018) beside random orders.
/// </summary>
public static class FiringAttribution
{
    /// <summary>Attributes a unit's value at a position to patches of an image.</summary>
    /// <param name="model">The network; evaluation mode for the time of the call.</param>
    /// <param name="group">Neurons or latents of a layer with positions.</param>
    /// <param name="unit">Which.</param>
    /// <param name="image">As the network sees it (<see cref="Preprocessing.ApplyToPixels"/>).</param>
    /// <param name="position">Row and column of the layer's grid.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <exception cref="FoveaException">Configuration: no such layer, unit or position, or a grid finer than the image.</exception>
    public static FiringMap Of(
        ImageModel model, UnitGroup group, int unit, RgbImage image, (int Y, int X) position, FiringOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(image);
        options ??= new FiringOptions();
        if (options.Grid < 1 || options.Grid > Math.Min(image.Height, image.Width))
        {
            throw FoveaException.BadConfiguration(
                $"A grid of {options.Grid} × {options.Grid} patches does not fit an image of {image.Width} × {image.Height}.");
        }
        using var frozen = new FrozenNetwork(model);
        using var scope = NewDisposeScope();
        var pixels = new float[3 * image.Height * image.Width];
        model.Preprocessing.Normalise(image.Pixels, pixels);
        Tensor input = tensor(pixels, [1, 3, image.Height, image.Width], device: model.Device);
        Func<Tensor, Tensor> value = ValueOf(model, group, unit, position);
        using var quiet = no_grad();
        Tensor map = Integrated(model, group.Layer, value, input, options) * input;
        float[] patches = [.. Patches(map, options.Grid)];
        double[] ends = Values(model, group.Layer, value, cat([input, zeros_like(input)]), options.BatchSize);
        // Where the image lowers the value, the patches that lower it most come first.
        int sign = ends[0] >= ends[1] ? 1 : -1;
        int[] order = [.. Enumerable.Range(0, patches.Length).OrderByDescending(patch => sign * patches[patch]).ThenBy(patch => patch)];
        var areas = new PatchAreas(model, group.Layer, value, input, options, ends[1], ends[0]);
        var (deletion, insertion) = areas.Of(order);
        double deletedAtRandom = 0, insertedAtRandom = 0;
        for (int i = 0; i < options.RandomOrders; i++)
        {
            var (out_, in_) = areas.Of(new CounterRandom(options.Seed, "effects/patches", i).Permutation(patches.Length));
            deletedAtRandom += out_ / options.RandomOrders;
            insertedAtRandom += in_ / options.RandomOrders;
        }
        return new FiringMap(
            ends[0], ends[1], [.. patches.Chunk(options.Grid)], deletion, options.RandomOrders > 0 ? deletedAtRandom : double.NaN, insertion,
            options.RandomOrders > 0 ? insertedAtRandom : double.NaN);
    }

    /// <summary>From a layer's output to the unit's value at the position, <c>[N]</c>, differentiable.</summary>
    private static Func<Tensor, Tensor> ValueOf(ImageModel model, UnitGroup group, int unit, (int Y, int X) position)
    {
        ModelLayer layer = model.Layers.FirstOrDefault(one => one.Name == group.Layer)
            ?? throw FoveaException.BadConfiguration(
                $"There is no layer {group.Layer}.{Suggestions.Sentence(group.Layer, [.. model.LayerNames])}");
        int units = group.UnitCount(layer.Shape[0]);
        if ((uint)unit >= (uint)units) throw FoveaException.BadConfiguration($"Unit {unit} does not exist: there are {units}, from 0.");
        if (!layer.IsGrid || position.Y < 0 || position.Y >= layer.Shape[1] || position.X < 0 || position.X >= layer.Shape[2])
            throw FoveaException.BadConfiguration($"Position ({position.Y}, {position.X}) is not on the grid of {group.Layer}.");
        return output =>
        {
            Tensor vectors = output.select(3, position.X).select(2, position.Y);
            return group.Autoencoder is { } autoencoder
                ? autoencoder.PreActivations(vectors.to(autoencoder.Device)).select(1, unit) : vectors.select(1, unit);
        };
    }

    private static Tensor Integrated(ImageModel model, string layer, Func<Tensor, Tensor> value, Tensor input, FiringOptions options)
    {
        var probe = new Probe(layer) { Gradient = new ProbeGradient(result => value(result[layer]), [model.Graph.Input]) };
        Tensor sum = zeros_like(input);
        double[] points = [.. Enumerable.Range(0, options.IntegrationSteps).Select(i => (i + 0.5) / options.IntegrationSteps)];
        foreach (double[] some in points.Chunk(options.BatchSize))
        {
            using var scope = NewDisposeScope();
            Tensor way = cat([.. some.Select(point => input * point)]);
            ProbeResult result = model.Forward(way, probe);
            sum.add_(result.Gradient(model.Graph.Input).sum([0L], keepdim: true));
        }
        return sum / options.IntegrationSteps;
    }

    internal static double[] Values(ImageModel model, string layer, Func<Tensor, Tensor> value, Tensor images, int batchSize)
    {
        var probe = new Probe(layer);
        List<double> values = [];
        for (int start = 0; start < images.shape[0]; start += batchSize)
        {
            using var scope = NewDisposeScope();
            Tensor some = images.narrow(0, start, Math.Min(batchSize, images.shape[0] - start));
            values.AddRange(value(model.Forward(some, probe)[layer]).to(float64).cpu().contiguous().data<double>());
        }
        return [.. values];
    }

    /// <summary>Sums over the pixels and colours of each patch.</summary>
    private static float[] Patches(Tensor map, int grid)
    {
        int height = (int)map.shape[2], width = (int)map.shape[3];
        float[] all = map.sum([0L, 1L]).to(float32).cpu().contiguous().data<float>().ToArray();
        var sums = new double[grid * grid];
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) sums[y * grid / height * grid + x * grid / width] += all[y * width + x];
        return [.. sums.Select(sum => (float)sum)];
    }
}
