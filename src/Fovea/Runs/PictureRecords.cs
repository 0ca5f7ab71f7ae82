using System.Globalization;
using System.Security.Cryptography;
using Fovea.Imaging;
using Fovea.Visualization;
using Fovea.Visualization.Objectives;

namespace Fovea.Runs;

/// <summary>Records of pictures (<see cref="PictureRecord"/>) from what they are made by.</summary>
internal static class PictureRecords
{
    /// <summary>Of a picture that was just made.</summary>
    public static PictureRecord Of(PictureSubject subject, int picture, RenderOptions options, RenderResult result) =>
        Of(subject, picture, options) with { Activation = result.Activation, Peak = result.Peak, Curve = result.Curve };

    /// <summary>Of a picture that is to be made.</summary>
    public static PictureRecord Of(PictureSubject subject, int picture, RenderOptions options)
    {
        PictureKey key = subject.Objective.Keys[picture];
        return new()
        {
            Unit = key.Unit,
            Replica = key.Replica,
            Layer = key.Layer,
            Source = subject.Source,
            Preset = options.Preset,
            Objective = subject.Objective.Describe(picture),
            Inputs = subject.Inputs[picture],
            Start = options.StartFrom.Count == 0 ? "" : Hash(options.StartFrom[options.StartFrom.Count == 1 ? 0 : picture]),
            Parameterization = options.Parameterization.Description,
            Colours = options.Parameterization.Statistics?.Description ?? "",
            Transforms = [.. options.Transforms.Select(transform => transform.Description)],
            Views = options.Views,
            Steps = options.Steps,
            LearningRate = options.LearningRate,
            TotalVariation = options.TotalVariation,
            Penalties = string.Create(
                CultureInfo.InvariantCulture,
                    $"l1 {options.L1}; l2 {options.L2}; boundary {options.Boundary} × {options.BoundaryWidth} px"),
            Blur = options.Blur,
            FinalBlur = options.FinalBlur,
            Flat = options.FlatWindow == 0
                ? "" : string.Create(CultureInfo.InvariantCulture, $"{options.FlatWindow} steps, {options.FlatTolerance}"),
            BypassClamps = options.BypassClamps,
            Seed = options.Seed,
            Size = options.Size,
            ViewSize = options.ViewSize,
            TransformsSide = options.TransformsSide,
            BatchSize = options.BatchSize,
            Activation = 0,
            Peak = 0,
            Curve = [],
        };
    }

    private static string Hash(RgbImage picture) =>
        $"{picture.Width}×{picture.Height}, SHA-256 {Convert.ToHexStringLower(SHA256.HashData(picture.Pixels))}";
}
