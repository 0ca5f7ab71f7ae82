using Fovea.Checkpoints;
using Fovea.Imaging;

namespace Fovea.Models.Import;

/// <summary>
/// Networks that take images as whole numbers from 0 to 255, with what is done to them inside. Here the same numbers come as float32, so
/// that there are gradients; that is the same as long as the network only moves them before it makes numbers with fractions of them.
/// </summary>
internal static class WholeImages
{
    /// <summary>Why what calculates with whole numbers is not run.</summary>
    public const string Refused = "it calculates with the images' whole numbers before they are made numbers with fractions: "
        + "let the network begin with images.float()";

    /// <summary>Operations that only move numbers.</summary>
    public static IReadOnlySet<string> Moves { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "identity", "reshape", "expand", "permute", "transpose", "unsqueeze", "squeeze", "select", "slice", "chunk", "split", "unbind",
        "flatten", "unflatten", "cat", "stack", "take", "index", "index_select", "roll", "flip", "pad",
    };

    /// <summary>Whether images may be said to have this type.</summary>
    public static bool Holds(ElementType type) =>
        type is ElementType.U8 or ElementType.I16 or ElementType.U16 or ElementType.I32 or ElementType.I64;

    /// <summary>The error of a preprocessing that does not leave them as they are.</summary>
    public static FoveaException Changed(string network) => FoveaException.BadConfiguration(
        $"{network} takes images as whole numbers from 0 to 255, and what it does to them is in its file: leave mean and std out (or say "
            + "mean = [0, 0, 0] and std = [0.00392156862745098, 0.00392156862745098, 0.00392156862745098], which is 1/255).");

    /// <summary>The preprocessing that leaves samples as they are, for images of this side.</summary>
    public static Preprocessing Preprocess(int side) => new(null, side, [0, 0, 0], [1 / 255f, 1 / 255f, 1 / 255f]);

    /// <summary>Whether a preprocessing leaves samples as they are, up to rounding of 1/255.</summary>
    public static bool IsKept(IEnumerable<float> mean, IEnumerable<float> std) =>
        mean.All(value => Math.Abs(value) < 1e-6f) && std.All(value => Math.Abs(value * 255 - 1) < 1e-3f);
}
