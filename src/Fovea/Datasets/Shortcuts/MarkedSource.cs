using System.Security.Cryptography;
using System.Text;
using Fovea.Imaging;
using Fovea.Numerics;

namespace Fovea.Datasets;

/// <summary>
/// Images of another source, some of which get a mark: a square of one colour in the upper left corner, an eighth of the shorter side
/// large, a thirty-second away from the edges. Which images get it is drawn by (seed, id), so that an image is marked whatever else is
/// opened beside it. Nothing is written: the mark is painted after decoding. Disposing it disposes the other.
/// </summary>
public sealed class MarkedSource : IImageSource, IPlantedGroups
{
    private static readonly byte[] Colour = [255, 0, 255];

    private readonly IImageSource _source;
    private readonly int _label;
    private readonly ulong _seed;
    private readonly bool _training;

    /// <summary>Marks a source.</summary>
    /// <param name="source">Labelled images; owned from now on.</param>
    /// <param name="shortcut">A <see cref="ShortcutKind.Mark"/>.</param>
    /// <param name="seed">Decides which images are marked.</param>
    /// <param name="training">Whether they are to train on (<see cref="PlantedShortcut"/>).</param>
    /// <exception cref="FoveaException">Another kind of shortcut, or a class that the source does not have.</exception>
    public MarkedSource(IImageSource source, PlantedShortcut shortcut, ulong seed, bool training)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(shortcut);
        if (shortcut.Kind != ShortcutKind.Mark)
        {
            throw FoveaException.BadConfiguration(
                $"The shortcut {shortcut} can be planted only where the program draws the images; photographs can be given a mark.");
        }
        (_source, Shortcut, _seed, _training, _label) = (source, shortcut, seed, training, shortcut.LabelIn(source.Classes));
    }

    /// <inheritdoc/>
    public PlantedShortcut Shortcut { get; }

    /// <inheritdoc/>
    public string Description => $"{_source.Description}, shortcut {Shortcut}";

    /// <inheritdoc/>
    public DataDescription? Data => _source.Data;

    /// <inheritdoc/>
    public IReadOnlyList<string> Notes => [.. _source.Notes, $"A mark is painted into some images ({Shortcut})."];

    /// <inheritdoc/>
    public ClassList Classes => _source.Classes;

    /// <inheritdoc/>
    public int Count => _source.Count;

    /// <inheritdoc/>
    public string Fingerprint => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{_source.Fingerprint}\n{Shortcut}\n{_seed}\n{_training}"))));

    /// <inheritdoc/>
    public string Id(int index) => _source.Id(index);

    /// <inheritdoc/>
    public int Label(int index) => _source.Label(index);

    /// <inheritdoc/>
    public bool IsPlanted(int index) =>
        new CounterRandom(_seed, $"shortcut/{Id(index)}", 0).NextDouble() < Shortcut.Rate(Label(index) == _label, Classes.Count, _training);

    /// <inheritdoc/>
    public RgbImage Read(int index)
    {
        RgbImage image = _source.Read(index);
        return IsPlanted(index) ? Mark(image) : image;
    }

    /// <summary>A copy with the mark.</summary>
    internal static RgbImage Mark(RgbImage image)
    {
        int shorter = Math.Min(image.Width, image.Height), side = Math.Max(1, shorter / 8), edge = shorter / 32;
        byte[] pixels = [.. image.Pixels];
        for (int y = edge; y < Math.Min(edge + side, image.Height); y++)
        {
            for (int x = edge; x < Math.Min(edge + side, image.Width); x++) Colour.CopyTo(pixels, 3 * (y * image.Width + x));
        }
        return new RgbImage(image.Width, image.Height, pixels);
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();
}
