using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Numerics;
using Fovea.Visualization;

namespace Fovea.Interpretation;

/// <summary>How the pictures of top examples are made.</summary>
public sealed record ExamplePictureOptions
{
    /// <summary>Side of a crop in strides of the layer, where the receptive field is the whole input; of tokens it is one.</summary>
    public double CropCells { get; init; } = 3;

    /// <summary>Side of the crops and overlays in pixels; 0: the network's input size.</summary>
    public int Size { get; init; }

    /// <summary>Images a forward pass.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>At most this many examples of each kind; 0: all.</summary>
    public int Examples { get; init; }
}

/// <summary>The pictures of one example, relative to the group's folder.</summary>
/// <param name="Unit">Channel or latent.</param>
/// <param name="Kind">One of <see cref="ExampleKinds"/>.</param>
/// <param name="Rank">Its place among those of this kind, from 0.</param>
/// <param name="Crop">The crop round the hottest position.</param>
/// <param name="Heat">The whole input with the unit's map over it.</param>
public sealed record ExamplePicture(int Unit, string Kind, int Rank, StoredPicture Crop, StoredPicture Heat);

/// <summary>
/// Writes crops and heat overlays of the examples of chosen units into sheets (<see cref="SheetLayout"/>): those of the top examples in
/// <c>top-K.png</c>, which overviews show, those of the other kinds in <c>others-K.png</c>; by unit, kind and rank, each crop with its
/// overlay after it. The maps come from a forward pass over the few images needed, each once (<see cref="ExampleMaps"/>).
/// </summary>
public static class ExamplePictures
{
    /// <summary>What the names of sheets begin with.</summary>
    public const string TopSheets = "top", OtherSheets = "others";

    /// <summary>
    /// Writes the sheets. Pictures wait uncompressed in a temporary file in the folder, because images come in another order than units.
    /// </summary>
    /// <param name="network">The network; evaluation mode for the time of the call.</param>
    /// <param name="source">The source the statistics were collected on.</param>
    /// <param name="statistics">The group's statistics.</param>
    /// <param name="units">The units to show.</param>
    /// <param name="folder">The group's folder, <c>features/&lt;layer&gt;/&lt;name&gt;</c>.</param>
    /// <param name="options">Sizes.</param>
    /// <param name="cancellationToken">Looked at before every batch and every sheet.</param>
    /// <returns>Where the pictures lie, by unit in the order given, kind and rank.</returns>
    /// <exception cref="FoveaException">An image cannot be read any more, or the folder not written.</exception>
    public static IReadOnlyList<ExamplePicture> Write(ImageModel network, IImageSource source, GroupStatistics statistics,
        IReadOnlyList<int> units, string folder, ExamplePictureOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(statistics);
        ArgumentNullException.ThrowIfNull(units);
        options ??= new ExamplePictureOptions();
        int kept = options.Examples > 0 ? options.Examples : int.MaxValue;
        Example[] all =
        [
            .. units.Distinct()
                .SelectMany(unit =>
                    statistics.Units[unit].AllExamples.SelectMany(
                        set => set.Examples.Take(kept).Select((example, rank) => (unit, set.Kind, rank, example))))
                .OrderBy(one => one.Kind != ExampleKinds.Top)
                    .Select((one, place) => new Example(one.unit, one.Kind, one.rank, one.example, 2 * place)),
        ];
        if (all.Length == 0) return [];
        int size = options.Size > 0 ? options.Size : Longer(network.Preprocessing.OutputSize);
        using var slots = new PictureSlots(Path.Combine(folder, "examples"), size, size);
        Draw(network, source, statistics, all, slots, options, cancellationToken);
        StoredPicture[] places =
            [.. Pack(TopSheets, 0, all.Count(one => one.Kind == ExampleKinds.Top)),
                .. Pack(OtherSheets, all.Count(one => one.Kind == ExampleKinds.Top), all.Length)];
        var order = units.Distinct().Select((unit, place) => (unit, place)).ToDictionary(pair => pair.unit, pair => pair.place);
        return [.. all.OrderBy(one => order[one.Unit])
            .Select(one => new ExamplePicture(one.Unit, one.Kind, one.Rank, places[one.Slot], places[one.Slot + 1]))];

        IReadOnlyList<StoredPicture> Pack(string prefix, int first, int end)
        {
            var layout = new SheetLayout(prefix, Enumerable.Repeat((size, size), 2 * (end - first)));
            SheetFiles.Write(folder, layout, i => slots.Read(2 * first + i), cancellationToken);
            return layout.Pictures;
        }
    }

    private static void Draw(
        ImageModel network, IImageSource source, GroupStatistics statistics, Example[] all, PictureSlots slots,
            ExamplePictureOptions options,
        CancellationToken cancellationToken)
    {
        var wanted = all.ToLookup(one => one.Top.Image);
        var field = ReceptiveField.Of(
            network, statistics.Group.Layer, network.Preprocessing.OutputSize.Height, network.Preprocessing.OutputSize.Width);
        int[] images = [.. wanted.Select(group => group.Key).Order()];
        using var frozen = new FrozenNetwork(network);
        var taps = new Probe(statistics.Group.Layer);
        foreach (int[] batch in images.Chunk(options.BatchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            RgbImage[] pictures = new RgbImage[batch.Length];
            ParallelLoop.For(
                batch.Length, i => pictures[i] = network.Preprocessing.ApplyToPixels(source.Read(batch[i])), cancellationToken);
            bool near = batch.Any(image => wanted[image].Any(one => one.Kind == ExampleKinds.Near));
            ExampleMaps maps = ExampleMaps.Of(network, taps, statistics, pictures, near);
            ParallelLoop.For(batch.Length, i =>
            {
                foreach (Example one in wanted[batch[i]])
                    DrawOne(pictures[i], maps.Heat(i, one.Unit, one.Kind), statistics, field, one, slots, options);
            }, cancellationToken);
        }
    }

    private static void DrawOne(
        RgbImage picture, float[] map, GroupStatistics statistics, ReceptiveField field, Example example, PictureSlots slots,
            ExamplePictureOptions options)
    {
        int size = options.Size > 0 ? options.Size : Longer((picture.Height, picture.Width));
        PixelBox box = ExampleCrop.Locate(
            field, example.Top.Y, example.Top.X, picture.Height, picture.Width, field.IsOfTokens ? 1 : options.CropCells);
        slots.Write(example.Slot, ExampleCrop.Cut(picture, box, size));
        RgbImage overlay = HeatOverlay.Draw(picture, map, statistics.Height, statistics.Width);
        if (overlay.Height != size || overlay.Width != size)
            overlay = ExampleCrop.Cut(overlay, PixelBox.Whole(overlay.Width, overlay.Height), size);
        slots.Write(example.Slot + 1, overlay);
    }

    private static int Longer((int Height, int Width) size) => Math.Max(size.Height, size.Width);

    /// <summary>An example of a unit, and which of the slots its crop has; its overlay has the next.</summary>
    private sealed record Example(int Unit, string Kind, int Rank, TopExample Top, int Slot);
}
