using System.Text.RegularExpressions;

namespace Fovea.Tests.Models.Onnx;

/// <summary>Cases of operators that are read which are not compared, or less exactly, each with its reason.</summary>
internal static class ConformanceExceptions
{
    private static readonly (string Names, string Why)[] Reasons =
    [
        ("^batchnorm_.*_training_mode$", "in training mode: a network is run in evaluation"),
        ("^training_dropout(_default)?(_mask)?$", "in training mode: a network is run in evaluation"),
        ("^cast(like)?_.*BFLOAT16", "the data hold bfloat16 as whole numbers"),
        ("^gridsample_bicubic", "libtorch's cubic grid sampling is not in TorchSharp"),
        ("^bitwise_not_3d$", "whole numbers without sign of 16 bits, which are wider here"),
        ("^attention_.*_with_.*_softcap$", "capped and masked, in an order on which ONNX and ONNX Runtime do not agree"),
        ("^maxpool_with_argmax_2d_precomputed_strides$", "places counted column by column"),
    ];

    /// <summary>
    /// Their expected values are not those of the operator: ONNX Runtime gives others, which a test of its own compares.
    /// </summary>
    public static IReadOnlyList<string> WrongData { get; } =
        ["resize_downsample_scales_cubic_align_corners", "resize_downsample_scales_linear_align_corners"];

    /// <summary>Why a case is not compared; null for all others.</summary>
    public static string? Reason(ConformanceCase one) => WrongData.Contains(one.Name) ? "the data's values are wrong"
        : Reasons.FirstOrDefault(reason => Regex.IsMatch(one.Name, reason.Names)).Why;

    /// <summary>
    /// How far numbers may be apart, as a part of the largest: ONNX's windows for sounds have π to five digits, and one case's values are
    /// written down with four.
    /// </summary>
    public static double Tolerance(ConformanceCase one) =>
        Regex.IsMatch(one.Name, "^((blackman|hamming|hann)window|averagepool_2d_ceil_last_window_starts_on_pad)") ? 2e-4 : 1e-5;
}
