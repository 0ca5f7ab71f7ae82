using Fovea.Runs.Settings;
using Fovea.Visualization;

namespace Fovea.Runs;

/// <summary>How a run's settings make pictures.</summary>
public static class RunPictures
{
    /// <summary>
    /// A preset with the numbers of the settings over it. Their defaults are the paper's: <c>naive</c> takes steps and learning rate and keeps its own regularisation,
    /// none; presets other than these two take only numbers that were changed.
    /// </summary>
    /// <param name="settings">The run's settings; without <c>[features]</c> its defaults.</param>
    /// <param name="preset">A name of <see cref="RenderPresets"/>.</param>
    /// <exception cref="FoveaException">There is no such preset.</exception>
    public static RenderOptions Options(WorkflowSettings settings, string preset)
    {
        ArgumentNullException.ThrowIfNull(settings);
        FeatureSettings features = settings.Features ?? new FeatureSettings(), defaults = new();
        RenderOptions own = RenderPresets.Get(preset) with { Size = features.Size, BatchSize = features.BatchSize, Seed = settings.Seed };
        bool naive = preset == RenderPresets.Naive.Preset, paper = preset == RenderPresets.Paper.Preset;
        return own with
        {
            Steps = naive || paper || features.Steps != defaults.Steps ? features.Steps : own.Steps,
            LearningRate = naive || paper || features.LearningRate != defaults.LearningRate ? features.LearningRate : own.LearningRate,
            TotalVariation = paper || (!naive && features.TotalVariation != defaults.TotalVariation) ? features.TotalVariation : own.TotalVariation,
            Blur = paper || (!naive && features.Blur != defaults.Blur) ? features.Blur : own.Blur,
            Views = features.Views > 0 ? features.Views : own.Views,
        };
    }
}
