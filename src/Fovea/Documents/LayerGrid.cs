using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>
/// How the positions of a layer lie in its value, where that is not <c>[N, C, H, W]</c>. Everything that studies the layer is given the
/// grid, a view <c>[N, C, H, W]</c> of it.
/// </summary>
/// <param name="Kind"><see cref="Tokens"/>, <see cref="ChannelsLast"/> or <see cref="Windows"/>.</param>
/// <param name="Height">Rows of the grid.</param>
/// <param name="Width">Columns of the grid.</param>
/// <param name="Before">Tokens that stand before those of the grid and are none of it: a class token, registers. The first of them is read
/// as <c>LAYER@class</c>.</param>
/// <param name="After">Tokens that stand after those of the grid.</param>
public sealed record LayerGrid(string Kind, int Height, int Width, int Before = 0, int After = 0)
{
    /// <summary><c>[N, before + height · width + after, C]</c>, row by row.</summary>
    public const string Tokens = "tokens";

    /// <summary><c>[N, H, W, C]</c>.</summary>
    public const string ChannelsLast = "channels-last";

    /// <summary>
    /// Rows and columns in parts, each part an axis or a piece of one, as windows of attention are: <c>[N, windows, positions, C]</c>.
    /// </summary>
    public const string Windows = "windows";

    /// <summary>What a layer's name ends with where its class token alone is meant, a grid of one position.</summary>
    public const string ClassSuffix = "@class";

    /// <summary>In words: <c>tokens 14 × 14 after 1 other</c>.</summary>
    [JsonIgnore]
    public string InWords => Kind == ChannelsLast ? $"channels last, {Height} × {Width}"
        : Kind == Windows ? $"in parts, {Height} × {Width} together"
        : $"tokens, {Height} × {Width}{(Before > 0 ? $" after {Before} of no position" : "")}"
            + (After > 0 ? $"{(Before > 0 ? " and" : "")} before {After} of no position" : "");
}
