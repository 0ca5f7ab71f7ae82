using ScottPlot;
using SkiaSharp;

namespace Fovea.Explorer.Figures;

/// <summary>
/// Gives ScottPlot the pages' own font. Positions of labels are then measured with the font that the browser shows, are the same on
/// every machine, and exist on machines without any font.
/// </summary>
internal sealed class PlotFont : IFontResolver
{
    public const string Family = "Fovea Sans";

    private static readonly Lock Gate = new();
    private static bool _registered;

    public static void Register()
    {
        lock (Gate)
        {
            if (_registered) return;
            Fonts.FontResolvers.Insert(0, new PlotFont());
            _registered = true;
        }
    }

    // ScottPlot disposes typefaces it was given, so each question gets its own.
    public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
        fontName == Family ? SKTypeface.FromData(SKData.CreateCopy(Resources.Bytes("fonts/FoveaSans-Regular.otf"))) : null;

    public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) =>
        CreateTypeface(fontName, FontWeight.Normal, FontSlant.Upright, FontSpacing.Normal);
}
