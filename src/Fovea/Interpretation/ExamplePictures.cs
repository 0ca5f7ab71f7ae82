using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.IO;
using Fovea.Models;
using Fovea.Numerics;
using Fovea.Visualization;

namespace Fovea.Interpretation;

/// <summary>How the pictures of top examples are made.</summary>
public sealed record ExamplePictureOptions
{
    /// <summary>Side of a crop in strides of the layer, where the receptive field is the whole input.</summary>
    public double CropCells { get; init; } = 3;

    /// <summary>Side of the crops and overlays in pixels; 0: the network's input size.</summary>
    public int Size { get; init; }

    /// <summary>Images a forward pass.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>At most this many examples of each kind; 0: all.</summary>
    public int Examples { get; init; }
}

/// <summary>The files of one example.</summary>
/// <param name="Unit">Channel or latent.</param>
/// <param name="Kind">One of <see cref="ExampleKinds"/>.</param>
/// <param name="Rank">Its place among those of this kind, from 0.</param>
/// <param name="Crop">The crop round the hottest position, relative to the group's folder.</param>
/// <param name="Heat">The whole input with the unit's map over it, relative to the group's folder.</param>
public sealed record ExamplePicture(int Unit, string Kind, int Rank, string Crop, string Heat);

/// <summary>
/// Writes crops and heat overlays of the examples of chosen units: <c>images/example-&lt;unit&gt;-&lt;rank&gt;.png</c> and <c>images/heat-&lt;unit&gt;-&lt;rank&gt;.png</c>, for other kinds
/// than the top examples <c>…-&lt;unit&gt;-&lt;kind&gt;-&lt;rank&gt;.png</c>.
/// The maps come from a forward pass over the few images needed, each once (<see cref="ExampleMaps"/>).
/// </summary>
public static class ExamplePictures
{
    /// <summary>Writes the pictures.</summary>
    /// <param name="network">The network; evaluation mode for the time of the call.</param>
    /// <param name="source">The source the statistics were collected on.</param>
    /// <param name="statistics">The group's statistics.</param>
    /// <param name="units">The units to show.</param>
    /// <param name="folder">The group's folder, <c>features/&lt;layer&gt;/&lt;name&gt;</c>.</param>
    /// <param name="options">Sizes.</param>
    /// <param name="cancellationToken">Looked at before every batch.</param>
    /// <returns>The files, by unit in the order given, kind and rank.</returns>
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
        var all = units.Distinct()
            .SelectMany(unit => statistics.Units[unit].AllExamples
                .SelectMany(set => set.Examples.Take(kept).Select((example, rank) => (Names: Names(unit, rank, set.Kind), Example: example))))
            .ToArray();
        var wanted = all.ToLookup(entry => entry.Example.Image);
        var field = ReceptiveField.Of(network, statistics.Group.Layer, network.Preprocessing.OutputSize.Height, network.Preprocessing.OutputSize.Width);
        int[] images = [.. wanted.Select(group => group.Key).Order()];
        using var frozen = new FrozenNetwork(network);
        var taps = new Probe(statistics.Group.Layer);
        foreach (int[] batch in images.Chunk(options.BatchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            RgbImage[] pictures = new RgbImage[batch.Length];
            ParallelLoop.For(batch.Length, i => pictures[i] = network.Preprocessing.ApplyToPixels(source.Read(batch[i])), cancellationToken);
            bool near = batch.Any(image => wanted[image].Any(entry => entry.Names.Kind == ExampleKinds.Near));
            ExampleMaps maps = ExampleMaps.Of(network, taps, statistics, pictures, near);
            ParallelLoop.For(batch.Length, i =>
            {
                foreach (var (names, example) in wanted[batch[i]])
                    WriteOne(pictures[i], maps.Heat(i, names.Unit, names.Kind), statistics, field, example, folder, names, options);
            }, cancellationToken);
        }
        return [.. all.Select(entry => entry.Names)];
    }

    /// <summary>The names of an example's files.</summary>
    public static ExamplePicture Names(int unit, int rank, string kind = ExampleKinds.Top)
    {
        string name = kind == ExampleKinds.Top ? $"{unit}-{rank}" : $"{unit}-{kind}-{rank}";
        return new ExamplePicture(unit, kind, rank, $"images/example-{name}.png", $"images/heat-{name}.png");
    }

    private static void WriteOne(RgbImage picture, float[] map, GroupStatistics statistics, ReceptiveField field, TopExample example, string folder, ExamplePicture names,
        ExamplePictureOptions options)
    {
        int size = options.Size > 0 ? options.Size : picture.Height;
        PixelBox box = ExampleCrop.Locate(field, example.Y, example.X, picture.Height, picture.Width, options.CropCells);
        AtomicFile.WriteBytes(Path.Combine(folder, names.Crop), ImageCodec.EncodePng(ExampleCrop.Cut(picture, box, size)));
        RgbImage overlay = HeatOverlay.Draw(picture, map, statistics.Height, statistics.Width);
        if (overlay.Height != size || overlay.Width != size) overlay = Resampling.Bilinear(overlay, size, size);
        AtomicFile.WriteBytes(Path.Combine(folder, names.Heat), ImageCodec.EncodePng(overlay));
    }
}
