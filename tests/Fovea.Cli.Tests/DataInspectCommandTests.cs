using System.Text.Json.Nodes;
using Fovea.Imaging;
using Xunit;

namespace Fovea.Cli.Tests;

public sealed class DataInspectCommandTests
{
    [Fact]
    public void It_says_layout_splits_classes_and_what_is_left_out()
    {
        using var fixture = new CommandLineFixture();
        Image(fixture, "in/train/cat/0.png");
        Image(fixture, "in/train/dog/0.png");
        Image(fixture, "in/val/cat/1.png");
        Image(fixture, "in/test/2.png");
        File.WriteAllText(fixture.Path_("in/train/dog/1.heic"), "x");
        File.WriteAllText(fixture.Path_("in/train/dog/2.png"), "no picture");
        Assert.Equal(0, fixture.Run("data", "inspect", fixture.Path_("in")));
        foreach (string part in new[] { "layout folders", "train 3, val 1, test 0 (1 without labels); 2 classes: cat, dog", "1 .heic",
            "test/ left out", "damaged train/dog/2.png", "4 PNG", "1 damaged" })
            Assert.Contains(part, fixture.Output);

        Assert.Equal(0, fixture.Run("data", "inspect", fixture.Path_("in"), "--json"));
        JsonNode json = fixture.Json;
        Assert.Equal(1, (int)json["schema"]!);
        Assert.Equal("folders", (string)json["layout"]!);
        Assert.Equal(["train", "val", "test"], json["splits"]!.AsArray().Select(split => (string)split!["name"]!));
        Assert.Equal(
            "1 1 0, 2 0 0",
                string.Join(", ", json["classes"]!.AsArray()
                    .Select(info => string.Join(' ', info!["images"]!.AsArray().Select(count => (int)count!)))));
        Assert.Equal("train/dog/2.png", (string)json["inspection"]!["damaged"]![0]!["id"]!);
    }

    [Fact]
    public void Images_of_a_split_that_have_no_class_are_counted_beside_those_that_have()
    {
        using var fixture = new CommandLineFixture();
        foreach (string name in new[] { "train/cat/0", "train/dog/0", "val/cat/1", "val/cat/2", "val/dog/1", "val/loose" })
            Image(fixture, $"in/{name}.png");
        Assert.Equal(0, fixture.Run("data", "inspect", fixture.Path_("in")));
        Assert.Contains("train 2, val 3 (1 without labels); 2 classes", fixture.Output);
        Assert.Contains("split   val: 4 images in val/, 1 of them without labels", fixture.Output);
        Assert.Contains("split   train: 2 images in train/" + Environment.NewLine, fixture.Output);
    }

    [Fact]
    public void What_cannot_be_used_is_described_as_far_as_it_goes_and_fails()
    {
        using var fixture = new CommandLineFixture();
        Image(fixture, "in/train/0.png");
        Image(fixture, "in/val/1.png");
        Assert.Equal(3, fixture.Run("data", "inspect", fixture.Path_("in")));
        Assert.Contains("2 images", fixture.Output);
        Assert.Contains("has splits but no classes", fixture.Error);
        Assert.Equal(3, fixture.Run("data", "inspect", fixture.Path_("absent")));
        Assert.Equal(0, fixture.Run("data", "inspect", "shapesworld:train:60"));
        Assert.Contains("24 classes", fixture.Output);
    }

    private static void Image(CommandLineFixture fixture, string name)
    {
        string path = fixture.Path_(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, ImageCodec.EncodePng(new RgbImage(4, 4, new byte[48])));
    }
}
