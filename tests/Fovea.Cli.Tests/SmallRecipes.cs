using Fovea.Cli.Recipes;
using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Models.Onnx;
using Fovea.Tests.Shared;

namespace Fovea.Cli.Tests;

/// <summary>A recipe of the project in a form of seconds.</summary>
/// <param name="Name">The recipe.</param>
/// <param name="Needs">Files of <c>shared/data</c> that its own images and weights are.</param>
/// <param name="Small">What makes it small, on its own images.</param>
/// <param name="Weights">Settings that name weights or a network's file: on generated images a fresh small network stands in their
/// place.</param>
/// <param name="Narrow">What else the fewer channels of that network need.</param>
internal sealed record SmallRecipe(string Name, string[] Needs, string[] Small, string[] Weights, params string[] Narrow);

/// <summary>
/// Every recipe of the project in a form of seconds, on its own images where they are there, and everywhere on images that the program
/// draws.
/// </summary>
internal static class SmallRecipes
{
    private const string SmallNetwork = "small_cnn";

    private static readonly string[] Features =
        ["features.steps=2", "features.pictures=1", "features.side_by_side=1", "features.compare_units=1", "features.examples=1",
            "features.compare=[]", "features.batch_size=2"];

    private static readonly string[] Layers =
        ["dictionary.*.epochs=1", "dictionary.*.latent_size=64", "dictionary.*.sparsity=8", "proof.images=2", "proof.units=1",
            "proof.integration_steps=1", "proof.firing=1", "proof.curve_classes=2"];

    /// <summary>What <c>dotnet restore recipes/nuget-resnet18</c> brings, from the folder of the data.</summary>
    private static readonly string Package = Path.GetRelativePath(
        Shared, Path.Combine(Checkout.Root, "recipes", "nuget-resnet18", "packages", "microsoft.ml.dnnimagefeaturizer.resnet18", "0.23.1",
            "LICENSE"));

    private static readonly string[] Tiny = ["tiny-imagenet-200.tar", "resnet18-tiny-imagenet.pth"];

