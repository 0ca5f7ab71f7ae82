using Fovea.Explorer.Components;
using Fovea.Explorer.Contents;
using Fovea.Imaging;
using SkiaSharp;

namespace Fovea.Explorer.TakeAway;

/// <summary>A unit on one picture: what drives it, images that do, its name and numbers, and where it is from.</summary>
internal static class UnitCard
{
    private const int Width = 1000, Height = 620, Margin = 40, Side = 380, Crop = 122, Gap = 12, Columns = 4;

    /// <summary>Most images beside the unit's own picture.</summary>
    public const int Crops = 8;

    private static readonly SKColor Ground = new(0xFA, 0xF9, 0xF6), Ink = new(0x1C, 0x1E, 0x23), Muted = new(0x5F, 0x63, 0x6C);

    /// <summary>The picture, PNG.</summary>
    /// <param name="run">The run.</param>
    /// <param name="set">The unit's source.</param>
    /// <param name="unit">The unit.</param>
    /// <param name="note">What people wrote of it; null: nothing.</param>
    /// <param name="seen">The images that drive it most, where the run keeps no pictures of them.</param>
    /// <exception cref="FoveaException">Resource: this machine has no font to write with.</exception>
    public static byte[] Png(RunContents run, FeatureSet set, Feature unit, UnitNote? note, IReadOnlyList<RgbImage> seen)
    {
        using SKTypeface face = SKFontManager.Default.MatchFamily("DejaVu Sans") ?? SKTypeface.Default;
        if (face.GlyphCount == 0)
            throw FoveaException.OutOfResource("This machine has no font to write a card with. Install one (such as fonts-dejavu-core).");
        using var surface = SKSurface.Create(new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        SKCanvas canvas = surface.Canvas;
        canvas.Clear(Ground);
        string word = FeatureCard.Capital(set.UnitWord);
        float y = Margin + 34;
        Write(note?.Name ?? $"{word} {unit.Unit}", 34, Ink);
        y += 30;
        Write($"{(note?.Name is null ? "" : $"{word} {unit.Unit} · ")}{set.Layer} / {set.Source}", 18, Muted);
        float top = y + 24;
        var front = new SKRect(Margin, top, Margin + Side, top + Side);
        if (unit.Face is null && seen.Count > 0) Draw(ImageCodec.EncodePng(seen[0]), front);
        else Place(unit.Face, front);
        float left = Margin + Side + 24;
        StoredPicture[] crops = [.. unit.Top.Select(one => one.Crop).OfType<StoredPicture>().Take(Crops)];
        for (int at = 0; at < crops.Length; at++) Place(crops[at], Window(at));
        for (int at = 0; crops.Length == 0 && at < seen.Count; at++) Draw(ImageCodec.EncodePng(seen[at]), Window(at));
        int rows = (Math.Max(crops.Length, seen.Count) + Columns - 1) / Columns;
        y = top + rows * (Crop + Gap) + (rows == 0 ? 18 : 26);
        foreach (string line in Numbers(run, unit))
        {
            Write(line, 18, Ink, left);
            y += 27;
        }
        y = Height - 24;
        Write($"Run {run.Title}{(run.Record is { } record ? $", seed {record.Seed}, {record.Id}" : "")} · made by Fovea", 15, Muted);
        using SKImage image = surface.Snapshot();
        using SKData data = image.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();

        void Write(string text, float size, SKColor colour, float x = Margin)
        {
            using var font = new SKFont(face, size);
            using var paint = new SKPaint { Color = colour, IsAntialias = true };
            string shown = text;
            while (shown.Length > 1 && font.MeasureText(shown) > Width - Margin - x) shown = shown[..^2] + "…";
            canvas.DrawText(shown, x, y, SKTextAlign.Left, font, paint);
        }

        SKRect Window(int at)
        {
            float x = left + at % Columns * (Crop + Gap), up = top + at / Columns * (Crop + Gap);
            return new SKRect(x, up, x + Crop, up + Crop);
        }

        void Place(StoredPicture? place, SKRect into) => Draw(
            place is null || run.Pictures.Problem(place) is not null ? null : Convert.FromBase64String(run.Pictures.DataAddress(place).Split(',')[1]), into);

        void Draw(byte[]? encoded, SKRect into)
        {
            using var paint = new SKPaint { Color = new SKColor(0xE3, 0xE0, 0xD9), IsAntialias = true };
            canvas.DrawRoundRect(into, 8, 8, paint);
            if (encoded is null) return;
            using SKImage picture = SKImage.FromEncodedData(encoded);
            canvas.Save();
            using var round = new SKRoundRect(into, 8);
            canvas.ClipRoundRect(round, antialias: true);
            // The middle of a picture that is no square.
            float side = Math.Min(picture.Width, picture.Height), x = (picture.Width - side) / 2, up = (picture.Height - side) / 2;
            canvas.DrawImage(picture, new SKRect(x, up, x + side, up + side), into, new SKSamplingOptions(SKCubicResampler.Mitchell), null);
            canvas.Restore();
        }
    }

    private static IEnumerable<string> Numbers(RunContents run, Feature unit)
    {
        if (unit.Row is not { } row) yield break;
        if (run.Model.ClassName(row.TopClass) is { Length: > 0 } name) yield return $"driven most by {name}";
        yield return $"active {Format.Percent(row.Density)} · maximum {Format.Number(row.Max)}";
        if (row.Selectivity is not null || row.Purity is not null)
            yield return $"selectivity {Format.Number(row.Selectivity)} · class purity {Format.Number(row.Purity)}";
        if (row.Monosemanticity is not null) yield return $"monosemanticity {Format.Number(row.Monosemanticity)}";
    }
}
