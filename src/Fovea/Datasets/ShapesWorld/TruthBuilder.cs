using Fovea.Imaging;

namespace Fovea.Datasets;

/// <summary>Turns recorded layers into the maps of a <see cref="ShapesWorldTruth"/>.</summary>
internal static class TruthBuilder
{
    private const int Size = ShapesWorld.ImageSize;

    public static ShapesWorldTruth Build(Scene scene, RgbImage image, List<Layer> layers)
    {
        var maps = new ShapesWorldMaps();
        // From the front to the back, what is left to be seen through all layers before.
        var clear = new float[Size * Size];
        clear.AsSpan().Fill(1);
        var strongest = new float[Size * Size];
        for (int l = layers.Count - 1; l >= 0; l--) Uncover(scene, layers[l], maps, clear, strongest);
        Trace(scene, layers, maps);
        return new ShapesWorldTruth(scene, image, maps, Corners(scene, maps));
    }

    private static void Uncover(Scene scene, Layer layer, ShapesWorldMaps maps, float[] clear, float[] strongest)
    {
        byte[] mask = layer.Kind switch
        {
            LayerKind.Background => maps.Background,
            LayerKind.Shadow => maps.Shadow,
            LayerKind.Object => maps.Object,
            _ => maps.Distractors,
        };
        Surface? surface =
            layer.Kind switch { LayerKind.Background => scene.Background, LayerKind.Object => scene.Object.Surface, _ => null };
        for (int at = 0; at < clear.Length; at++)
        {
            float visible = layer.Alpha[at] * clear[at];
            if (layer.Kind == LayerKind.Object) maps.WholeObject[at] = ToByte(layer.Alpha[at]);
            if (visible <= 0) continue;
            mask[at] = ToByte(Math.Min(1, mask[at] / 255f + visible));
            if (layer.Kind == LayerKind.Shadow) continue;   // it darkens, it hides nothing
            clear[at] -= visible;
            if (visible <= strongest[at]) continue;
            strongest[at] = visible;
            bool inked = layer.Ink[at] > 0.5f, rimmed = layer.Rim[at] > 0.5f;
            Paint paint = surface is null ? scene.Thing(layer.Index).Paint : rimmed ? scene.Object.Rim : inked
                ? surface.Ink : surface.Body;
            maps.Owners[at] = layer.Kind switch { LayerKind.Background => 0, LayerKind.Object => 1, _ => (byte)(2 + layer.Index) };
            maps.Textures[at] = (byte)(surface?.Pattern.Texture ?? SurfaceTexture.Plain);
            maps.Colours[at] = (byte)paint.Colour;
            (maps.Ink[at], maps.Rim[at]) = (ToByte(layer.Ink[at]), ToByte(layer.Rim[at]));
        }
    }

    /// <summary>The object's edge where nothing in front hides it, with the direction of its normal.</summary>
    private static void Trace(Scene scene, List<Layer> layers, ShapesWorldMaps maps)
    {
        var placed = Place(scene.Object);
        int own = layers.FindIndex(layer => layer.Kind == LayerKind.Object);
        var (left, top, right, bottom) = placed.Box(2);
        maps.OutlineAngles.AsSpan().Fill(ShapesWorldMaps.NoAngle);
        for (int y = top; y < bottom; y++)
        {
            for (int x = left; x < right; x++)
            {
                float px = x + 0.5f, py = y + 0.5f, open = Math.Clamp(1.5f - MathF.Abs(placed.Distance(px, py)), 0, 1);
                int at = y * Size + x;
                for (int l = own + 1; l < layers.Count; l++) open *= 1 - layers[l].Alpha[at];
                maps.Outline[at] = ToByte(open);
                if (maps.Outline[at] == 0) continue;
                double gx = placed.Distance(px + 0.5f, py) - placed.Distance(px - 0.5f, py);
                double gy = placed.Distance(px, py + 0.5f) - placed.Distance(px, py - 0.5f);
                double degrees = Math.Atan2(gy, gx) * 180 / Math.PI;
                maps.OutlineAngles[at] = (byte)((int)Math.Round(degrees < 0 ? degrees + 180 : degrees) % 180);
            }
        }
    }

    private static ShapesWorldCorner[] Corners(Scene scene, ShapesWorldMaps maps)
    {
        var placed = Place(scene.Object);
        return [.. Outline.Of(scene.Object.Shape).Corners.Select(corner =>
        {
            var (x, y) = placed.ToImage(corner.X, corner.Y);
            int column = Math.Clamp((int)x, 0, Size - 1), row = Math.Clamp((int)y, 0, Size - 1);
            return new ShapesWorldCorner(x, y, corner.Tip, maps.Outline[row * Size + column] >= 128);
        })];
    }

    private static PlacedOutline Place(SceneObject item) => new(Outline.Of(item.Shape), item.X, item.Y, item.Size, item.Rotation);

    private static byte ToByte(float share) => (byte)(share * 255 + 0.5f);
}
