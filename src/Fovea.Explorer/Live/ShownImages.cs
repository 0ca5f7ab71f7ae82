using Fovea.Explorer.Components;
using Fovea.Explorer.Contents;
using Fovea.Imaging;

namespace Fovea.Explorer.Live;

/// <summary>The run's images on the pages of its units, of which the run keeps no pictures.</summary>
/// <param name="page">The page.</param>
/// <param name="set">The unit's source.</param>
/// <param name="unit">The unit.</param>
internal sealed class ShownImages(PageContext page, FeatureSet set, int unit)
{
    private readonly PreprocessingSettings? _seen = page.Run.Model.Document?.Preprocessing;

    /// <summary>Whether they can be shown: by a server that reached them.</summary>
    public bool AreThere { get; } = page.Run.Model.Document is not null && page.Served?.Get<LiveModel>() is { ShowsRunImages: true };

    /// <summary>Height of an image as the network sees it, pixels; 0 where that is not known.</summary>
    public int Height => _seen?.Crop ?? _seen?.Resize ?? 0;

    /// <summary>Its width.</summary>
    public int Width => _seen?.Width ?? Height;

    /// <summary>Rows and columns of the layer's grid; null where they are not known.</summary>
    public (int Rows, int Columns)? Grid => page.Run.Layer(set.Layer)?.Manifest is { Grid: [var rows, var columns] } ? (rows, columns) : null;

    /// <summary>Where an example's image is.</summary>
    public string Picture(FeatureExample example) => page.Links.Api(Place(example)) + "/picture";

    /// <summary>Where the image is that drives the unit most.</summary>
    public string Strongest => page.Links.To(PageAddress.Feature(set.Layer, set.Source, unit)) + "/" + StrongestFile;

    /// <summary>What stands behind a unit's address for that image.</summary>
    public const string StrongestFile = "strongest.png";

    /// <summary>The page of that image, with the unit's heat over it.</summary>
    public string Page(FeatureExample example) =>
        page.Links.In(Place(example), new ImageState { Layer = set.Layer, Source = set.Source, Unit = unit }.Query());

    /// <summary>What images go through before a network, as its run says it.</summary>
    public static Preprocessing PreprocessingOf(ModelDocument network)
    {
        PreprocessingSettings given = network.Preprocessing;
        return new Preprocessing(
            given.Resize, given.Crop, given.Mean, given.Std, Enum.Parse<Interpolation>(given.Interpolation, ignoreCase: true), given.Squash,
            given.Width);
    }

    private static PageAddress Place(FeatureExample example) => ImagePage.Place(OwnImages.OfRun(example.Row.ImageIndex));
}
