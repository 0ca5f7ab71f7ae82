using Fovea.Imaging;
using Fovea.Numerics;

namespace Fovea.Datasets;

/// <summary>
/// Paints a scene from back to front: background, distractors behind, the object's shadow, the object, distractors in front; then light,
/// exposure and noise; then 8 bits. Colours mix as they are stored (sRGB), as drawing programs do.
/// </summary>
internal static class SceneRenderer
{
    private const int Size = ShapesWorld.ImageSize;

    private static readonly Outline[] DistractorOutlines =
        [new BarOutline(0), new RingOutline(0.35f), new DiscOutline(), new PolygonOutline(PolygonOutline.Regular(3))];

    /// <summary>Half the width of a bar in pixels, whatever its length.</summary>
    private const float BarHalfWidth = 1.1f;

    /// <summary>Width of a shadow's soft edge on each side, and how far it falls, in pixels.</summary>
    private const float ShadowSoftness = 2.5f, ShadowOffset = 2.5f;

    /// <summary>The picture of a scene; <paramref name="grain"/> gives the noise.</summary>
    public static RgbImage Render(Scene scene, CounterRandom grain) => Finish(scene, Paint(scene, null), grain);

    /// <summary>The picture with what every pixel of it shows.</summary>
    public static ShapesWorldTruth Explain(Scene scene, CounterRandom grain)
    {
        var layers = new List<Layer>();
        float[] canvas = Paint(scene, layers);
        return TruthBuilder.Build(scene, Finish(scene, canvas, grain), layers);
    }

    private static float[] Paint(Scene scene, List<Layer>? layers)
    {
        var canvas = new float[Size * Size * 3];
        FillBackground(canvas, scene.Background, layers);
        for (int i = 0; i < scene.Distractors.Count; i++)
        {
            if (!scene.Distractors[i].InFront) PaintDistractor(canvas, scene.Distractors[i], i, layers);
        }
        PaintObject(canvas, scene, layers);
        for (int i = 0; i < scene.Distractors.Count; i++)
        {
            if (scene.Distractors[i].InFront) PaintDistractor(canvas, scene.Distractors[i], i, layers);
        }
        if (scene.Mark is { } mark) PaintDistractor(canvas, mark, scene.Distractors.Count, layers);
        return canvas;
    }

    private static void FillBackground(float[] canvas, Surface surface, List<Layer>? layers)
    {
        Layer? layer = Layer.AddTo(layers, LayerKind.Background, 0);
        layer?.Alpha.AsSpan().Fill(1);
        var field = new PatternField(surface.Pattern);
        Paint body = surface.Body, ink = surface.Ink;
        for (int y = 0, at = 0; y < Size; y++)
        {
            for (int x = 0; x < Size; x++, at++)
            {
                float share = field.Ink(x + 0.5f, y + 0.5f);
                canvas[3 * at] = body.R + share * (ink.R - body.R);
                canvas[3 * at + 1] = body.G + share * (ink.G - body.G);
                canvas[3 * at + 2] = body.B + share * (ink.B - body.B);
                if (layer is not null) layer.Ink[at] = share;
            }
        }
    }

    private static void PaintObject(float[] canvas, Scene scene, List<Layer>? layers)
    {
        SceneObject item = scene.Object;
        var placed = new PlacedOutline(Outline.Of(item.Shape), item.X, item.Y, item.Size, item.Rotation);
        double light = scene.LightAngle * Math.PI / 180;
        float lightX = (float)Math.Cos(light), lightY = (float)Math.Sin(light);
        if (item.Shadow > 0) PaintShadow(canvas, placed, (float)item.Shadow, lightX, lightY, layers);

        Layer? layer = Layer.AddTo(layers, LayerKind.Object, 0);
        var field = new PatternField(item.Surface.Pattern);
        Paint body = item.Surface.Body, ink = item.Surface.Ink, rim = item.Rim;
        float rimWidth = (float)item.RimWidth;
        float slope = (float)(item.Shading / item.Size), centreX = (float)item.X, centreY = (float)item.Y;
        var (left, top, right, bottom) = placed.Box(1);
        for (int y = top; y < bottom; y++)
        {
            for (int x = left; x < right; x++)
            {
                float px = x + 0.5f, py = y + 0.5f;
                float distance = placed.Distance(px, py), alpha = Math.Clamp(0.5f - distance, 0, 1);
                if (alpha <= 0) continue;
                float border = Math.Clamp(0.5f + rimWidth + distance, 0, 1), share = (1 - border) * field.Ink(px, py), rest = 1 - border
                    - share;
                float shade = 1 + slope * ((px - centreX) * lightX + (py - centreY) * lightY);
                int at = y * Size + x;
                Mix(canvas, at, alpha, shade * (rest * body.R + share * ink.R + border * rim.R),
                    shade * (rest * body.G + share * ink.G + border * rim.G), shade * (rest * body.B + share * ink.B + border * rim.B));
                if (layer is not null) (layer.Alpha[at], layer.Ink[at], layer.Rim[at]) = (alpha, share, border);
            }
        }
    }

