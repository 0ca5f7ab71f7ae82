using Fovea.Imaging;
using SkiaSharp;

namespace Fovea.Explorer.Tests;

/// <summary>The pictures of a made-up run.</summary>
public sealed partial class RunFolderFixture
{
    private readonly Dictionary<(string Folder, string Name), StoredPicture> _packed = [];

    /// <summary>Packs what was drawn in a folder's <c>drawn</c> into sheets, as stage 4 does.</summary>
    private void Pack(string folder, string prefix)
    {
        string drawn = PathOf($"{folder}/drawn");
        string[] files = [.. Directory.GetFiles(drawn).Order(StringComparer.Ordinal)];
        var places = SheetFiles.Write(PathOf(folder), prefix, [.. files.Select(file => ImageCodec.Decode(File.ReadAllBytes(file), file))]);
        foreach (var (file, place) in files.Zip(places)) _packed[(folder, Path.GetFileNameWithoutExtension(file))] = place;
        Directory.Delete(drawn, recursive: true);
    }

    /// <summary>Where a picture lies after <see cref="Pack"/>, relative to its folder.</summary>
    public StoredPicture Packed(string folder, string name) => _packed[(folder, name)];

    private StoredPicture? Find(string folder, string name) => _packed.GetValueOrDefault((folder, name));

    /// <summary>An object on a background, or the same under heat.</summary>
    private string DrawExample(string relative, int label, int variant, bool heat = false)
    {
        Draw(relative, ExampleSide, canvas =>
        {
            canvas.Clear(SKColor.FromHsv(variant * 67 % 360, 18, 62));
            using var paint = new SKPaint { Color = SKColor.FromHsv(label * 47 % 360, 72, 88), IsAntialias = true };
            float x = 20 + variant * 5, y = 24 + label * 11 % 20;
            if (label / 4 % 2 == 0) canvas.DrawCircle(x, y, 15, paint);
            else canvas.DrawRect(x - 13, y - 13, 26, 26, paint);
            if (!heat) return;
            using var glow = new SKPaint();
            glow.Shader = SKShader.CreateRadialGradient(
                new SKPoint(x, y), 34, [new SKColor(255, 210, 60, 200), new SKColor(160, 20, 90, 120), new SKColor(10, 0, 30, 150)],
                    [0, 0.5f, 1], SKShaderTileMode.Clamp);
            canvas.DrawPaint(glow);
        });
        return relative;
    }

    private void DrawFeature(string relative, int seed, bool noisy) => Draw(relative, FeatureSide, canvas =>
    {
        canvas.Clear(SKColor.FromHsv(seed * 31 % 360, 45, 50));
        using var paint = new SKPaint { IsAntialias = true, Style = SKPaintStyle.Stroke };
        for (int i = 0; i < (noisy ? 900 : 26); i++)
        {
            double angle = i * 2.399963 + seed;
            float radius = noisy ? 60 * (float)Math.Sqrt(i / 900.0) : 3 + i * 2.4f;
            paint.Color = SKColor.FromHsv((seed * 31 + i * (noisy ? 77 : 9)) % 360, 65, noisy ? 80 : 92, noisy ? (byte)150 : (byte)190);
            paint.StrokeWidth = noisy ? 2 : 5;
            canvas.DrawCircle(
                48 + radius * (float)Math.Cos(angle), 48 + radius * (float)Math.Sin(angle), noisy ? 1.5f : 6 + i * 0.4f, paint);
        }
    });

    private void Draw(string relative, int size, Action<SKCanvas> draw)
    {
        string path = PathOf(relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var surface = SKSurface.Create(new SKImageInfo(size, size));
        draw(surface.Canvas);
        using SKImage image = surface.Snapshot();
        using SKData data = image.Encode(SKEncodedImageFormat.Png, 100);
        File.WriteAllBytes(path, data.ToArray());
    }
}
