using Fovea.Visualization;

namespace Fovea.Runs.Stages.Features;

/// <summary>
/// How many pictures of a layer's units are optimised together, kept with them (<c>features/&lt;layer&gt;/batch.json</c>): another number
/// would change their last bits.
/// </summary>
internal static class KeptBatch
{
    /// <summary>The settings' number, or one that suits the memory when it is first asked for.</summary>
    /// <param name="context">The run.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="renderer">Of the network.</param>
    /// <param name="options">The recipe.</param>
    public static int Of(RunContext context, string layer, FeatureRenderer renderer, RenderOptions options)
    {
        if (options.BatchSize > 0) return options.BatchSize;
        string path = Path.Combine(context.Run.FeaturesOf(layer), PictureBatches.FileName);
        return Math.Max(1, PictureBatches.Keep(path, layer, () => renderer.BatchFor([layer], options with { Views = 1 })) / options.Views);
    }
}
