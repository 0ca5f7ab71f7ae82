using Fovea.Visualization;
using Fovea.Visualization.Parameterizations;

namespace Fovea.Runs.Stages.Features;

/// <summary>The presets of a run, with the colours and the spectrum of its own images where the settings ask for them: <c>features/colours.json</c>, <c>spectrum.json</c>.</summary>
internal sealed class RunPresets(RunContext context, ColourStatistics? colours, SpectrumTemplate? spectrum)
{
    /// <summary>Measures what the settings ask for; a second time it is read.</summary>
    public static RunPresets Of(RunContext context)
    {
        var settings = context.Settings.Features!;
        if (settings.MeasuredImages == 0) return new RunPresets(context, null, null);
        string colourFile = Path.Combine(context.Run.Features, "colours.json"), spectrumFile = Path.Combine(context.Run.Features, "spectrum.json");
        if (!File.Exists(colourFile) || !File.Exists(spectrumFile))
        {
            context.Report(FeatureStage.Name, 0, settings.MeasuredImages, "images", "measuring colours and spectrum");
            int size = settings.Size > 0 ? settings.Size : context.Settings.Data.Crop;
            var measured = Maco.Measure(context.Harvested, size, settings.MeasuredImages, context.Settings.Seed, context.Cancellation);
            measured.Statistics.Save(colourFile);
            measured.Spectrum.Save(spectrumFile);
        }
        return new RunPresets(context, ColourStatistics.Load(colourFile), SpectrumTemplate.Load(spectrumFile));
    }

    /// <summary>A preset with the run's settings over it.</summary>
    /// <exception cref="FoveaException">There is no such preset.</exception>
    public RenderOptions Get(string preset)
    {
        RenderOptions options = RunPictures.Options(context.Settings, preset);
        return colours is null ? options : options with
        {
            Parameterization = options.Parameterization switch
            {
                DecorrelatedPixels => new DecorrelatedPixels(colours),
                FourierPixels => new FourierPixels(colours),
                Maco => new Maco(colours, spectrum),
                var other => other,
            },
        };
    }
}
