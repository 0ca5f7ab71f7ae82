using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Numerics;
using Fovea.Visualization;
using static TorchSharp.torch;

namespace Fovea.Interventions.Circuits;

/// <summary>Images that a circuit is chosen on, and others that it is put to the test on.</summary>
/// <param name="ChosenOn">Indices of the source.</param>
/// <param name="JudgedOn">Indices of the source, none of the former.</param>
public sealed record CircuitImages(IReadOnlyList<int> ChosenOn, IReadOnlyList<int> JudgedOn)
{
    /// <summary>Fewer tell nothing on either half.</summary>
    private const int Fewest = 4;

    /// <summary>Images that a unit is looked for on, for each one wanted.</summary>
    private const int Pool = 10;

    /// <summary>Images of a class, drawn by the seed; every second one of them to choose on.</summary>
    /// <param name="model">The network.</param>
    /// <param name="source">The images.</param>
    /// <param name="among">Indices to draw from.</param>
    /// <param name="output">The class.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="predicted">Whether a class is that which the network names, for images whose classes are not its own.</param>
    /// <param name="seed">Decides the draw.</param>
    /// <param name="cancellation">Stops a pass over the images.</param>
    /// <exception cref="FoveaException">Data: fewer than 4 of them are of the class.</exception>
    public static CircuitImages OfClass(
        ImageModel model, IImageSource source, IReadOnlyList<int> among, int output, int most, bool predicted, ulong seed,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(among);
        if (!predicted) model.RequireClasses(source);
        int[] own = predicted
            ? [.. PredictedClasses.Of(model, source, among, cancellation).Where(one => one.Class == output).Select(one => one.Image)]
            : [.. among.Where(image => source.Label(image) == output)];
        if (own.Length < Fewest)
        {
            throw FoveaException.BadData(
                $"Of {among.Count} images of {source.Description} that no dictionary was trained on, {own.Length} "
                    + $"{(own.Length == 1 ? "is" : "are")} of {model.ClassName(output)}; a circuit needs {Fewest}.");
        }
        int[] order = new CounterRandom(seed, "circuits/images", output).Permutation(own.Length);
        return Halves([.. order.Take(most).Select(i => own[i])]);
    }

    /// <summary>
    /// Images on which a unit is largest, by its mean over positions, among ten times as many; every second one to choose on.
    /// </summary>
    /// <param name="model">The network.</param>
    /// <param name="units">The unit's group.</param>
    /// <param name="unit">The unit.</param>
    /// <param name="source">The images.</param>
    /// <param name="among">Indices to draw from.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="seed">Decides the draw.</param>
    /// <param name="cancellation">Stops the pass.</param>
    /// <exception cref="FoveaException">Configuration: there is no such unit. Data: fewer than 4 images drive it.</exception>
    public static CircuitImages OfUnit(
        ImageModel model, UnitGroup units, int unit, IImageSource source, IReadOnlyList<int> among, int most, ulong seed,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(units);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(among);
        model.Layer(units.Layer);
        int count = units.UnitCount(model.Layers.First(one => one.Name == units.Layer).Shape[0]);
        if ((uint)unit >= (uint)count)
            throw FoveaException.BadConfiguration($"Unit {unit} does not exist: {units.Layer} has {count}, from 0.");
        int[] order = new CounterRandom(seed, "circuits/unit", unit).Permutation(among.Count);
        int[] pool = [.. order.Take(Math.Max(Pool * most, 1)).Select(i => among[i])];
        List<(int Image, double Value)> found = [];
        using var frozen = new FrozenNetwork(model);
        using ModelReader reader = model.Reader(new Probe(units.Layer));
        var loader = new ImageLoader(source, model.Preprocessing, new LoaderOptions { BatchSize = 32 });
        foreach (ImageBatch batch in loader.Load(pool, cancellation))
        {
            if (batch.Count == 0) continue;
            using var scope = NewDisposeScope();
            Tensor layer = reader.Run(batch.ToTensor(model.Device))[units.Layer];
            for (int place = 0; place < batch.Count; place++)
            {
                using Tensor values = units.Values(CircuitSide.Rows(layer.narrow(0, place, 1)));
                double value = values.select(1, unit).mean().item<float>();
                if (value > 0) found.Add((batch.Indices[place], value));
            }
        }
        if (found.Count < Fewest)
        {
            throw FoveaException.BadData(
                $"{found.Count} of {pool.Length} images of {source.Description} drive unit {unit} of {units.Name}; a circuit needs "
                    + $"{Fewest}.");
        }
        return Halves([.. found.OrderByDescending(one => one.Value).ThenBy(one => one.Image).Take(most).Select(one => one.Image)]);
    }

    /// <summary>One image as a source, without a label: what a circuit of one image is chosen and measured on.</summary>
    /// <param name="id">What to call it.</param>
    /// <param name="image">The image; the network's preprocessing brings it to its size.</param>
    public static IImageSource Of(string id, RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(image);
        return new OneImage(id, image);
    }

    /// <summary>The class that a network names on a source's first image: 0 … outputs − 1; evaluation mode for the time of the call.</summary>
    /// <param name="model">The network.</param>
    /// <param name="source">At least one image.</param>
    public static int Predicted(ImageModel model, IImageSource source)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(source);
        return PredictedClasses.Of(model, source, [0], CancellationToken.None)[0].Class;
    }

    private static CircuitImages Halves(int[] images) =>
        new([.. images.Where((_, i) => i % 2 == 0).Order()], [.. images.Where((_, i) => i % 2 == 1).Order()]);
}
