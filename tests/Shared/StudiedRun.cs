using Fovea.Datasets;
using Fovea.Dictionaries.Sparse;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Numerics;
using TorchSharp;

namespace Fovea.Tests.Shared;

/// <summary>
/// A run folder with a real network of five classes and real dictionaries of its last two blocks, both with drawn weights: enough to look at
/// images and change units, made in a moment.
/// </summary>
internal sealed class StudiedRun : IDisposable
{
    public const int Side = 32, Latents = 40;

    public static readonly string[] Layers = ["block3", "block4"];

    /// <summary>The largest activation that the run's table says of each unit.</summary>
    public const double Max = 2.5;

    /// <summary>The classes; one name is an attack on a page.</summary>
    public static readonly string[] Classes = ["dog", "cat", "<img src=x onerror=alert(1)>", "sea & sky", "Straße"];

    public StudiedRun()
    {
        Folder = Directory.CreateTempSubdirectory("fovea-studied-").FullName;
        using ImageModel model = Network();
        ModelFile.Save(Path.Combine(Folder, "model"), model);
        string network = ModelFingerprint.Of(model);
        foreach (string layer in Layers)
        {
            int[] shape = [.. model.Layers.Single(one => one.Name == layer).Shape];
            string activations = Path.Combine(Folder, "activations", layer);
            Directory.CreateDirectory(activations);
            DocumentFile.Write(Path.Combine(activations, ActivationManifest.FileName), new ActivationManifest
            {
                Layer = layer,
                Channels = shape[0],
                Grid = [shape[1], shape[2]],
                Images = 0,
                Vectors = 0,
                Damaged = 0,
                Source = "none",
                Network = network,
                Shards = [],
                Filters = [],
                Split = new ActivationSplit(1, 0.1, []),
            });
            WriteDictionary(layer, "topk", seed: 3, network);
            foreach (string source in new[] { "neurons", "topk" })
            {
                string features = Path.Combine(Folder, "features", layer, source);
                Directory.CreateDirectory(features);
                TableFile.Write(Path.Combine(features, FeatureTables.FeaturesName),
                    [.. Enumerable.Range(0, source == "topk" ? Latents : shape[0]).Select(unit => new FeatureRow
                    {
                        Unit = unit, Density = 0.1, Mean = 0.1, Max = Max, P999 = 2,
                    })]);
            }
        }
        File.WriteAllText(Path.Combine(Folder, "recipe.toml"), "schema = 1\nname = \"studied\"\n");
    }

    public string Folder { get; }

    /// <summary>The run's network, as it is in the folder.</summary>
    public static ImageModel Network()
    {
        ImageModel model = ImageModel.Create("small_cnn", Classes.Length, GradientFlow.Modified, Input, seed: 4);
        using var named = model;
        using var quiet = torch.no_grad();
        // Answers of about 1, so that differences are seen.
        using var scope = torch.NewDisposeScope();
        torch.Tensor head = model.State["fc.weight"];
        head.mul_(2 / model.Forward(torch.cat([.. Enumerable.Range(0, 4).Select(i => Pixels(Picture(i)))])).std());
        string folder = Directory.CreateTempSubdirectory("fovea-network-").FullName;
        try
        {
            ModelFile.Save(folder, model, new ClassList(Classes.Select((name, i) => new ClassInfo($"c{i}", name))));
            return ModelFile.Load(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public static Preprocessing Input { get; } = new(null, Side, [0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]);

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>Writes a dictionary whose codes are of the layer's size.</summary>
    public void WriteDictionary(string layer, string name, ulong seed, string? network = null)
    {
        using ImageModel model = Network();
        using var scope = torch.NewDisposeScope();
        using var quiet = torch.no_grad();
        torch.Tensor output = model.Forward(Pixels(Picture(0)), new Probe(layer))[layer];
        using var dictionary = new TopKAutoencoder((int)output.shape[1], Latents, 6) { Layer = layer, Network = network };
        dictionary.Initialize(seed);
        dictionary.FoldScale(1 / output.std().item<float>());
        AutoencoderFile.Save(Path.Combine(Folder, "dictionaries", layer, name), dictionary);
    }

    /// <summary>A picture of patches of colour; every number another.</summary>
    public static RgbImage Picture(int number, int width = 40, int height = 36)
    {
        var random = new CounterRandom(7, "studied/picture", number);
        byte[] colours = [.. Enumerable.Range(0, 3 * 6 * 6).Select(_ => (byte)random.NextInt(256))];
        var pixels = new byte[3 * width * height];
        for (int i = 0; i < pixels.Length; i++)
        {
            int x = i / 3 % width, y = i / 3 / width;
            pixels[i] = colours[(y * 6 / height * 6 + x * 6 / width) * 3 + i % 3];
        }
        return new RgbImage(width, height, pixels);
    }

    /// <summary>The same as a file.</summary>
    public static byte[] Png(int number, int width = 40, int height = 36) => ImageCodec.EncodePng(Picture(number, width, height));

    /// <summary>A picture as the network gets it.</summary>
    public static torch.Tensor Pixels(RgbImage image)
    {
        var pixels = new float[3 * Side * Side];
        Input.Apply(image, 0, pixels);
        return torch.tensor(pixels, [1, 3, Side, Side]);
    }
}
