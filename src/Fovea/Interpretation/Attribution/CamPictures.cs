using Fovea.Activations.Filters.ClassActivation;
using Fovea.Imaging;
using Fovea.IO;
using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Interpretation.Attribution;

/// <summary>
/// Writes overlays of class activation maps, <c>&lt;k&gt;-&lt;method&gt;.png</c>, and all of them beside the pictures in one,
/// <c>sheet.png</c>.
/// </summary>
public static class CamPictures
{
    /// <summary>
    /// The picture with all overlays: a row an image, first the picture, then a column a method; methods stand above the columns, over each
    /// row the class of its maps and whether a map is 0 everywhere.
    /// </summary>
    public const string SheetName = "sheet.png";

    private const int Gap = 4, LettersOfColumn = 18;

    /// <summary>
    /// Writes the pictures. Signed maps are drawn in red and blue where the method draws by absolute value, else their positive part as
    /// heat.
    /// </summary>
    /// <param name="model">The network with its preprocessing and classes.</param>
    /// <param name="layer">A layer with a grid.</param>
    /// <param name="images">Names, pictures and the class of each; null: the predicted one is taken.</param>
    /// <param name="methods">The methods.</param>
    /// <param name="of">Which class the maps are of, where an image has one.</param>
    /// <param name="folder">Where the pictures go.</param>
    /// <param name="cancellationToken">Looked at before every image.</param>
    /// <exception cref="FoveaException">No such layer, one without a grid, or the folder cannot be written.</exception>
    public static IReadOnlyList<CamExample> Write(
        ImageModel model, string layer, IReadOnlyList<(string Id, RgbImage Picture, int? Class)> images,
        IReadOnlyList<ClassActivationMap> methods, CamClass of, string folder, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(methods);
        List<CamExample> examples = [];
        List<RgbImage[]> rows = [];
        foreach (var (id, picture, own) in images)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            RgbImage seen = model.Preprocessing.ApplyToPixels(picture);
            Tensor input = Input(model, seen);
            int predicted = Predicted(model, input), shown = of == CamClass.True ? own ?? predicted : predicted;
            IReadOnlyList<Tensor> maps = ClassActivationMaps.Compute(model, layer, input, [shown], methods);
            using var quiet = no_grad();
            RgbImage[] overlays = [.. maps.Zip(methods, (map, method) => Overlay(seen, map, method))];
            var names = methods.ToDictionary(method => method.Name, method => $"{examples.Count}-{method.Name}.png");
            string inputName = $"{examples.Count}-input.png";
            foreach (var (name, overlay) in names.Values.Zip(overlays)) Save(folder, name, overlay);
            Save(folder, inputName, seen);
            string[] zero =
                [.. maps.Zip(methods).Where(pair => !(pair.Second.Drawn(pair.First) > 0).any().item<bool>())
                    .Select(pair => pair.Second.Name)];
            examples.Add(
                new CamExample(
                    id, own is { } label
                        ? model.ClassName(label) : null, model.ClassName(shown), model.ClassName(predicted), Stored(inputName, seen),
                methods.Zip(overlays).ToDictionary(pair => pair.First.Name, pair => Stored(names[pair.First.Name], pair.Second)), zero));
            rows.Add([seen, .. overlays]);
        }
        if (rows.Count > 0) Save(folder, SheetName, Sheet(rows, examples, methods));
        return examples;
    }

    private static StoredPicture Stored(string name, RgbImage picture) => new(name, 0, 0, picture.Width, picture.Height);

    private static RgbImage Overlay(RgbImage seen, Tensor map, ClassActivationMap method)
    {
        (int height, int width) = ((int)map.shape[1], (int)map.shape[2]);
        float[] values = map.to(float32).cpu().contiguous().data<float>().ToArray();
        return method is SignedGradCam ? SignedOverlay.Draw(seen, values, height, width) : HeatOverlay.Draw(seen, values, height, width);
    }

    private static Tensor Input(ImageModel model, RgbImage seen)
    {
        var pixels = new float[seen.Pixels.Length];
        model.Preprocessing.Normalise(seen.Pixels, pixels);
        return tensor(pixels, [1, 3, seen.Height, seen.Width], device: model.Device);
    }

    private static int Predicted(ImageModel network, Tensor input)
    {
        using var frozen = new Visualization.FrozenNetwork(network);
        using var quiet = no_grad();
        return (int)network.Forward(input).argmax(1).item<long>();
    }

    private static void Save(string folder, string name, RgbImage picture) =>
        AtomicFile.WriteBytes(Path.Combine(folder, name), ImageCodec.EncodePng(picture));

    private static RgbImage Sheet(List<RgbImage[]> rows, List<CamExample> examples, IReadOnlyList<ClassActivationMap> methods)
    {
        int cellWidth = rows.Max(row => row.Max(cell => cell.Width)), cellHeight = rows.Max(row => row.Max(cell => cell.Height));
        // Large pictures have larger labels: as many letters fit over a column.
        int scale = Math.Max(1, cellWidth / LettersOfColumn / PixelText.Advance), line = PixelText.LineHeight(scale);
        int columns = rows[0].Length, rowHeight = line + cellHeight + Gap;
        int width = columns * (cellWidth + Gap) - Gap, height = line + rows.Count * rowHeight - Gap;
        var pixels = new byte[checked(width * height * 3)];
        Array.Fill(pixels, byte.MaxValue);
        for (int c = 0; c < columns; c++) Label(c, 0, c == 0 ? "image" : methods[c - 1].Name);
        for (int r = 0; r < rows.Count; r++)
        {
            int top = line + r * rowHeight;
            CamExample example = examples[r];
            Label(0, top, example.MapClass);
            for (int c = 0; c < columns; c++)
            {
                if (c > 0 && example.AllZero.Contains(methods[c - 1].Name)) Label(c, top, "0 everywhere");
                RgbImage cell = rows[r][c];
                int start = ((top + line) * width + c * (cellWidth + Gap)) * 3;
                for (int y = 0; y < cell.Height; y++)
                    cell.Pixels.AsSpan(y * cell.Width * 3, cell.Width * 3).CopyTo(pixels.AsSpan(start + y * width * 3));
            }
        }
        return new RgbImage(width, height, pixels);

        void Label(int column, int top, string text) =>
            PixelText.Draw(pixels, width, column * (cellWidth + Gap), top, cellWidth, text, scale);
    }
}