    /// <summary>The recipes of the folder <c>recipes/</c>.</summary>
    public static IReadOnlyList<SmallRecipe> All { get; } =
    [
        new("demo", [],
        [
            "data.train_images=96", "data.validation_images=48", "train.epochs=1", "train.checkpoint_every_steps=1", "harvest.images=40",
                "harvest.batch_size=10", "dictionary.*.epochs=1",
            "dictionary.*.checkpoint_every_steps=1", "sweep.*.epochs=1", "sweep.*.baselines=pca", "sweep.*.baseline_k=[2]",
                "sweep.*.baseline_expansion=0.25", "features.presets=naive", .. Features,
        ], []),
        new("imagenet-sample-mobilenetv2",
            ["imagenet-sample.tar", "imagenet_classes.tsv", "mobilenet_v2-imagenet.pth", "resnet18-tiny-imagenet.pth"],
        [
            "data.validation_images=24", "harvest.batch_size=8", "dictionary.*.epochs=1", "dictionary.*.expansion=1", "features.size=64",
                "features.measured_images=20",
                "features.judge.images=20", .. Features,
        ], ["model.weights", "features.judge.weights"]),
        new("tiny-imagenet-resnet18", [.. Tiny, "mobilenet_v2-imagenet.pth"],
        [
            "data.train_images=100", "data.validation_images=50", "train.epochs=1", "train.checkpoint_every_steps=1",
                "train.statistics_images=50", "dictionary.*.epochs=1", "dictionary.*.expansion=1",
            "features.measured_images=20", "features.judge.images=20", "features.flow=1", "features.flow_steps=[1, 2]",
                "features.class_pictures=2", .. Features,
        ], ["model.weights", "features.judge.weights"]),
        new("tiny-imagenet-figure4", Tiny,
        [
            "data.train_images=100", "data.validation_images=50", "train.epochs=1", "train.checkpoint_every_steps=1",
                "train.statistics_images=50", "train.compare.0.epochs=1",
            "train.compare.1.epochs=1", "train.compare.2.epochs=1",
        ], ["model.weights", "train.compare.0.model.weights"]),
        new("tiny-imagenet-experiments", Tiny,
        [
            "data.train_images=100", "data.validation_images=8", "train.epochs=1", "train.statistics_images=50", "harvest.batch_size=20",
                "sweep.*.epochs=1",
            "sweep.*.dictionary.*.expansion=0.5", "sweep.*.baselines=pca", "sweep.*.baseline_expansion=0.25", "sweep.*.images=",
        ], ["model.weights"], "sweep.*.dictionary.*.expansion=1"),
        new("tiny-imagenet-stability", Tiny,
        [
            "data.train_images=100", "data.validation_images=8", "harvest.images=40", "harvest.batch_size=20", "sweep.*.epochs=1",
            "sweep.*.expansion=0.1", "sweep.*.baselines=pca", "sweep.*.baseline_k=[4]", "sweep.*.dictionary.*.sparsities=[4]",
            "sweep.*.dictionary.*.seeds=2",
        ], ["model.weights"]),
        new("shapesworld-shortcut", [],
        [
            "data.train_images=96", "data.validation_images=48", "train.epochs=1", "train.checkpoint_every_steps=1", "harvest.images=40",
                "harvest.batch_size=10", "dictionary.*.epochs=1", "dictionary.*.checkpoint_every_steps=1",
        ], []),
        new("tiny-imagenet-shortcut", Tiny,
        [
            "data.train_images=200", "data.validation_images=50", "train.epochs=1", "train.checkpoint_every_steps=2",
                "dictionary.*.epochs=1", "dictionary.*.expansion=1",
        ], ["model.weights"]),
        new("layers-resnet18", [.. Tiny, "mobilenet_v2-imagenet.pth"],
        [
            "data.train_images=100", "data.validation_images=50", "harvest.images=40", "harvest.batch_size=20", "dictionary.*.epochs=1",
                "dictionary.*.expansion=0.5", "dictionary.*.sparsity=8", "features.judge.images=20", "proof.images=4",
                "proof.units=1", "proof.integration_steps=1", .. Features,
        ], ["model.weights", "features.judge.weights"]),
        new("filters-resnet18", [.. Tiny, "mobilenet_v2-imagenet.pth"],
        [
            "data.train_images=100", "data.validation_images=50", "harvest.images=40", "harvest.batch_size=20", "dictionary.*.epochs=1",
                "dictionary.*.expansion=0.5", "dictionary.*.sparsity=8", "features.judge.images=20", "proof.images=4",
                "proof.integration_steps=1", "proof.curve_classes=2", .. Features,
        ], ["model.weights", "features.judge.weights"]),
        new("layers-mobilenetv2",
            ["imagenet-sample.tar", "imagenet_classes.tsv", "mobilenet_v2-imagenet.pth", "resnet18-tiny-imagenet.pth"],
        [
            "data.validation_images=20", "harvest.batch_size=10", .. Layers, "features.judge.images=20", .. Features,
        ], ["model.weights", "features.judge.weights"]),
        new("layers-nuget-resnet18", ["imagenet-sample.tar", "imagenet_classes.tsv", "mobilenet_v2-imagenet.pth", Package],
        [
            "data.validation_images=20", "harvest.batch_size=10", .. Layers, "features.judge.images=20", .. Features,
        ], ["model.network", "features.judge.weights"]),
        new("layers-vit", [Path.GetRelativePath(Shared, Path.Combine(Checkout.Root, "recipes", "vit", "start.pt2"))],
        [
            "data.train_images=96", "data.validation_images=48", "train.epochs=1", "train.checkpoint_every_steps=1", "harvest.images=40",
                "harvest.batch_size=20", .. Layers, .. Features,
        ], ["model.network"]),
        new("imagenet-sample-experiments", ["imagenet-sample.tar", "imagenet_classes.tsv", "mobilenet_v2-imagenet.pth"],
        [
            "data.validation_images=20", "harvest.batch_size=10", "harvest.sample_images=1", "sweep.*.epochs=1", "sweep.*.expansion=0.25",
                "sweep.*.baselines=pca",
            "sweep.*.baseline_expansion=0.05", "sweep.*.images=10",
            // Its latents begin as centres of vectors, and of ten images there are few.
            "sweep.pareto.dictionary.6.expansion=0.02", "sweep.pareto.dictionary.6.sparsities=[8]",
        ], ["model.weights"], "sweep.*.expansion=2", "sweep.pareto.dictionary.6.expansion=0.1"),
        new("imagenet-sample-nuget-resnet18", ["imagenet-sample.tar", "imagenet_classes.tsv", Package],
        [
            "data.validation_images=20", "harvest.batch_size=10", "harvest.sample_images=1", "dictionary.*.epochs=1",
                "dictionary.*.expansion=1",
                "sweep.*.epochs=1", "sweep.*.dictionary.*.expansion=1", "sweep.*.baselines=pca", "sweep.*.baseline_k=[8]",
            "features.measured_images=20", .. Features,
        ], ["model.network"]),
        new("imagenet-resnet18", Tiny,
        [
            "data.source=SHARED/tiny-imagenet-200.tar", "model.weights=SHARED/resnet18-tiny-imagenet.pth", "data.resize=", "data.crop=64",
                "data.train_images=100",
            "data.validation_images=60", "train.epochs=1", "harvest.images=40", "dictionary.*.epochs=1", "dictionary.*.expansion=1",
                .. Features,
        ], ["model.weights"]),
    ];

