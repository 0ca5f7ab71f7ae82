using Fovea.Imaging;
using Fovea.Runs.Preparation;
using Fovea.Runs.Settings;
using Xunit;

namespace Fovea.Tests.Runs;

/// <summary>What images go through, from the recipe, from the files that other tools lay beside a network, or from nobody.</summary>
public sealed class ImagePreparationTests : IDisposable
{
    private const string Vit = """
        {"do_normalize": true, "do_resize": true, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "resample": 2,
        "size": {"height": 224, "width": 224}, "do_rescale": true, "rescale_factor": 0.00392156862745098}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    public static TheoryData<string, string, string> Files => new()
    {
        // Hugging Face: ViT (squashed), an older ViT (a bare number without a crop), CLIP, ResNet and ConvNeXT (crop_pct), EfficientNet.
        { "preprocessor_config.json", Vit, "resize both sides to 224, crop 224, mean [0.5, 0.5, 0.5], std [0.5, 0.5, 0.5], bilinear" },
        { "preprocessor_config.json",
            """{"feature_extractor_type": "ViTFeatureExtractor", "do_normalize": true, "do_resize": true, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "resample": 2, "size": 224}""",
            "resize both sides to 224, crop 224, mean [0.5, 0.5, 0.5], std [0.5, 0.5, 0.5], bilinear" },
        { "preprocessor_config.json",
            """{"crop_size": 224, "do_center_crop": true, "do_normalize": true, "do_resize": true, "feature_extractor_type": "CLIPFeatureExtractor", "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711], "resample": 3, "size": 224}""",
            "resize the short side to 224, crop 224, mean [0.4815, 0.4578, 0.4082], std [0.2686, 0.2613, 0.2758], bicubic" },
        { "preprocessor_config.json",
            """{"crop_size": {"height": 224, "width": 224}, "do_center_crop": true, "do_convert_rgb": true, "do_normalize": true, "do_rescale": true, "do_resize": true, "image_mean": [0.48, 0.45, 0.4], "image_std": [0.26, 0.26, 0.27], "resample": 1, "rescale_factor": 0.00392156862745098, "size": {"shortest_edge": 256}}""",
            "resize the short side to 256, crop 224, mean [0.48, 0.45, 0.4], std [0.26, 0.26, 0.27], lanczos" },
        { "preprocessor_config.json",
            """{"crop_pct": 0.875, "do_normalize": true, "do_resize": true, "feature_extractor_type": "ConvNextFeatureExtractor", "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225], "resample": 3, "size": 224}""",
            "resize the short side to 256, crop 224, mean [0.485, 0.456, 0.406], std [0.229, 0.224, 0.225], bicubic" },
        { "preprocessor_config.json",
            """{"crop_pct": 0.95, "do_resize": true, "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225], "resample": 3, "size": {"shortest_edge": 384}}""",
            "resize both sides to 384, crop 384, mean [0.485, 0.456, 0.406], std [0.229, 0.224, 0.225], bicubic" },
        // EfficientNet, whose processor divides twice, by its own word or by its name; and once where it says so.
        { "preprocessor_config.json",
            """{"image_processor_type": "EfficientNetImageProcessor", "image_mean": [0.485, 0.456, 0.406], "image_std": [0.5, 0.4, 0.2], "rescale_offset": false, "size": {"height": 224, "width": 224}, "resample": 3}""",
            "resize both sides to 224, crop 224, mean [0.485, 0.456, 0.406], std [0.25, 0.16, 0.04], bicubic" },
        { "preprocessor_config.json",
            """{"include_top": true, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.4, 0.2], "size": {"height": 224, "width": 224}, "resample": 3}""",
            "resize both sides to 224, crop 224, mean [0.5, 0.5, 0.5], std [0.25, 0.16, 0.04], bicubic" },
        { "preprocessor_config.json",
            """{"image_processor_type": "EfficientNetImageProcessor", "include_top": false, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.4, 0.2], "size": {"height": 224, "width": 224}, "resample": 3}""",
            "resize both sides to 224, crop 224, mean [0.5, 0.5, 0.5], std [0.5, 0.4, 0.2], bicubic" },
        // Samples from −1 to 1 by factor and offset alone; then ones that are not rescaled at all.
        { "preprocessor_config.json",
            """{"do_normalize": false, "do_rescale": true, "rescale_factor": 0.00784313725490196, "rescale_offset": true, "do_resize": true, "size": {"height": 64, "width": 64}, "resample": 0.0}""",
            "!interpolation" },
        { "preprocessor_config.json",
            """{"do_normalize": false, "do_rescale": true, "rescale_factor": 0.00784313725490196, "rescale_offset": true, "do_resize": true, "size": {"height": 64, "width": 64}, "resample": 5}""",
            "resize both sides to 64, crop 64, mean [0.5, 0.5, 0.5], std [0.5, 0.5, 0.5], hamming" },
        { "preprocessor_config.json",
            """{"do_rescale": false, "image_mean": [127.5, 127.5, 127.5], "image_std": [51, 51, 51], "size": {"shortest_edge": 32}, "do_center_crop": false, "resample": 4}""",
            "resize the short side to 32, crop 32, mean [0.5, 0.5, 0.5], std [0.2, 0.2, 0.2], box" },
        { "preprocessor_config.json", """{"do_rescale": true, "do_normalize": false, "do_resize": false, "crop_size": 48, "resample": 2}""",
            "resize none, crop 48, mean [0, 0, 0], std [1, 1, 1], bilinear" },
        { "preprocessor_config.json", """{"image_mean": 0.5, "image_std": [0.25], "size": {"height": 64, "width": 64}, "resample": 2}""",
            "resize both sides to 64, crop 64, mean [0.5, 0.5, 0.5], std [0.25, 0.25, 0.25], bilinear" },
        { "preprocessor_config.json", "{\"image_processor\": " + Vit + ", \"tokenizer\": {}}",
            "resize both sides to 224, crop 224, mean [0.5, 0.5, 0.5], std [0.5, 0.5, 0.5], bilinear" },
        // timm: of now, squashed, and of older files.
        { "config.json",
            """{"architecture": "resnet50", "num_classes": 1000, "pretrained_cfg": {"tag": "a1_in1k", "input_size": [3, 224, 224], "test_input_size": [3, 288, 288], "fixed_input_size": false, "interpolation": "bicubic", "crop_pct": 0.95, "crop_mode": "center", "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "first_conv": "conv1", "classifier": "fc"}}""",
            "resize the short side to 235, crop 224, mean [0.485, 0.456, 0.406], std [0.229, 0.224, 0.225], bicubic" },
        { "config.json",
            """{"pretrained_cfg": {"input_size": [3, 384, 384], "interpolation": "bicubic", "crop_pct": 1.0, "crop_mode": "squash", "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}}""",
            "resize both sides to 384, crop 384, mean [0.5, 0.5, 0.5], std [0.5, 0.5, 0.5], bicubic" },
        { "config.json",
            """{"input_size": [3, 299, 299], "interpolation": "bilinear", "crop_pct": 0.875, "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}""",
            "resize the short side to 341, crop 299, mean [0.5, 0.5, 0.5], std [0.5, 0.5, 0.5], bilinear" },
        // Odd and hostile ones: the word whose number cannot be used.
        { "preprocessor_config.json", "{", "!size" },
        { "preprocessor_config.json", "[1, 2]", "!size" },
        { "preprocessor_config.json", """{"image_mean": [0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "size": 64, "resample": 2}""", "!mean" },
        { "preprocessor_config.json", """{"image_mean": [0.5, 0.5, "x"], "image_std": [0.5, 0.5, 0.5], "size": 64, "resample": 2}""",
            "!mean" },
        { "preprocessor_config.json", """{"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0, 0.5], "size": 64, "resample": 2}""",
            "!std" },
        { "preprocessor_config.json", """{"image_mean": [1e99, 0, 0], "image_std": [1, 1, 1], "size": 64, "resample": 2}""", "!mean" },
        { "preprocessor_config.json",
            """{"image_mean": [0, 0, 0], "image_std": [1, 1, 1], "size": {"height": 64, "width": 32}, "resample": 2}""",
            "resize to 64 × 32, crop 64 × 32, mean [0, 0, 0], std [1, 1, 1], bilinear" },
        { "preprocessor_config.json",
            """{"image_mean": [0, 0, 0], "image_std": [1, 1, 1], "size": {"height": 64, "width": 0.5}, "resample": 2}""", "!size" },
        { "preprocessor_config.json", """{"image_mean": [0, 0, 0], "image_std": [1, 1, 1], "size": {"longest_edge": 64}, "resample": 2}""",
            "!size" },
        { "preprocessor_config.json", """{"image_mean": [0, 0, 0], "image_std": [1, 1, 1], "size": -5, "resample": 2}""", "!size" },
        { "preprocessor_config.json", """{"image_mean": [0, 0, 0], "image_std": [1, 1, 1], "size": 1e9, "resample": 2}""", "!size" },
        { "preprocessor_config.json", """{"image_mean": [0, 0, 0], "image_std": [1, 1, 1], "size": 64, "crop_pct": 0, "resample": 2}""",
            "!size" },
        { "preprocessor_config.json",
            """{"image_mean": [0, 0, 0], "image_std": [1, 1, 1], "size": 64, "rescale_factor": 0, "resample": 2}""", "!mean" },
        { "preprocessor_config.json",
            """{"image_mean": [123.675, 116.28, 103.53], "image_std": [58.4, 57.1, 57.4], "size": 64, "resample": 2}""", "!mean" },
        { "config.json",
            """{"pretrained_cfg": {"input_size": [1, 28, 28], "crop_pct": 1, "mean": [0], "std": [1], "interpolation": "bicubic"}}""",
                "!size" },
        { "config.json",
            """{"pretrained_cfg": {"input_size": [3, 64, 64], "crop_pct": 1, "crop_mode": "border", "mean": [0, 0, 0], "std": [1, 1, 1]}}""", "!size" },
        { "config.json", """{"pretrained_cfg": {"input_size": [3, 64, 64], "mean": [0, 0, 0], "std": [1, 1, 1]}}""", "!size" },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void What_a_file_beside_the_network_says_is_used(string name, string text, string expected)
    {
        Write(name, text);
        if (expected[0] != '!')
        {
            ImagePreparation found = Of(new DataSettings { Source = "x" });
            Assert.Equal(expected, ImagePreparation.InWords(found.Preprocessing));
            Assert.Contains($"({name} beside the network)", found.Lines[0], StringComparison.Ordinal);
            Assert.DoesNotContain("assumed", found.Lines[0], StringComparison.Ordinal);
            return;
        }
        var refused = Assert.Throws<FoveaException>(() => Of(new DataSettings { Source = "x" }));
        Assert.Equal(FailureKind.Data, refused.Kind);
        Assert.Contains(name, refused.Message, StringComparison.Ordinal);
        string word = expected[1..] == "size" ? "resize and crop" : expected[1..];
        Assert.Contains($"say {word} in [data], or take the file away", refused.Message, StringComparison.Ordinal);
        // The recipe's word is enough.
        Assert.Equal("resize none, crop 64, mean [0.1, 0.2, 0.3], std [1, 1, 1], box", ImagePreparation.InWords(Of(Said).Preprocessing));
    }

