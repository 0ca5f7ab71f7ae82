using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.IO;
using Fovea.Models;
using Xunit;

namespace Fovea.Cli.Tests;

public sealed class CamCommandTests : IDisposable
{
    private readonly CommandLineFixture _cli = new();
    private readonly string _image;

    public CamCommandTests()
    {
        string recipe = Samples.Small.Replace(
            "source = \"images\"", "source = \"shapesworld\"\nvalidation_images = 12", StringComparison.Ordinal);
        Assert.Equal(0, _cli.Run("run", _cli.Write("shapes.toml", recipe), "--out", Run));
        using IImageSource source = ImageSources.Open("shapesworld:val:12?seed=7", new ImageSourceOptions());
        _image = source.Id(3);
        using ImageModel network = ImageModel.Create("small_cnn", source.Classes.Count, GradientFlow.Modified);
        network.Initialise(1);
        ModelFile.Save(Path.Combine(Run, "model"), network.With(Preprocessing.ImageNet(null, 64)), source.Classes);
    }

    private string Run => _cli.Path_("run");

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void Maps_are_measured_and_drawn()
    {
        Assert.True(0 == _cli.Run("cam", "--run", Run, "--layer", "block3", "--images", "8", "--json"), _cli.Error);
        var report = _cli.Json["report"]!;
        Assert.Equal(("block3", 8, "true"), ((string)report["layer"]!, (int)report["images"]!, (string)report["class"]!));
        string[] methods = [.. report["methods"]!.AsArray().Select(method => (string)method!["name"]!)];
        Assert.Equal(["gradcam", "gradcam-signed", "hirescam", "layercam", "gradcam-pp", "xgradcam", "eigencam", "ablationcam"], methods);
        Assert.Equal(6, _cli.Json["examples"]!.AsArray().Count);
        string folder = Path.Combine(Run, "cams", "block3");
        foreach (var example in _cli.Json["examples"]!.AsArray())
        {
            Assert.Equal(methods, example!["overlays"]!.AsObject().Select(pair => pair.Key));
            Assert.All(example["overlays"]!.AsObject(), pair => Assert.True(File.Exists(Path.Combine(folder, (string)pair.Value!))));
        }
        Assert.True(File.Exists((string)_cli.Json["sheet"]!));
        string document = (string)_cli.Json["document"]!;
        Assert.Equal(Path.Combine(folder, "cams.json"), document);
        Assert.DoesNotContain(_cli.Folder, File.ReadAllText(document), StringComparison.Ordinal);
        byte[] first = File.ReadAllBytes(document);
        Assert.Equal(0, _cli.Run("cam", "--run", Run, "--layer", "block3", "--images", "8"));
        Assert.Equal(first, File.ReadAllBytes(document));
        Assert.Contains("all zero", _cli.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Layer_images_methods_class_and_place_can_be_chosen()
    {
        Assert.True(0 == _cli.Run(
            "cam", "--run", Run, "--image", _image, "--method", "layercam", "gradcam", "--class", "predicted", "--images", "0", "--out",
            _cli.Path_("there"), "--json"), _cli.Error);
        var report = _cli.Json["report"]!;
        Assert.Equal(
            ("block4", 12, "predicted", 2),
                ((string)report["layer"]!, (int)report["images"]!, (string)report["class"]!, report["methods"]!.AsArray().Count));
        var example = Assert.Single(_cli.Json["examples"]!.AsArray());
        Assert.Equal((string)example!["predicted"]!, (string)example["mapClass"]!);
        Assert.True(File.Exists(Path.Combine(_cli.Path_("there"), (string)example["overlays"]!["layercam"]!)));
        Assert.EndsWith("0-layercam.png", (string)example["overlays"]!["layercam"]!, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(Run, "cams")));
    }

    [Fact]
    public void A_call_replaces_what_an_earlier_one_left_and_nothing_else()
    {
        string folder = Path.Combine(Run, "cams", "block4");
        string[] Files() =>
            [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path))
                .Order(StringComparer.Ordinal)];
        Assert.Equal(0, _cli.Run("cam", "--run", Run, "--images", "6"));
        string[] first = Files();
        File.WriteAllText(Path.Combine(folder, "mine.txt"), "");
        // As calls wrote before, and as an interrupted one leaves.
        Directory.CreateDirectory(Path.Combine(folder, "maps.partial"));
        File.WriteAllText(Path.Combine(folder, "maps.partial", "7-gradcam.png"), "");
        Assert.True(0 == _cli.Run("cam", "--run", Run, "--images", "6", "--image", _image, "--method", "hirescam", "--json"), _cli.Error);
        string maps = Path.GetDirectoryName((string)_cli.Json["examples"]![0]!["input"]!)!;
        Assert.Equal(["cams.json", $"{maps}/0-hirescam.png", $"{maps}/0-input.png", $"{maps}/sheet.png", "mine.txt"], Files());
        Assert.DoesNotContain($"{maps}/sheet.png", first);
        Assert.Equal(0, _cli.Run("cam", "--run", Run, "--images", "6"));
        Assert.Equal([.. first, "mine.txt"], Files());
    }

    [Fact]
    public void A_run_that_is_being_worked_on_is_not_written_to()
    {
        using var held = FolderLock.Take(Run);
        Assert.Equal(5, _cli.Run("cam", "--run", Run, "--images", "6", "--method", "hirescam"));
        Assert.Contains("Another process is working", _cli.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(Run, "cams")));
        Assert.True(0 == _cli.Run("cam", "--run", Run, "--images", "6", "--method", "hirescam", "--out", _cli.Path_("there")), _cli.Error);
    }

    [Theory]
    [InlineData(2, "block4", "--layer", "blok4")]
    [InlineData(2, "layercam", "--method", "layercan")]
    [InlineData(2, "not a grid", "--layer", "fc")]
    [InlineData(3, "no file", "--image", "absent.png")]
    [InlineData(2, "--class is 'false'", "--class", "false")]
    [InlineData(2, "at least 0", "--images", "-1")]
    public void What_cannot_be_is_refused(int code, string says, string option, string value)
    {
        Assert.Equal(code, _cli.Run("cam", "--run", Run, option, value));
        Assert.Contains(says, _cli.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(Run, "cams")));
    }

    [Fact]
    public void A_folder_without_a_run_is_missing_data()
    {
        Assert.Equal(3, _cli.Run("cam", "--run", _cli.Path_("absent")));
        Assert.Equal(1, _cli.Run("cam"));
    }
}
