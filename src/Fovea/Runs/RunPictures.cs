using Fovea.Runs.Settings;
using Fovea.Visualization;

namespace Fovea.Runs;

/// <summary>How a run's settings make pictures.</summary>
public static class RunPictures
{
    /// <summary>
    /// A preset with the numbers that the settings give over its own; <c>naive</c> takes no regularisation, whatever they say.
    /// </summary>
    /// <param name="settings">The run's settings; without <c>[features]</c> its defaults.</param>
    /// <param name="preset">A name of <see cref="RenderPresets"/>.</param>
    /// <exception cref="FoveaException">There is no such preset.</exception>
    public static RenderOptions Options(WorkflowSettings settings, string preset)
    {
        ArgumentNullException.ThrowIfNull(settings);
        FeatureSettings features = settings.Features ?? new FeatureSettings();
        RenderOptions own = RenderPresets.Get(
            preset) with
        { Size = features.Size ?? 0, BatchSize = features.BatchSize ?? 0, Seed = settings.Seed };
        bool plain = preset == RenderPresets.Naive.Preset;
        return own with
        {
            Steps = features.Steps ?? own.Steps,
            LearningRate = features.LearningRate ?? own.LearningRate,
            TotalVariation = plain ? own.TotalVariation : features.TotalVariation ?? own.TotalVariation,
            Blur = plain ? own.Blur : features.Blur ?? own.Blur,
            Views = features.Views ?? own.Views,
        };
    }
}
