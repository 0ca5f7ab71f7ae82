using System.Globalization;

namespace Fovea.Explorer.Components;

/// <summary>How numbers look on the pages: three figures that matter, thin spaces, a dash for what is not known.</summary>
internal static class Format
{
    public const string Unknown = "–";

    /// <summary>A fraction as a percentage with one decimal: 0.8412 → 84.1 %.</summary>
    public static string Percent(double? fraction) => fraction is { } value && double.IsFinite(value)
        ? Signed(value * 100, value is > 0 and < 0.0005 ? "0.###" : "0.0") + "\u00a0%"
        : Unknown;

    /// <summary>A range of percentages: 1.2 to 2.3 %.</summary>
    public static string PercentRange(double? lower, double? upper) =>
        lower is { } low && upper is { } high && double.IsFinite(low) && double.IsFinite(high)
        ? $"{Signed(low * 100, "0.0")} to {Signed(high * 100, "0.0")}\u00a0%"
        : Unknown;

    /// <summary>A range of numbers: 0.012 to 0.034.</summary>
    public static string Range(double? lower, double? upper) =>
        lower is { } low && upper is { } high && double.IsFinite(low) && double.IsFinite(high)
        ? $"{Number(low)} to {Number(high)}"
        : Unknown;

    /// <summary>A count with separators: 12,345.</summary>
    public static string Count(long? count) => count?.ToString("N0", CultureInfo.InvariantCulture) ?? Unknown;

    /// <summary>A number with about three significant figures.</summary>
    public static string Number(double? number)
    {
        if (number is not { } value) return Unknown;
        // A document has no number where none could be had.
        if (!double.IsFinite(value)) return double.IsNaN(value) ? Unknown : value > 0 ? "∞" : "−∞";
        if (value == 0) return "0";
        double size = Math.Abs(value);
        string text = size is >= 1e6 or < 1e-3
            ? value.ToString("0.##e+0", CultureInfo.InvariantCulture).Replace("e+", "e", StringComparison.Ordinal)
            : size >= 100 ? value.ToString("#,0.#", CultureInfo.InvariantCulture)
            : size >= 10 ? value.ToString("0.##", CultureInfo.InvariantCulture)
            : size >= 1 ? value.ToString("0.###", CultureInfo.InvariantCulture)
            : value.ToString("0.####", CultureInfo.InvariantCulture);
        return text.Replace('-', '−');
    }

    /// <summary>A factor: 6.6×.</summary>
    public static string Times(double? factor) =>
        factor is { } value && !double.IsNaN(value) ? Number(Math.Round(value, 1)) + "×" : Unknown;

    private static string Signed(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture).Replace('-', '−');

    /// <summary>A count with its noun: 1 image, 12 images.</summary>
    public static string Counted(long? count, string noun) => $"{Count(count)} {noun}{(count == 1 ? "" : "s")}";

    /// <summary>The architecture's name for people.</summary>
    public static string Architecture(string? name) => name?.ToLowerInvariant().Replace("_", "", StringComparison.Ordinal) switch
    {
        "resnet18" => "ResNet-18",
        "mobilenetv2" => "MobileNetV2",
        "smallcnn" => "a small CNN",
        null or "" => "the network",
        _ => name,
    };
}
