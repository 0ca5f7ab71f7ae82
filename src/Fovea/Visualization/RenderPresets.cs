using Fovea.Visualization.Parameterizations;

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
        Transform = null,
        Parameterization = new Pixels(),
    };

    /// <summary>Total variation, blur, random affine views and decorrelated colours (sections 9.2.2 and 9.2.3 of the paper).</summary>
    public static RenderOptions Paper { get; } = new();

    /// <summary>All of them.</summary>
    public static IReadOnlyList<RenderOptions> All { get; } = [Naive, Paper];

    /// <summary>The preset of this name.</summary>
    /// <exception cref="FoveaException">There is none; the message lists those there are.</exception>
    public static RenderOptions Get(string name) => All.FirstOrDefault(preset => preset.Preset == name) ?? throw FoveaException.BadConfiguration(
        $"No preset '{name}' for pictures. There are: {string.Join(", ", All.Select(preset => preset.Preset))}.");
}