    [Fact]
    public void The_recipes_word_comes_first_and_a_difference_is_said()
    {
        Write("preprocessor_config.json", Vit);
        ImagePreparation found = Of(Said);
        Assert.Equal("resize none, crop 64, mean [0.1, 0.2, 0.3], std [1, 1, 1], box", ImagePreparation.InWords(found.Preprocessing));
        Assert.Equal(5, found.Lines.Count);
        foreach (string part in new[] { "mean [0.5, 0.5, 0.5], the recipe [0.1, 0.2, 0.3]", "std [0.5, 0.5, 0.5]", "both sides to 224",
            "bilinear" })
            Assert.Contains(
                found.Lines.Skip(1), line => line.StartsWith("warning: ", StringComparison.Ordinal)
                    && line.Contains(part, StringComparison.Ordinal));
        // Half by half: the size is the recipe's, the colours are the file's.
        found = Of(new DataSettings { Source = "x", Crop = 32 });
        Assert.Equal(
            "resize none, crop 32, mean [0.5, 0.5, 0.5], std [0.5, 0.5, 0.5], bilinear", ImagePreparation.InWords(found.Preprocessing));
    }

    [Fact]
    public void Where_nobody_says_mean_and_standard_deviation_it_is_refused()
    {
        // A configuration of a network and not of its images says nothing.
        Write("config.json", """{"architectures": ["ResNetForImageClassification"], "hidden_sizes": [256], "num_channels": 3}""");
        var refused = Assert.Throws<FoveaException>(() => Of(new DataSettings { Source = "x", Crop = 64 }));
        Assert.Equal(FailureKind.Configuration, refused.Kind);
        Assert.Contains("mean = [0.485, 0.456, 0.406]", refused.Message, StringComparison.Ordinal);
        ImagePreparation found = Of(Said with { Crop = null, Interpolation = null });
        Assert.Contains("crop 96 (the size that the network was exported for)", found.Lines[0], StringComparison.Ordinal);
        Assert.Contains("bilinear interpolation (assumed", found.Lines[0], StringComparison.Ordinal);
        found = ImagePreparation.Of(Said with { Crop = null }, Path.Combine(_folder, "net.pt2"), () => new TakenImages((96, 48), false));
        Assert.Contains("crop 96 × 48 (the size that the network was exported for)", found.Lines[0], StringComparison.Ordinal);
        Assert.Equal((96, 48), found.Preprocessing.OutputSize);
        found = ImagePreparation.Of(
            Said with { Crop = 32, Width = 64, Resize = 40, Squash = true }, Path.Combine(_folder, "net.pt2"), () => default);
        Assert.Contains("resize to 40 × 80 (the recipe), crop 32 × 64 (the recipe)", found.Lines[0], StringComparison.Ordinal);
        found = ImagePreparation.Of(Said with { Crop = null }, Path.Combine(_folder, "net.pt2"), () => default);
        Assert.Contains("crop 224 (assumed", found.Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_of_the_catalogue_has_ImageNets_and_a_line_says_so()
    {
        ImagePreparation found = ImagePreparation.Of(new DataSettings { Source = "x" }, null, () => throw new InvalidOperationException());
        Assert.Equal(Preprocessing.ImageNet(null, 224), found.Preprocessing);
        Assert.Contains("mean [0.485, 0.456, 0.406] (ImageNet's: nobody says it)", Assert.Single(found.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void Colours_that_come_the_other_way_round_are_said()
    {
        // MobileViT's.
        Write("preprocessor_config.json",
            """{"crop_size": {"height": 256, "width": 256}, "do_center_crop": true, "do_flip_channel_order": true, "do_resize": true, "resample": 2, "size": {"shortest_edge": 288}}""");
        ImagePreparation found = Of(new DataSettings { Source = "x", Mean = [0, 0, 0], Std = [1, 1, 1] });
        Assert.Equal("resize the short side to 288, crop 256, mean [0, 0, 0], std [1, 1, 1], bilinear",
            ImagePreparation.InWords(found.Preprocessing));
        Assert.Contains(found.Lines, line => line.StartsWith("warning: ", StringComparison.Ordinal)
            && line.Contains("blue first", StringComparison.Ordinal));
    }

    [Fact]
    public void A_network_that_takes_whole_numbers_is_asked_for_no_mean()
    {
        static TakenImages Whole() => new((96, 96), true);
        string path = Path.Combine(_folder, "net.pt2");
        // Whatever lies beside it: what it says is done inside.
        Write("preprocessor_config.json", Vit);
        ImagePreparation found = ImagePreparation.Of(new DataSettings { Source = "x", Crop = 96 }, path, Whole);
        Assert.Equal([0f, 0, 0], found.Preprocessing.Mean);
        Assert.All(found.Preprocessing.Std, value => Assert.Equal(1 / 255.0, value, 1e-8));
        Assert.Contains("samples from 0 to 255", found.Lines[0], StringComparison.Ordinal);
        Assert.Contains(found.Lines, line => line.Contains("says mean or std, which is not used", StringComparison.Ordinal));
        var refused = Assert.Throws<FoveaException>(
            () => ImagePreparation.Of(new DataSettings { Source = "x", Mean = [0.485, 0.456, 0.406] }, path, Whole));
        Assert.Equal(FailureKind.Configuration, refused.Kind);
        Assert.Contains("leave mean and std out", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_gigabytes_is_not_read()
    {
        using (FileStream file = File.Create(Path.Combine(_folder, "config.json"))) file.SetLength(3L << 30);
        Assert.Throws<FoveaException>(() => Of(new DataSettings { Source = "x" }));
    }

    private static DataSettings Said => new() { Source = "x", Crop = 64, Mean = [0.1, 0.2, 0.3], Std = [1, 1, 1], Interpolation = "box" };

    private ImagePreparation Of(DataSettings data) =>
        ImagePreparation.Of(data, Path.Combine(_folder, "net.pt2"), () => new TakenImages((96, 96), false));

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);
}
