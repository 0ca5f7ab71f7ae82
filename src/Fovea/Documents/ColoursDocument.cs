using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>Colours measured on images: <c>colours.json</c>.</summary>
/// <param name="Mean">Mean colour, three numbers.</param>
/// <param name="Covariance">Of the colours, three rows of three.</param>
public sealed record ColoursDocument(double[] Mean, double[][] Covariance) : ICheckedDocument
{
    /// <summary>File name.</summary>
    public const string FileName = "colours.json";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;
    /// <inheritdoc/>
    public string? Inconsistency() => Mean.Length != 3 || Covariance.Length != 3 || Covariance.Any(row => row.Length != 3)
        ? "mean must have three numbers and covariance three rows of three" : null;
}

/// <summary>A spectrum measured on images, or a law of frequency: <c>spectrum.json</c>.</summary>
public sealed record SpectrumDocument : IDocument
{
    /// <summary>File name.</summary>
    public const string FileName = "spectrum.json";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;
    /// <summary>Height of the images measured; 0 without magnitudes.</summary>
    public int Height { get; init; }

    /// <summary>Their width.</summary>
    public int Width { get; init; }

    /// <summary>Images measured.</summary>
    public int Images { get; init; }

    /// <summary>Without magnitudes: the exponent of the frequency.</summary>
    public double Exponent { get; init; }

    /// <summary>Magnitudes [3, height, width / 2 + 1], row-major; null where <see cref="Exponent"/> stands for them.</summary>
    public double[]? Magnitudes { get; init; }
}
