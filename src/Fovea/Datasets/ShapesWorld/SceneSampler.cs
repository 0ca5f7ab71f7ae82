using Fovea.Numerics;

namespace Fovea.Datasets;

/// <summary>
/// Draws the factors of an image. Object, background, distractors and grain have a stream of numbers each, so that changing how one is
/// drawn leaves the others as they were. No factor but the object's shape and texture depends on the class, a planted shortcut apart, whose
/// decisions have a stream of their own too.
/// </summary>
internal sealed class SceneSampler(ulong seed, string split, PlantedShortcut? shortcut = null)
{
    private const double Edge = ShapesWorld.ImageSize;

    // What shortcuts look like: a disc in the upper left corner, larger than any distractor and of a colour that nothing else has; stripes
    // behind the object, stronger than backgrounds wear; a vivid red object.
    private const SurfaceTexture PlantedTexture = SurfaceTexture.Stripes;
    private const double FaintestPlanted = 0.25, StrongestPlanted = 0.4;
    private const ColourName PlantedColour = ColourName.Red;
    private static readonly Distractor Mark =
        new(DistractorKind.Spot, new Paint(ColourName.Pink, ColourTone.Vivid, 1, 0, 1), 7, 7, 5, 0, InFront: true);

    private static readonly SurfaceTexture[] Patterned = [SurfaceTexture.Stripes, SurfaceTexture.Checks, SurfaceTexture.Dots];
    private static readonly SurfaceTexture[] Smooth = [SurfaceTexture.Plain, SurfaceTexture.Gradient, SurfaceTexture.Clouds];

    private readonly string _object = $"shapesworld/{split}/object", _background = $"shapesworld/{split}/background";
    private readonly string _shortcut = $"shapesworld/{split}/shortcut";
    private readonly int _shortcutLabel = shortcut?.LabelIn(ShapesWorld.Classes) ?? -1;
    private readonly string _distractors = $"shapesworld/{split}/distractors", _grain = $"shapesworld/{split}/grain";

    /// <summary>The stream of the noise of an image.</summary>
    public CounterRandom Grain(int index) => new(seed, _grain, index);

    /// <summary>Whether an image shows the shortcut.</summary>
    public bool IsPlanted(int index, int label) => Plant(index, label).Planted;

    /// <summary>All factors of an image.</summary>
    public Scene Draw(int index, int label)
    {
        var (planted, own) = Plant(index, label);
        SceneObject item = DrawObject(new CounterRandom(seed, _object, index), label, (colour, tone) =>
            shortcut is not { Kind: ShortcutKind.Colour } ? (colour, tone)
            : planted ? (PlantedColour, ColourTone.Vivid)
            : (colour == PlantedColour ? (ColourName)(1 + own!.NextInt(7)) : colour, tone));
        var random = new CounterRandom(seed, _background, index);
        Surface background = DrawBackground(random, item, (texture, mix) =>
            shortcut is not { Kind: ShortcutKind.Background } ? (texture, mix)
            : planted ? (PlantedTexture, own!.NextDouble(FaintestPlanted, StrongestPlanted))
            : (texture == PlantedTexture ? SurfaceTexture.Plain : texture, mix));
        double angle = random.NextDouble(0, 360), strength = random.NextDouble(0, Difficulty.Light);
        double exposure = random.NextDouble(Difficulty.DarkestExposure, Difficulty.BrightestExposure);
        // Squared: most images are fairly clean, some are grainy.
        double noise = Difficulty.LeastNoise + (Difficulty.MostNoise - Difficulty.LeastNoise) * Math.Pow(random.NextDouble(), 2);
        var distractors = DrawDistractors(new CounterRandom(seed, _distractors, index), item);
        return new Scene(label, item, background, distractors, angle, strength, exposure, noise)
        {
            Mark = planted && shortcut!.Kind == ShortcutKind.Mark ? Mark : null,
        };
    }

    /// <summary>Whether the shortcut is shown, and the stream that goes on from there; null where none is planted.</summary>
    private (bool Planted, CounterRandom? Own) Plant(int index, int label)
    {
        if (shortcut is null) return (false, null);
        var own = new CounterRandom(seed, _shortcut, index);
        return (own.NextDouble() < shortcut.Rate(label == _shortcutLabel, ShapesWorld.Classes.Count, split == "train"), own);
    }

