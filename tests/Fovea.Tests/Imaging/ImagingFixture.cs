using System.Text.Json;
using Fovea.Imaging;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Tests.Imaging;

/// <summary>What tests/reference/imaging.py wrote: values from Pillow.</summary>
internal static class ImagingFixture
{
    private static readonly Lazy<JsonElement> Document = new(() => JsonDocument.Parse(File.ReadAllBytes(Find("imaging.json"))).RootElement);

    public static JsonElement Root => Document.Value;

    public static RgbImage Image(JsonElement element) =>
        new(element.GetProperty("width").GetInt32(), element.GetProperty("height").GetInt32(), element.GetProperty("pixels")
            .GetBytesFromBase64());

    public static (int First, int Second) Pair(JsonElement element) => (element[0].GetInt32(), element[1].GetInt32());

    public static PixelBox Box(JsonElement element) =>
        new(element[0].GetInt32(), element[1].GetInt32(), element[2].GetInt32(), element[3].GetInt32());

    public static int? Number(JsonElement element) => element.ValueKind == JsonValueKind.Null ? null : element.GetInt32();

    public static void RequireEqual(RgbImage expected, RgbImage actual, string what)
    {
        Assert.True((expected.Width, expected.Height) == (actual.Width, actual.Height),
            $"{what}: {actual.Width}×{actual.Height} for {expected.Width}×{expected.Height}");
        for (int i = 0; i < expected.Pixels.Length; i++)
            Assert.True(expected.Pixels[i] == actual.Pixels[i], $"{what}: sample {i} is {actual.Pixels[i]} for {expected.Pixels[i]}");
    }

    public static string Find(string name) => Path.Combine(Checkout.Root, "tests/Fovea.Tests/Imaging/Fixtures", name);
}
