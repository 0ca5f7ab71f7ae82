using Fovea.Tests.Shared;

namespace Fovea.Tests.Datasets;

/// <summary>Small files of images that other programs wrote (tests/reference/image_sources.py).</summary>
internal static class Fixture
{
    public static string Of(string name) => Path.Combine(Checkout.Root, "tests", "Fovea.Tests", "Datasets", "Fixtures", name);

    public static byte[] Bytes(string name) => File.ReadAllBytes(Of(name));
}
