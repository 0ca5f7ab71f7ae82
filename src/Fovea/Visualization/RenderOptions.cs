using Fovea.Visualization.Parameterizations;
using Fovea.Visualization.Transforms;

namespace Fovea.Visualization;

/// <summary>The recipe of a picture. The presets are <see cref="RenderPresets"/>; docs/decisions/0007-feature-pictures.md says why the values are what they are.</summary>
public sealed record RenderOptions
{
    /// <summary>The preset's name; stored with the picture.</summary>
    public string Preset { get; init; } = "paper";

    /// <summary>Steps of gradient ascent.</summary>
    public int Steps { get; init; } = 200;

    /// <summary>Adam's learning rate, in units of the parameterisation's free numbers; constant.</summary>
    public double LearningRate { get; init; } = 1.0;

    /// <summary>Weight of the total variation of the clean picture: a sum over its pixels and channels, RGB in [0, 1]; 0: none.</summary>
    public double TotalVariation { get; init; } = 1e-3;

    /// <summary>Standard deviation in pixels of the Gaussian blur after each step; 0: none.</summary>
    public double Blur { get; init; } = 0.3;

    /// <summary>What the network sees of the picture in each step; null: the picture itself.</summary>
    public RandomAffine? Transform { get; init; } = new();

    /// <summary>How free numbers become a picture.</summary>
    public IImageParameterization Parameterization { get; init; } = new DecorrelatedPixels();

    /// <summary>Height and width of the pictures in pixels; 0: the network's input size.</summary>
    public int Size { get; init; }

    /// <summary>The run's seed. Every unit draws from its own streams.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Pictures optimised together; 0: as many as fit a fixed number of pixels (32 at 64 px, 8 at 224 px).</summary>
    public int BatchSize { get; init; }

    /// <summary>Steps after which the picture is kept as well (figure 25).</summary>
    public IReadOnlyList<int> Snapshots { get; init; } = [];

    /// <summary>Pictures a batch of pictures with the given side.</summary>
    public int BatchFor(int size) => BatchSize > 0 ? BatchSize : Math.Clamp(8 * 224 * 224 / (size * size), 1, 32);

    /// <summary>Throws where a value cannot be used.</summary>
    /// <exception cref="FoveaException">The message names the value.</exception>
    public void Validate()
    {
        Require(Steps >= 0, "steps", Steps);
        Require(LearningRate > 0 && double.IsFinite(LearningRate), "learning_rate", LearningRate);
        Require(TotalVariation >= 0 && double.IsFinite(TotalVariation), "total_variation", TotalVariation);
        Require(Blur >= 0 && double.IsFinite(Blur), "blur", Blur);
        Require(Size >= 0, "size", Size);
        Require(BatchSize >= 0, "batch_size", BatchSize);
        foreach (int step in Snapshots) Require(step >= 0 && step <= Steps, "snapshots", step);
    }

    private static void Require(bool holds, string name, double value)
    {
        if (!holds) throw FoveaException.BadConfiguration($"features.{name} = {value} cannot be used for pictures.");
    }
}