    private static void PaintShadow(float[] canvas, PlacedOutline placed, float opacity, float lightX, float lightY, List<Layer>? layers)
    {
        Layer? layer = Layer.AddTo(layers, LayerKind.Shadow, 0);
        var (left, top, right, bottom) = placed.Box(ShadowSoftness + ShadowOffset);
        for (int y = top; y < bottom; y++)
        {
            for (int x = left; x < right; x++)
            {
                float distance = placed.Distance(x + 0.5f + ShadowOffset * lightX, y + 0.5f + ShadowOffset * lightY);
                float t = Math.Clamp(0.5f - distance / (2 * ShadowSoftness), 0, 1);
                float depth = t * t * (3 - 2 * t);
                if (depth <= 0) continue;
                int at = y * Size + x;
                Mix(canvas, at, opacity * depth, 0, 0, 0);
                if (layer is not null) layer.Alpha[at] = depth;   // where the shadow lies, however faint it is
            }
        }
    }

    private static void PaintDistractor(float[] canvas, Distractor thing, int index, List<Layer>? layers)
    {
        Layer? layer = Layer.AddTo(layers, LayerKind.Distractor, index);
        var placed = new PlacedOutline(DistractorOutlines[(int)thing.Kind], thing.X, thing.Y, thing.Size, thing.Rotation);
        float grow = thing.Kind == DistractorKind.Bar ? BarHalfWidth : 0;
        var (left, top, right, bottom) = placed.Box(1 + grow);
        for (int y = top; y < bottom; y++)
        {
            for (int x = left; x < right; x++)
            {
                float alpha = Math.Clamp(0.5f + grow - placed.Distance(x + 0.5f, y + 0.5f), 0, 1);
                if (alpha <= 0) continue;
                int at = y * Size + x;
                Mix(canvas, at, alpha, thing.Paint.R, thing.Paint.G, thing.Paint.B);
                if (layer is not null) layer.Alpha[at] = alpha;
            }
        }
    }

    private static void Mix(float[] canvas, int at, float alpha, float r, float g, float b)
    {
        Span<float> pixel = canvas.AsSpan(3 * at, 3);
        pixel[0] += alpha * (r - pixel[0]);
        pixel[1] += alpha * (g - pixel[1]);
        pixel[2] += alpha * (b - pixel[2]);
    }

    /// <summary>Light and exposure multiply, noise adds, the sum is rounded to 8 bits.</summary>
    private static RgbImage Finish(Scene scene, float[] canvas, CounterRandom grain)
    {
        double angle = scene.LightAngle * Math.PI / 180;
        float stepX = (float)(scene.LightStrength * Math.Cos(angle) / (Size / 2.0)), stepY =
            (float)(scene.LightStrength * Math.Sin(angle) / (Size / 2.0));
        float exposure = (float)scene.Exposure, noise = (float)(scene.Noise / GrainDeviation);
        var pixels = new byte[canvas.Length];
        for (int y = 0, at = 0; y < Size; y++)
        {
            for (int x = 0; x < Size; x++)
            {
                float light = exposure * (1 + stepX * (x + 0.5f - Size / 2f) + stepY * (y + 0.5f - Size / 2f));
                for (int channel = 0; channel < 3; channel++, at++)
                {
                    float value = canvas[at] * light + noise * Grain(grain.NextUInt64());
                    pixels[at] = (byte)Math.Clamp(value * 255 + 0.5f, 0, 255);
                }
            }
        }
        return new RgbImage(Size, Size, pixels);
    }

    /// <summary>Standard deviation of <see cref="Grain"/>: four uniform 16-bit numbers.</summary>
    private static readonly double GrainDeviation = Math.Sqrt(4 * (65536.0 * 65536.0 - 1) / 12);

    /// <summary>Nearly normal noise, cheaply: the sum of the four 16-bit parts of a random word, less its mean.</summary>
    private static float Grain(ulong word) =>
        (int)(word & 0xFFFF) + (int)((word >> 16) & 0xFFFF) + (int)((word >> 32) & 0xFFFF) + (int)(word >> 48) - 131070;
}
