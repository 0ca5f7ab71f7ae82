using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Interpretation.Shortcuts;
using Fovea.IO;
using Fovea.Models;
using Fovea.Visualization;
using static TorchSharp.torch;

namespace Fovea.Interventions.Shortcuts;

/// <summary>
/// Puts a study into a folder, whole: <c>shortcuts.json</c> and the pictures it names, the table of all units, and <c>groups.csv</c>, which
/// says of each image its group and whether units were chosen or judged on it.
/// </summary>
public static class ShortcutFolder
{
    /// <summary>The name of the table of images.</summary>
    public const string GroupsName = "groups.csv";

    /// <summary>Draws and publishes.</summary>
    /// <param name="folder">Where; other files in it stay.</param>
    /// <param name="model">The network.</param>
    /// <param name="source">The images of the study.</param>
    /// <param name="result">What was found.</param>
    /// <param name="groups">The groups of the study; null: none.</param>
    /// <param name="cancellation">Looked at before every image.</param>
    /// <returns>The document as it was written.</returns>
    /// <exception cref="FoveaException">The folder cannot be written.</exception>
    public static ShortcutsDocument Write(
        string folder, ImageModel model, IImageSource source, ShortcutFindings result, ImageGroups? groups,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(result);
        ShortcutsDocument document = result.Document;
        Dictionary<(int Class, string Group, int Unit), List<ShortcutPicture>> drawn = [];
        PictureSet.Write(folder, "units", partial => drawn = Draw(partial, model, source, result, groups, cancellation), name =>
        {
            document = document with
            {
                Classes = [.. document.Classes.Select(one => one with
                {
                    Sources = [.. one.Sources.Select(units => units with
                    {
                        Units = [.. units.Units.Select(unit => drawn.TryGetValue((one.Class, units.Name, unit.Unit), out var pictures)
                            ? unit with { Pictures = [.. pictures.Select(picture => picture with { Picture = picture.Picture.Below(name) })] }
                            : unit)],
                    })],
                })],
            };
            TableFile.Write(Path.Combine(folder, ShortcutRow.FileName), result.Rows);
            AtomicFile.WriteText(Path.Combine(folder, GroupsName), Groups(source, result, groups));
            DocumentFile.Write(Path.Combine(folder, ShortcutsDocument.FileName), document);
        });
        return document;
    }

    private static string Groups(IImageSource source, ShortcutFindings result, ImageGroups? groups) => string.Concat(
        new[] { (Part: "fold", Images: result.Fold), (Part: "test", Images: result.Test) }
            .SelectMany(part => part.Images.Select(image => (part.Part, Image: image))).OrderBy(one => one.Image)
            .Select(one => CommaSeparated.Line(source.Id(one.Image), groups?[one.Image] switch { true => "1", false => "0", _ => null }, one.Part))
            .Prepend(CommaSeparated.Line("image", "group", "part")));

    private static Dictionary<(int Class, string Group, int Unit), List<ShortcutPicture>> Draw(
        string folder, ImageModel model, IImageSource source, ShortcutFindings result, ImageGroups? groups, CancellationToken cancellation)
    {
        Dictionary<(int Class, string Group, int Unit), List<ShortcutPicture>> pictures = [];
        using var frozen = new FrozenNetwork(model);
        using var quiet = no_grad();
        foreach (var unit in result.Shown.GroupBy(one => (one.Class, one.Group.Name, one.Unit)))
        {
            cancellation.ThrowIfCancellationRequested();
            var maps = unit.Select(one => (One: one, Map: Map(model, source, one))).ToArray();
            // One scale for all images of a unit.
            double full = maps.Max(one => one.Map.Values.Max());
            List<ShortcutPicture> own = pictures[unit.Key] = [];
            foreach (var (one, (values, height, width, seen)) in maps)
            {
                string file = FormattableString.Invariant($"{pictures.Count:D3}-{own.Count}.png");
                AtomicFile.WriteBytes(
                    Path.Combine(folder, file), ImageCodec.EncodePng(HeatOverlay.Draw(seen, values, height, width, full)));
                own.Add(new ShortcutPicture(
                    source.Id(one.Image), source.LabelName(one.Image), groups?[one.Image], one.Effect,
                    new StoredPicture(file, 0, 0, seen.Width, seen.Height)));
            }
        }
        return pictures;
    }

    private static (float[] Values, int Height, int Width, RgbImage Seen) Map(ImageModel model, IImageSource source, ShownShortcut one)
    {
        using var scope = NewDisposeScope();
        RgbImage seen = model.Preprocessing.ApplyToPixels(source.Read(one.Image));
        var pixels = new float[seen.Pixels.Length];
        model.Preprocessing.Normalise(seen.Pixels, pixels);
        Tensor input = tensor(pixels, [1, 3, seen.Height, seen.Width], device: model.Device);
        Tensor output = model.Forward(input, new Probe(one.Group.Layer))[one.Group.Layer];
        Tensor maps = output.dim() == 4 ? output : output.unsqueeze(-1).unsqueeze(-1);
        Tensor rows = maps.permute(0, 2, 3, 1).contiguous().cpu().reshape(-1, maps.shape[1]);
        float[] values = one.Group.Values(rows).cpu().select(1, one.Unit).to(float32).contiguous().data<float>().ToArray();
        return (values, (int)maps.shape[2], (int)maps.shape[3], seen);
    }
}
