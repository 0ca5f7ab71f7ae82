using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Fovea.Imaging;

namespace Fovea.Datasets;

/// <summary>
/// The first <see cref="Count"/> images of one split of <see cref="ShapesWorld"/>. Image <c>i</c> has class <c>i mod 24</c> and depends on
/// (seed, split, i) alone: not on the count, on other images or on the thread that draws it. Nothing is read from or written to disk.
/// </summary>
public sealed class ShapesWorldSource : IImageSource, IPlantedGroups
{
    /// <summary>
    /// The largest number of images a source can have: ids have six digits, so that their ordinal order is that of the indices.
    /// </summary>
    public const int MaximumCount = 1_000_000;

    private readonly SceneSampler _sampler;

    /// <summary>Images 0 … <paramref name="count"/> − 1 of a split.</summary>
    /// <param name="split"><c>train</c>, <c>val</c> or <c>test</c>.</param>
    /// <param name="count">How many.</param>
    /// <param name="seed">The world's seed.</param>
    /// <param name="shortcut">What goes with a class beside its object: in <c>train</c> as often as it says, in the other splits on half of
    /// the images of every class. Null: nothing does.</param>
    /// <exception cref="ArgumentException">No such split, or a count outside 1 … <see cref="MaximumCount"/>.</exception>
    /// <exception cref="FoveaException">The shortcut's class is none of the world's.</exception>
    public ShapesWorldSource(string split, int count, ulong seed = 0, PlantedShortcut? shortcut = null)
    {
        if (!ShapesWorld.Splits.Contains(split))
            throw new ArgumentException($"No split \"{split}\": {string.Join(", ", ShapesWorld.Splits)}.", nameof(split));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaximumCount);
        (Split, Count, Seed, Shortcut) = (split, count, seed, shortcut);
        _sampler = new SceneSampler(seed, split, shortcut);
        string everything = string.Create(CultureInfo.InvariantCulture,
            $"{ShapesWorld.Generator}\n{split}\n{count}\n{seed}\n{ShapesWorld.ImageSize}\n{string.Join('\n', Classes.Select(c => c.Id))}{(shortcut is null ? "" : $"\n{shortcut}")}");
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(everything)));
    }

    /// <summary><c>train</c>, <c>val</c> or <c>test</c>.</summary>
    public string Split { get; }

    /// <summary>The world's seed.</summary>
    public ulong Seed { get; }

    /// <summary>What was planted; null: nothing.</summary>
    public PlantedShortcut? Shortcut { get; }

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public string Description => string.Create(
        CultureInfo.InvariantCulture,
        $"ShapesWorld, {Split}, {Count} images, seed {Seed}{(Shortcut is null ? "" : $", shortcut {Shortcut}")}");

    /// <inheritdoc/>
    public DataDescription Data => new()
    {
        Source = Description,
        Kind = "generated",
        Layout = "shapesworld",
        Splits = [new SplitDescription(Split, [], Count, Count, null)],
        Classes = [.. Classes.Select(
            (info, i) => new ClassDescription(info.Id, info.Name, [(Count - i + Classes.Count - 1) / Classes.Count]))],
        Images = Count,
    };

    /// <inheritdoc/>
    public ClassList Classes => ShapesWorld.Classes;

    /// <inheritdoc/>
    public string Fingerprint { get; }

    /// <inheritdoc/>
    public string Id(int index) => string.Create(CultureInfo.InvariantCulture, $"{Split}/{Checked(index):D6}-{Classes[Label(index)].Id}");

    /// <inheritdoc/>
    public int Label(int index) => Checked(index) % Classes.Count;

    /// <inheritdoc/>
    public RgbImage Read(int index) => SceneRenderer.Render(_sampler.Draw(Checked(index), Label(index)), _sampler.Grain(index));

    /// <summary>Every factor of an image, and for every pixel what it shows. Thread-safe; draws the image anew.</summary>
    public ShapesWorldTruth Truth(int index)
    {
        Scene scene = _sampler.Draw(Checked(index), Label(index));
        return SceneRenderer.Explain(scene, _sampler.Grain(index));
    }

    /// <inheritdoc/>
    public bool IsPlanted(int index) => _sampler.IsPlanted(Checked(index), Label(index));

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held.
    }

    private int Checked(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        return index;
    }
}
