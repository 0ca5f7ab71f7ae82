using SkiaSharp;
using Xunit;

namespace Fovea.Explorer.Tests;

/// <summary>Cards are written with a font of this machine's; a small installation has none.</summary>
internal static class Fonts
{
    /// <summary>Whether there is one.</summary>
    public static bool AreHere { get; } = SKFontManager.Default.FontFamilyCount > 0;

    /// <summary>Skips the test where there is none.</summary>
    public static void Require() => Assert.SkipUnless(AreHere, "writes a card: apt-get install fonts-dejavu-core");
}