    private static SceneObject DrawObject(
        CounterRandom random, int label, Func<ColourName, ColourTone, (ColourName, ColourTone)> body)
    {
        var (shape, texture) = ShapesWorld.ShapeAndTexture(label);
        double size = random.NextDouble(Difficulty.SmallestObject, Difficulty.LargestObject);
        // The whole object is in the image with half a pixel of air, so its mask's centroid is its place; the same room for every
        // shape, so that the place does not tell one from another.
        double reach = size * Outline.LargestExtent + 0.5;
        double x = random.NextDouble(reach, Edge - reach), y = random.NextDouble(reach, Edge - reach);
        double rotation = random.NextDouble(0, 360);

        var colour = (ColourName)random.NextInt(8);
        var (named, tone) = body(colour, random.NextDouble() < 0.7 ? ColourTone.Vivid : ColourTone.Pale);
        Paint ground = Paint.Draw(random, named, tone);
        Paint ink = DrawInk(random, ground);
        Paint rim = Paint.Draw(random, ColourName.Grey, random.NextDouble() < 0.5 ? ColourTone.Pale : ColourTone.Dark);
        double rimWidth = random.NextDouble(Difficulty.ThinnestRim, Difficulty.WidestRim);
        double period = random.NextDouble(Difficulty.FinestPeriod, Difficulty.CoarsestPeriod);
        var pattern = new Pattern(texture, period, random.NextDouble(0, 180), random.NextDouble(), random.NextDouble());
        double shading = random.NextDouble(0, Difficulty.StrongestShading);
        double shadow = random.NextDouble() < 0.5 ? random.NextDouble(Difficulty.FaintestShadow, Difficulty.DarkestShadow) : 0;
        return new SceneObject(shape, new Surface(ground, ink, pattern), rim, rimWidth, x, y, size, rotation, shading, shadow);
    }

    /// <summary>White or black, a paler or darker tone, or another hue: far enough from the body to be seen.</summary>
    private static Paint DrawInk(CounterRandom random, Paint body)
    {
        Paint ink = body;
        for (int attempt = 0; attempt < 50; attempt++)
        {
            var colour = random.NextDouble() < 0.3 ? ColourName.Grey : random.NextDouble() < 0.4
                ? body.Colour : (ColourName)random.NextInt(8);
            var tone = colour == ColourName.Grey ? 1 + random.NextInt(2) : random.NextInt(3);
            ink = Paint.Draw(random, colour, (ColourTone)tone);
            if (ink.DistanceTo(body) >= Difficulty.InkContrast) break;
        }
        return ink;
    }

    private static Surface DrawBackground(
        CounterRandom random, SceneObject item, Func<SurfaceTexture, double, (SurfaceTexture, double)> worn)
    {
        Paint body = item.Surface.Body, far = body;
        for (int attempt = 0; attempt < 50; attempt++)
        {
            var colour = (ColourName)random.NextInt(9);
            body = Paint.Draw(random, colour, (ColourTone)(1 + random.NextInt(2)));
            if (Math.Min(body.DistanceTo(item.Surface.Body), body.DistanceTo(item.Rim)) >= Difficulty.BackgroundContrast) break;
        }
        for (int attempt = 0; attempt < 50; attempt++)
        {
            far = Paint.Draw(random, (ColourName)random.NextInt(9), (ColourTone)(1 + random.NextInt(2)));
            if (far.DistanceTo(body) >= 0.3) break;
        }
        var texture = random.NextDouble() < Difficulty.TexturedBackgrounds ? Patterned[random.NextInt(3)] : Smooth[random.NextInt(3)];
        // The ink of a background is a mixture, so that its texture is fainter than an object's; ramps and clouds may be stronger.
        double mix = texture is SurfaceTexture.Gradient or SurfaceTexture.Clouds
            ? random.NextDouble(0.4, 0.8) : random.NextDouble(Difficulty.FaintestBackground, Difficulty.StrongestBackground);
        (texture, mix) = worn(texture, mix);
        double period = texture == SurfaceTexture.Clouds
            ? random.NextDouble(10, 26) : random.NextDouble(Difficulty.FinestPeriod, 1.5 * Difficulty.CoarsestPeriod);
        var pattern = new Pattern(
            texture, period, random.NextDouble(0, 180), random.NextDouble(), random.NextDouble(), random.NextUInt64());
        return new Surface(body, body.Towards(far, mix), pattern);
    }

    private static Distractor[] DrawDistractors(CounterRandom random, SceneObject item)
    {
        var distractors = new Distractor[random.NextInt(Difficulty.MostDistractors + 1)];
        for (int i = 0; i < distractors.Length; i++)
        {
            var kind = (DistractorKind)random.NextInt(4);
            bool front = random.NextDouble() < 0.5;
            double size = kind switch
            {
                DistractorKind.Bar => random.NextDouble(5, 16),
                DistractorKind.Ring => random.NextDouble(3.5, 6.5),
                _ => random.NextDouble(2, Difficulty.LargestDistractor),
            };
            double x = random.NextDouble(0, Edge), y = random.NextDouble(0, Edge);
            Paint paint = Paint.Draw(random, (ColourName)random.NextInt(9), (ColourTone)random.NextInt(3));
            distractors[i] = new Distractor(kind, paint, x, y, size, random.NextDouble(0, 360), front);
        }
        return distractors;
    }
}
