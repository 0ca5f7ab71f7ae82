using Fovea.Imaging;
using Fovea.Numerics;

namespace Fovea.Datasets;

/// <summary>Two images of <see cref="ShapesWorld"/> that differ in one factor and in nothing else, noise included.</summary>
public static class ShapesWorldPairs
{
    private const int Attempts = 50;

    // Backgrounds whose textures are told apart wear ink so much of the way to another tone, all the same.
    private const double BackgroundInk = 0.3;

    /// <summary>The factors that pairs can differ in.</summary>
    public static IReadOnlyList<string> Factors { get; } =
        ["shape", "texture", "colour", "size", "rotation", "background", "background-colour"];

    /// <summary>A pair.</summary>
    /// <param name="factor">One of <see cref="Factors"/>.</param>
    /// <param name="index">Which pair; it depends on nothing but factor, seed and this.</param>
    /// <param name="seed">The world's seed.</param>
    /// <exception cref="FoveaException">Configuration: there is no such factor.</exception>
    public static (RgbImage First, RgbImage Second) Render(string factor, int index, ulong seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        var (first, second) = Scenes(factor, index, seed);
        var sampler = new SceneSampler(seed, "pairs");
        return (SceneRenderer.Render(first, sampler.Grain(index)), SceneRenderer.Render(second, sampler.Grain(index)));
    }

    internal static (Scene First, Scene Second) Scenes(string factor, int index, ulong seed)
    {
        if (!Factors.Contains(factor))
            throw FoveaException.BadConfiguration($"Images cannot differ in '{factor}' alone.{Suggestions.Sentence(factor, Factors)}");
        // A disc that is turned is the same disc.
        int first = factor == "rotation" ? ShapesWorld.ObjectTextures.Count : 0;
        Scene scene = new SceneSampler(seed, "pairs").Draw(index, first + index % (ShapesWorld.Classes.Count - first));
        var random = new CounterRandom(seed, $"shapesworld/pairs/{factor}", index);
        SceneObject item = scene.Object;
        Surface behind = scene.Background;
        switch (factor)
        {
            case "shape":
                return (scene, With(item with { Shape = Other(item.Shape, random) }));
            case "texture":
                SurfaceTexture worn = item.Surface.Pattern.Texture;
                int next = (ShapesWorld.ObjectTextures.ToList().IndexOf(worn) + 1 + random.NextInt(3)) % ShapesWorld.ObjectTextures.Count;
                return (scene, With(item with
                {
                    Surface = item.Surface with { Pattern = item.Surface.Pattern with { Texture = ShapesWorld.ObjectTextures[next] } },
                }));
            case "colour":
                return (scene, With(item with { Surface = item.Surface with { Body = OtherBody(item, behind, random) } }));
            case "size":
                double half = (Difficulty.LargestObject - Difficulty.SmallestObject) / 2;
                double size = item.Size < Difficulty.SmallestObject + half ? item.Size + half : item.Size - half;
                // In the middle both are whole.
                item = item with { X = ShapesWorld.ImageSize / 2.0, Y = ShapesWorld.ImageSize / 2.0 };
                return (With(item), With(item with { Size = size }));
            case "rotation":
                return (scene, With(item with { Rotation = (item.Rotation + ObjectConcepts.Turn(item.Shape) / 2) % 360 }));
            case "background":
                Surface strong = behind with
                {
                    Ink = behind.Body.Towards(behind.Body.Tone == ColourTone.Dark ? White : Black, BackgroundInk),
                    Pattern = behind.Pattern with { Period = random.NextDouble(Difficulty.FinestPeriod, Difficulty.CoarsestPeriod) },
                };
                return (scene with { Background = strong },
                    scene with { Background = strong with { Pattern = strong.Pattern with { Texture = Other(strong.Pattern.Texture, random) } } });
            default:
                return (scene, scene with { Background = OtherBackground(item, behind, random) });
        }

        Scene With(SceneObject other) => scene with { Object = other, Label = ShapesWorld.Label(other.Shape, other.Surface.Pattern.Texture) };
    }

    private static readonly Paint White = new(ColourName.Grey, ColourTone.Pale, 1, 1, 1), Black = new(ColourName.Grey, ColourTone.Dark, 0, 0, 0);

    private static T Other<T>(T value, CounterRandom random)
        where T : struct, Enum
    {
        T[] others = [.. Enum.GetValues<T>().Where(other => !other.Equals(value))];
        return others[random.NextInt(others.Length)];
    }

    /// <summary>Another hue of the same tone that can still be told from the ink and from what is behind.</summary>
    private static Paint OtherBody(SceneObject item, Surface behind, CounterRandom random)
    {
        Paint own = item.Surface.Body, found = own;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            found = Paint.Draw(random, (ColourName)(((int)own.Colour + 1 + random.NextInt(7)) % 8), own.Tone);
            if (Math.Min(found.DistanceTo(item.Surface.Ink), found.DistanceTo(behind.Body)) >= Difficulty.InkContrast) break;
        }
        return found;
    }

    /// <summary>Another colour behind, with ink as far from it as before.</summary>
    private static Surface OtherBackground(SceneObject item, Surface behind, CounterRandom random)
    {
        Paint found = behind.Body;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            ColourName colour = Other(behind.Body.Colour, random);
            found = Paint.Draw(random, colour, behind.Body.Tone);
            if (Math.Min(found.DistanceTo(item.Surface.Body), found.DistanceTo(item.Rim)) >= Difficulty.BackgroundContrast) break;
        }
        Paint body = behind.Body, ink = behind.Ink;
        float Moved(float own, float from, float to) => Math.Clamp(own + to - from, 0, 1);
        return behind with
        {
            Body = found,
            Ink = ink with { R = Moved(ink.R, body.R, found.R), G = Moved(ink.G, body.G, found.G), B = Moved(ink.B, body.B, found.B) },
        };
    }
}
