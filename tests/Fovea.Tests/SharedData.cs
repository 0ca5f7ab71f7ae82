using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Tests;

/// <summary>
/// Real images, weights and reference values that are not part of the project: a folder <c>shared</c> beside the checkout, or
/// where <c>FOVEA_SHARED</c> says. Tests that need it skip with a reason where it is absent.
/// </summary>
internal static class SharedData
{
    private static readonly string Root = Find();

    /// <summary>The full path of a file of the folder; skips the test where it is absent.</summary>
    public static string Path(string relative)
    {
        string path = System.IO.Path.Combine(Root, relative);
        Assert.SkipUnless(
            File.Exists(path), $"needs shared/{relative} (put the folder beside the checkout or set FOVEA_SHARED)");
        return path;
    }

    private static string Find() => Environment.GetEnvironmentVariable("FOVEA_SHARED") is { Length: > 0 } named
        ? named : System.IO.Path.Combine(Checkout.Root, "..", "shared");
}