    /// <summary>The folder that the recipes name their data in.</summary>
    public static string Shared => Path.GetFullPath(Path.Combine(Checkout.Root, "..", "shared", "data"));

    /// <summary>The file of a recipe.</summary>
    public static string PathOf(string name) => Path.Combine(Checkout.Root, "recipes", name + ".toml");

    /// <summary>The recipe on its own images.</summary>
    public static Recipe OnItsOwnImages(SmallRecipe recipe) => Read(PathOf(recipe.Name), recipe.Small);

    /// <summary>
    /// The recipe on generated images, with the small network of the catalogue, fresh, in place of a larger one: what is asked here is
    /// what the stages leave on the disk, and the larger network only takes longer. Only the demo sees the images whole: of others the
    /// border is cut
    /// off, so that their units are not measured against the truth of the images, which none of them has on its own images and which takes
    /// longer than all the rest.
    /// </summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="folder">Where the weights go.</param>
    public static Recipe OnGeneratedImages(SmallRecipe recipe, string folder)
    {
        int classes = ShapesWorld.Classes.Count;
        bool judged = recipe.Weights.Any(one => one.StartsWith("features.judge", StringComparison.Ordinal));
        return Read(AsSmallNetwork(recipe, folder),
        [
            .. recipe.Small, .. recipe.Narrow, "data.source=shapesworld", "data.train_split=train", "data.validation_split=val", "data.classes=",
                .. recipe.Name == "tiny-imagenet-shortcut" ? (string[])["data.shortcut=mark:star-dots:1"] : [],
                "data.resize=", $"data.crop={(recipe.Weights.Length == 0 ? 64 : 56)}",
            .. recipe.Weights.SelectMany(one => one == "model.network" ? AsOnnx(classes, folder)
                : [$"{one}={Fresh(classes, folder)}"]),
            .. judged ? (string[])[$"features.judge.classes={classes}", "features.judge.size=64", "features.related=[]"] : [],
        ]);
    }

    /// <summary>A fresh network of the catalogue as a file of another tool, in place of the one that a package brings.</summary>
    private static string[] AsOnnx(int classes, string folder)
    {
        string path = Path.Combine(folder, SmallNetwork + ".onnx");
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(folder);
            using var network = ImageModel.Create(SmallNetwork, classes, GradientFlow.Standard);
            network.Initialise(1);
            OnnxExport.Write(network.With(Preprocessing.ImageNet(null, 56)), path);
        }
        return [$"model.network={path}", "model.preprocess=", "features.related=[]"];
    }

    /// <summary>A copy of the recipe in which larger networks and their layers are the small one and its layers.</summary>
    private static string AsSmallNetwork(SmallRecipe recipe, string folder)
    {
        string path = Path.Combine(folder, recipe.Name + ".toml"), text = File.ReadAllText(PathOf(recipe.Name));
        foreach (var (large, small) in ((string, string)[])[("resnet18", SmallNetwork), ("mobilenet_v2", SmallNetwork),
            ("layer2", "block2"), ("layer3", "block3"), ("layer4", "block4"), ("features.7", "block1"), ("features.13", "block2"),
            ("features.17", "block3"), ("features.18", "block4"), ("ReLU315_Output_0", "block2.relu"), ("ReLU347_Output_0", "block3.relu"),
            ("ReLU393_Output_0", "block4.relu"), ("encoder.layers.encoder_layer_0", "block2.relu"),
            ("encoder.layers.encoder_layer_1", "block3.relu"), ("encoder.layers.encoder_layer_2", "block4.relu")])
            text = text.Replace($"\"{large}\"", $"\"{small}\"", StringComparison.Ordinal);
        Directory.CreateDirectory(folder);
        File.WriteAllText(path, text);
        return path;
    }

    private static Recipe Read(string path, string[] small) =>
        Recipe.Read(path, small.Select(one => new RecipeOverride(one.Replace("SHARED", Shared, StringComparison.Ordinal))));

    private static string Fresh(int classes, string folder)
    {
        string own = Path.Combine(folder, SmallNetwork);
        if (!Directory.Exists(own))
        {
            using var network = ImageModel.Create(SmallNetwork, classes, GradientFlow.Standard);
            network.Initialise(1);
            ModelFile.Save(own, network, ShapesWorld.Classes);
        }
        return Path.Combine(own, ModelFile.WeightsName);
    }
}
