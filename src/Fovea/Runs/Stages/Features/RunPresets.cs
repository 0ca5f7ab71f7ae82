using Fovea.Visualization;
using Fovea.Visualization.Parameterizations;

namespace Fovea.Runs.Stages.Features;

/// <summary>The presets of a run, with the colours and the spectrum of its own images where the settings ask for them.</summary>
internal sealed class RunPresets(RunContext context, PictureStatistics? measured)
{
    /// <summary>Measures what the settings ask for; a second time it is read.</summary>
    public static RunPresets Of(RunContext context)
    {
        var settings = context.Settings.Features!;
        if (settings.MeasuredImages is not { } images) return new RunPresets(context, null);
        if (PictureStatistics.Find(context.Run) is null)
        {
            context.Report(FeatureStage.StageName, 0, images, "images", "measuring colours and spectrum");
            int size = settings.Size ?? context.Preprocessing.OutputSize.Height;
            var maco = Maco.Measure(context.Harvested, size, images, context.Settings.Seed, context.Cancellation);
            new PictureStatistics(maco.Statistics, maco.Spectrum).Save(context.Run);
        }
        return new RunPresets(context, PictureStatistics.Find(context.Run));
    }

    /// <summary>A preset with the run's settings over it.</summary>
    /// <exception cref="FoveaException">There is no such preset.</exception>
    public RenderOptions Get(string preset)
    {
        RenderOptions options = RunPictures.Options(context.Settings, preset);
        return measured?.Over(options) ?? options;
    }
}
