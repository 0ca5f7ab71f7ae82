using System.Globalization;

namespace Fovea.Activations;

/// <summary>
/// How far stored vectors x̃ are from what a layer gave, x: Σ‖x − x̃‖² and Σ‖x‖², in double precision, added in the order of the numbers.
/// </summary>
/// <param name="Squared">Σ‖x − x̃‖².</param>
/// <param name="Energy">Σ‖x‖².</param>
internal readonly record struct RoundingError(double Squared, double Energy)
{
    /// <summary>The word of a shard's header.</summary>
    public const string Key = "rounding";

    /// <summary>Σ‖x − x̃‖² / Σ‖x‖²; 0 where all vectors are 0.</summary>
    public double Relative => Energy > 0 ? Squared / Energy : 0;

    /// <summary>Both together.</summary>
    public static RoundingError operator +(RoundingError one, RoundingError other) =>
        new(one.Squared + other.Squared, one.Energy + other.Energy);

    /// <summary>Of some numbers.</summary>
    /// <param name="values">As the layer gave them.</param>
    /// <param name="stored">As they are stored.</param>
    public static RoundingError Of(ReadOnlySpan<float> values, ReadOnlySpan<float> stored)
    {
        double squared = 0, energy = 0;
        for (int i = 0; i < values.Length; i++)
        {
            double value = values[i], off = value - stored[i];
            squared += off * off;
            energy += value * value;
        }
        return new RoundingError(squared, energy);
    }

    /// <summary>As a header has it: both numbers in full.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Squared:R} {Energy:R}");

    /// <summary>From a shard's header.</summary>
    /// <exception cref="FoveaException">Data: it says none.</exception>
    public static RoundingError Of(Checkpoints.SafetensorsFile file) =>
        file.Metadata.GetValueOrDefault(Key)?.Split(' ') is [var squared, var energy]
            && double.TryParse(squared, CultureInfo.InvariantCulture, out double first)
            && double.TryParse(energy, CultureInfo.InvariantCulture, out double second)
            ? new RoundingError(first, second)
            : throw FoveaException.BadData($"{file.Path} does not say how far its vectors are rounded. Delete the folder and harvest again.");
}
