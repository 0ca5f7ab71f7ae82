using Fovea.Imaging;
using Fovea.Visualization.Parameterizations;
using Fovea.Visualization.Transforms;

namespace Fovea.Visualization;

/// <summary>
/// The recipe of a picture. The presets are <see cref="RenderPresets"/>; docs/decisions/0007-feature-pictures.md says why the values are
/// what they are.
/// </summary>
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

    /// <summary>Weight of the sum of |rgb − ½|, or of the distance from <see cref="StartFrom"/> where that is given; 0: none.</summary>
    public double L1 { get; init; }

    /// <summary>
    /// Weight of the sum of (rgb − ½)², or of the squared distance from <see cref="StartFrom"/> where that is given; 0: none.
    /// </summary>
    public double L2 { get; init; }

    /// <summary>Weight of <see cref="Boundary"/>, which keeps the frame of the picture smooth and grey; 0: none.</summary>
    public double Boundary { get; init; }

    /// <summary>Width in pixels of the frame that <see cref="Boundary"/> is about.</summary>
    public int BoundaryWidth { get; init; } = 5;

    /// <summary>
    /// Standard deviation in pixels of the Gaussian blur after each step; 0: none. Only where free numbers are pixels
    /// (<see cref="IImageParameterization.IsSpatial"/>).
    /// </summary>
    public double Blur { get; init; } = 0.3;

    /// <summary>What <see cref="Blur"/> has become by the last step, on a straight line; null: it stays.</summary>
    public double? FinalBlur { get; init; }

    /// <summary>What the network sees of the picture in each step: these in their order; none: the picture itself.</summary>
    public IReadOnlyList<ITransform> Transforms { get; init; } = [new RandomAffine()];

    /// <summary>
    /// Views of each picture in a step, drawn apart; the objective is the mean over them, as MACO's authors do with random crops (Fel et
    /// al. 2023). A step costs as many passes through the network.
    /// </summary>
    public int Views { get; init; } = 1;

    /// <summary>
    /// The side in pixels that distances in <see cref="Transforms"/> are meant for: smaller pictures get them in proportion. 0: as they
    /// are.
    /// </summary>
    public int TransformsSide { get; init; }

    /// <summary>
    /// Height in pixels of what the network sees while a picture is made, the width being its share of it; 0: that of the picture. Views
    /// that the transforms left larger are cropped about their centre, smaller ones padded with zeros (the mean colour).
    /// </summary>
    public int ViewSize { get; init; }

    /// <summary>How free numbers become a picture.</summary>
    public IImageParameterization Parameterization { get; init; } = new DecorrelatedPixels();

    /// <summary>
    /// Pictures to start from instead of noise: one for all, or one for each unit in their order. The middle square at the pictures' size
    /// is taken, or all where pictures are no squares; what a parameterisation cannot hold of it is lost (<see cref="Maco"/> keeps phases).
    /// </summary>
    public IReadOnlyList<RgbImage> StartFrom { get; init; } = [];

    /// <summary>Height of the pictures in pixels, the width being the network's share of it; 0: the network's input size.</summary>
    public int Size { get; init; }

    /// <summary>The run's seed. Every unit draws from its own streams.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Pictures optimised together; 0: as many as <see cref="FeatureRenderer.BatchFor"/> says.</summary>
    public int BatchSize { get; init; }

    /// <summary>Steps after which the picture is kept as well (figure 25).</summary>
    public IReadOnlyList<int> Snapshots { get; init; } = [];

    /// <summary>
    /// A picture is done before the last step when its objective's mean over this many steps is no longer above that of as many before; 0:
    /// every step is made.
    /// </summary>
    public int FlatWindow { get; init; }

    /// <summary>The share of the objective by which it has to rise from window to window.</summary>
    public double FlatTolerance { get; init; } = 0.01;

    /// <summary>The blur's standard deviation after step <paramref name="step"/> (from 0), in pixels.</summary>
    public double BlurAt(int step) => FinalBlur is { } last && Steps > 1 ? Blur + (last - Blur) * step / (Steps - 1) : Blur;

    /// <summary>
    /// Whether gradients pass the ReLU6 or LeakyReLU that a target layer ends in as if it were not there
    /// (docs/decisions/0007-feature-pictures.md); false: as they are.
    /// </summary>
    public bool BypassClamps { get; init; } = true;

    /// <summary>Throws where a value cannot be used.</summary>
    /// <exception cref="FoveaException">The message names the value.</exception>
    public void Validate()
    {
        Require(Steps >= 0, "steps", Steps);
        Require(LearningRate > 0 && double.IsFinite(LearningRate), "learning_rate", LearningRate);
        Require(TotalVariation >= 0 && double.IsFinite(TotalVariation), "total_variation", TotalVariation);
        Require(L1 >= 0 && double.IsFinite(L1), "l1", L1);
        Require(L2 >= 0 && double.IsFinite(L2), "l2", L2);
        Require(Boundary >= 0 && double.IsFinite(Boundary), "boundary", Boundary);
        Require(BoundaryWidth > 0, "boundary_width", BoundaryWidth);
        Require(Blur >= 0 && double.IsFinite(Blur), "blur", Blur);
        Require(FinalBlur is not { } last || (last >= 0 && double.IsFinite(last)), "final_blur", FinalBlur ?? 0);
        Require(Size >= 0, "size", Size);
        Require(Views > 0, "views", Views);
        Require(ViewSize >= 0, "view_size", ViewSize);
        Require(TransformsSide >= 0, "transforms_side", TransformsSide);
        Require(BatchSize >= 0, "batch_size", BatchSize);
        Require(FlatWindow >= 0, "flat_window", FlatWindow);
        Require(FlatTolerance >= 0 && double.IsFinite(FlatTolerance), "flat_tolerance", FlatTolerance);
        foreach (int step in Snapshots) Require(step >= 0 && step <= Steps, "snapshots", step);
    }

    private static void Require(bool holds, string name, double value)
    {
        if (!holds) throw FoveaException.BadConfiguration($"features.{name} = {value} cannot be used for pictures.");
    }
}
