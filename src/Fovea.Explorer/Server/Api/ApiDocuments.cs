using System.Globalization;
using Fovea.Explorer.Contents;
using Fovea.Explorer.Galleries;

namespace Fovea.Explorer.Server.Api;

/// <summary>What a page shows, as a record: the same contents, the same addresses.</summary>
/// <param name="run">The run.</param>
/// <param name="notes">What people wrote of its units.</param>
/// <param name="version">Tells it from itself at other times.</param>
/// <param name="readOnly">Whether nothing can be changed.</param>
internal sealed class ApiDocuments(RunContents run, NoteBook notes, string version, bool readOnly)
{
    private readonly Links _links = Links.OnServer();

    /// <summary>The record of an address; null where the run has nothing there.</summary>
    /// <param name="address">Of a page of the run.</param>
    /// <param name="query">Its state.</param>
    /// <exception cref="FoveaException">Data: something of it cannot be read.</exception>
    public object? Find(PageAddress address, GalleryQuery query)
    {
        if (address.Kind == PageKind.Home) return Run();
        if (address.LayerName is not { } name || run.Layer(name) is not { } layer) return null;
        return address.Kind switch
        {
            PageKind.Layer => Of(layer),
            PageKind.Dictionary => layer.Dictionaries.FirstOrDefault(one => one.Name == address.Name) is { } one ? Of(one) : null,
            PageKind.Sweep => layer.Sweeps.FirstOrDefault(one => one.Name == address.Name)?.Document,
            PageKind.Comparison => layer.Comparisons.FirstOrDefault(one => one.Number == address.Number)?.Document,
            PageKind.Circuit => layer.Circuits.FirstOrDefault(one => one.Name == address.Name)?.Document,
            PageKind.Gallery => layer.Units(address.Name!) is { } set ? Gallery(set, query) : null,
            PageKind.Feature => layer.Units(address.Name!) is { } set && set.Find(address.Number) is { } unit ? Unit(set, unit, query) : null,
            _ => null,
        };
    }

    private ApiRun Run() => new(
        run.Title, version, readOnly, run.Model.Document?.Architecture, run.Model.Classes.Count,
        [.. run.Layers.Select(layer => new ApiLink(layer.Name, _links.Api(PageAddress.Layer(layer.Name))))],
        [.. run.Stages.Where(stage => stage.Stale || !stage.Complete).Select(stage => stage.Stage)], run.Problems);

    private ApiLayer Of(LayerContents layer) => new(
        layer.Name, layer.Manifest, Source(layer.Neurons),
        [.. layer.Dictionaries.Select(one => new ApiLink(one.Name, _links.Api(PageAddress.Dictionary(layer.Name, one.Name))))],
        [.. layer.Sweeps.Select(one => new ApiLink(one.Name, _links.Api(PageAddress.Sweep(layer.Name, one.Name))))],
        [.. layer.Comparisons.Select(one => new ApiLink(
            one.Number.ToString(CultureInfo.InvariantCulture), _links.Api(PageAddress.Comparison(layer.Name, one.Number))))],
        [.. layer.Circuits.Select(one => new ApiLink(one.Name, _links.Api(PageAddress.Circuit(layer.Name, one.Name))))]);

    private ApiDictionary Of(DictionaryContents one) =>
        new(one.Layer, one.Name, one.Configuration, one.Report, one.Splice, one.Faithfulness, Source(one.Latents));

    private ApiSource? Source(FeatureSet? set) => set is null ? null : new ApiSource(
        set.Source, _links.Api(PageAddress.Gallery(set.Layer, set.Source)), set.UnitWord + "s", set.Units.Count, set.Shown.Count);

    private ApiGallery Gallery(FeatureSet set, GalleryQuery query)
    {
        UnitOrder order = set.Order(query, run.Model, notes);
        int pages = order.Pages(query);
        query = query with { Page = Math.Min(query.Page, pages) };
        return new ApiGallery(
            set.Layer, set.Source, query.ToString(), set.Units.Count, order.Units.Count, query.Page, pages,
            set.Numbers.ToDictionary(number => number.Key, number => number.Label),
            [.. order.OnPage(query).Select(unit => new ApiTile(
                unit.Unit, _links.Api(PageAddress.Feature(set.Layer, set.Source, unit.Unit)), run.Model.ClassName(unit.Row?.TopClass),
                Numbers(unit), Place(unit.Picture)))]);
    }

    private ApiUnit Unit(FeatureSet set, Feature unit, GalleryQuery query)
    {
        UnitOrder order = set.Order(query, run.Model, notes);
        return new ApiUnit(
            set.Layer, set.Source, unit.Unit, run.Model.ClassName(unit.Row?.TopClass), Numbers(unit), Beside(-1), Beside(1),
            order.PlaceOf(unit.Unit) + 1,
            [.. unit.Pictures.Select(one => new ApiUnitPicture(one.Preset, one.Row.Activation, one.Row.Peak, Place(one.Place)!))],
            [.. unit.Examples.Select(one => new ApiExample(
                one.Row.Kind, one.Row.Rank, one.Row.Image, one.Row.ImageIndex, one.Row.Label, run.Model.ClassName(one.Row.Label), one.Row.Value,
                one.Row.Y, one.Row.X, Place(one.Crop), Place(one.Heat)))],
            set.HasEvidence ? run.Reader.Evidence(set.Layer, set.Source, unit.Unit) : null);

        string? Beside(int offset) => order.Beside(unit.Unit, offset) is { } other
            ? _links.Api(PageAddress.Feature(set.Layer, set.Source, other.Unit)) + (query with { Page = 1 }) : null;
    }

    private static SortedDictionary<string, double> Numbers(Feature unit) => new(
        UnitNumber.All.Select(number => (number.Key, Value: number.Of(unit))).Where(one => one.Value is not null)
            .ToDictionary(one => one.Key, one => one.Value!.Value), StringComparer.Ordinal);

    private ApiPlace? Place(StoredPicture? picture) => picture is null ? null
        : new ApiPlace(_links.Picture(picture.File), picture.Left, picture.Top, picture.Width, picture.Height);
}
