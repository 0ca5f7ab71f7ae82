using Fovea.Runs.Settings;
using Fovea.Visualization;

namespace Fovea.Runs;

/// <summary>How a run's settings make pictures.</summary>
public static class RunPictures
{
    /// <summary>A preset with the numbers of the settings over it; the naive one keeps its own regularisation: none.</summary>
    /// <param name="settings">The run's settings; without <c>[features]</c> its defaults.</param>
    /// <param name="preset">A name of <see cref="RenderPresets"/>.</param>
    /// <exception cref="FoveaException">There is no such preset.</exception>
    public static RenderOptions Options(WorkflowSettings settings, string preset)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var features = settings.Features ?? new FeatureSettings();
        var options = RenderPresets.Get(preset) with
        {
            Steps = features.Steps,
            LearningRate = features.LearningRate,
            Size = features.Size,
            BatchSize = features.BatchSize,
            Seed = settings.Seed,
        };
        return preset == RenderPresets.Naive.Preset ? options : options with { TotalVariation = features.TotalVariation, Blur = features.Blur };
    }
}
