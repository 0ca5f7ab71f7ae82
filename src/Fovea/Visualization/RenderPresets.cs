using Fovea.Visualization.Parameterizations;
using Fovea.Visualization.Transforms;

namespace Fovea.Visualization;

/// <summary>Recipes of pictures by name.</summary>
public static class RenderPresets
{
    /// <summary>Gradient ascent on a noise image and nothing else (section 9.2.1 of the paper).</summary>
    public static RenderOptions Naive { get; } = new()
    {
        Preset = "naive",
        TotalVariation = 0,
        Blur = 0,
        Transforms = [],
        Parameterization = new Pixels(),
    };

    /// <summary>Total variation, blur, random affine views and decorrelated colours (sections 9.2.2 and 9.2.3 of the paper).</summary>
    public static RenderOptions Paper { get; } = new();

    /// <summary>
    /// Fourier coefficients in decorrelated colours and small random shifts, scales and rotations, as Olah et al. (2017) and lucid make
    /// them. lucid's distances in pixels are for its pictures of 128 px: smaller ones get them in proportion (64 px: half), larger ones as
    /// they are.
    /// </summary>
    public static RenderOptions Lucid { get; } = new()
    {
        Preset = "lucid",
        Steps = 512,
        LearningRate = 0.05,
        TotalVariation = 0,
        Blur = 0,
        Transforms = [new Pad(12), new Jitter(8), new RandomScale(0.9, 1.1), new RandomRotation(10), new Jitter(4)],
        TransformsSide = 128,
        Parameterization = new FourierPixels(),
    };

    /// <summary>
    /// Phases only, random crops and noise (Fel et al. 2023), with ImageNet's colours and a 1/f^1.4 spectrum;
    /// <see cref="Parameterizations.Maco.Measure"/> takes those of the data instead. Crops are shares of the side, so the preset serves any
    /// size.
    /// </summary>
    public static RenderOptions Maco { get; } = new()
    {
        Preset = "maco",
        Steps = 256,
        TotalVariation = 0,
        Blur = 0,
        Transforms = [new RandomCrop(0.5, 0.95), new Noise(0.08)],
        Parameterization = new Maco(),
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<RenderOptions> All { get; } = [Naive, Paper, Lucid, Maco];

    /// <summary>The preset of this name.</summary>
    /// <exception cref="FoveaException">There is none; the message lists those there are.</exception>
    public static RenderOptions Get(string name) =>
        All.FirstOrDefault(preset => preset.Preset == name) ?? throw FoveaException.BadConfiguration(
        $"No preset '{name}' for pictures. There are: {string.Join(", ", All.Select(preset => preset.Preset))}.");
}
