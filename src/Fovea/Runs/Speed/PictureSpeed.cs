using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Numerics;
using Fovea.Runs.Stages;
using Fovea.Visualization;
using Fovea.Visualization.Objectives;

namespace Fovea.Runs.Speed;

/// <summary>Seconds a picture and step of rendering, and seconds of the pictures of an example.</summary>
internal sealed class PictureSpeed(RunContext context, MachineSpeed machine)
{
    private const int Steps = 6, MostPictures = 16, FewImages = 64;

    /// <summary>Seconds of a whole picture by a preset, its steps together.</summary>
    /// <param name="layer">Of units of this layer.</param>
    /// <param name="preset">How.</param>
    /// <param name="together">Pictures that are made together.</param>
    public double Picture(string layer, string preset, int together)
    {
        var options = RunPictures.Options(context.Settings, preset);
        return options.Steps * Step(layer, preset, together, options);
    }

    /// <summary>Seconds of a step of a picture by a preset.</summary>
    public double Step(string layer, string preset, int together) =>
        Step(layer, preset, together, RunPictures.Options(context.Settings, preset));

    /// <summary>
    /// Seconds an image and unit of the comparison with the truth of generated images, the random directions beside it included.
    /// </summary>
    public double Truth(string layer, ShapesWorldSource source) =>
        machine.Once(("truth", layer), $"neurons of {layer} against the truth", "image and unit", () =>
    {
        int channels = context.Shapes.Of(layer).Channels, few = Math.Min(FewImages, source.Count / 2);
        if (few == 0) return 0;
        return SteadyRate.Of(count => ConceptComparison.Run(machine.Networks.Network, [UnitGroup.Neurons(layer)], source,
            new ConceptOptions { Images = (int)count, MinimumPositives = 1 }), few, 2 * few).Each / (2 * channels);
    });

    /// <summary>Seconds of the crop and the overlay of an example.</summary>
    public double Example() => machine.Once("example", "crop and overlay of an example", "example", () =>
    {
        RgbImage picture = context.Preprocessing.ApplyToPixels(context.Harvested.Read(0));
        double one = SteadyRate.Of((done, stop) =>
        {
            for (int i = 1; i <= 64 && !stop.IsCancellationRequested; i++)
            {
                ImageCodec.EncodePng(picture);
                ImageCodec.EncodePng(picture);
                done(i);
            }
        }, TimeSpan.FromSeconds(0.1));
        return one / Workers.Count;
    });

    private double Step(string layer, string preset, int together, RenderOptions options)
    {
        int channels = context.Shapes.Of(layer).Channels;
        int count = Math.Max(
            1, Math.Min(Math.Min(together, MostPictures), Math.Min(channels, options.BatchSize > 0 ? options.BatchSize : MostPictures)));
        return machine.Once(("step", layer, preset, count), $"{preset} pictures of {layer}, {count} together", "step of a picture", () =>
            SteadyRate.Of(
                (done, stop) => FeatureRenderer.Render(machine.Networks.Network, new UnitObjective(layer, [.. Enumerable.Range(0, count)]),
                options with { Steps = Steps, BatchSize = count, Snapshots = [] }, new Reporter<RenderProgress>(value => done(value.Done)),
                    stop)));
    }
}
