using SkiaSharp;
using Xunit;

namespace Fovea.Explorer.Tests;

/// <summary>Cards are written with a font of this machine's; a small installation has none.</summary>
internal static class Fonts
{
    /// <summary>Whether there is one: without, there is a typeface all the same, of no letters.</summary>
    public static bool AreHere
    {
        get
        {
            using SKTypeface face = SKFontManager.Default.MatchFamily("DejaVu Sans") ?? SKTypeface.Default;
            return face.GlyphCount > 0;
        }
    }

    /// <summary>Skips the test where there is none.</summary>
    public static void Require() => Assert.SkipUnless(AreHere, "writes a card: apt-get install fonts-dejavu-core");
}
