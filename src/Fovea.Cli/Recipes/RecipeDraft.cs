using System.Globalization;
using Fovea.Cli.Terminal;
using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.IO;
using Fovea.Models;
using Fovea.Runs;
using Fovea.Runs.Preparation;
using Fovea.Runs.Settings;
using Fovea.Training;

namespace Fovea.Cli.Recipes;

/// <summary>Finds out what a first recipe for a network and images needs: by reading both, and by trying.</summary>
/// <param name="network">The network's file.</param>
/// <param name="images">The images.</param>
/// <param name="classes">The network's classes; null: those of the images.</param>
/// <param name="layer">The layer; null: the one that <c>model inspect</c> chooses.</param>
/// <param name="folder">The folder of the recipe, which its paths are meant from.</param>
internal sealed class RecipeDraft(string network, string images, string? classes, string? layer, string folder)
{
    /// <summary>Images that are harvested of more: their vectors say as much as a first look needs.</summary>
    private const int EnoughHarvested = 10_000;

    private const int EnoughEvaluated = 5_000, EnoughProved = 200, FewestProved = 10, Steps = 1_500;

    /// <summary>Finds it.</summary>
    /// <param name="progress">Told how far the trial of preprocessing is.</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="FoveaException">The network or the images cannot be used, or there is no such layer.</exception>
    public NewRecipe Find(IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        var asked = new ImageSourceOptions { Classes = classes };
        DataDescription data = ImageSources.Describe(images, asked);
        bool labelled = data.Problem is null && data.Classes.Count > 0;
        if (data.Problem is { } problem)
        {
            // Pictures in no order that says classes are still pictures.
            data = ImageSources.Describe(images, asked with { Layout = "unlabelled" });
            if (data.Problem is not null) throw FoveaException.BadData(problem);
        }
        using ImportedNetwork file = NetworkFile.Open(network, classes: labelled ? data.Classes.Count : null);
        int side = ImagePreparation.UsualCrop;
        (int height, int width) = file.ImageSize ?? (side, side);
        using ImageModel model = file.ToModel(file.UsualPreprocessing(height, width));
        file.RequireSize(model, height, width);
        IReadOnlyList<ModelLayer> layers = model.Shapes(height, width);
        (ModelLayer studied, string why) = Studied(model, layers);
        HeadChoice head = HeadChoice.Of(model);
        SplitDescription[] splits = [.. data.Splits.Where(split => split.Fault is null && split.Images > 0)];
        if (splits.Length == 0) throw FoveaException.BadData($"{images} has no images that could be used.");
        SplitDescription judged = splits.FirstOrDefault(split => split.Name == "val") ?? splits.FirstOrDefault(split => split.Name != "train") ?? splits[0];
        (List<NewLine> prepared, NewLine of) =
            Prepared(file, model, data, labelled, judged.Name, height, width, head, progress, cancellation);
        if (!labelled) prepared.Insert(0, new NewLine("layout", "unlabelled", "no folders or lists that would be classes"));
        if (classes is not null) prepared.Insert(0, new NewLine("classes", Relative(classes), "the order of the network's answers"));
        if (judged.Name is not ("" or "val")) prepared.Add(new NewLine("validation_split", judged.Name, "there is no val"));
        SplitDescription? train = splits.FirstOrDefault(split => split.Name == "train" && split != judged);
        bool trains = train is not null;
        int evaluated = judged.Images, read = (train ?? judged).Images;
        if (evaluated > EnoughEvaluated)
            prepared.Add(new NewLine("validation_images", EnoughEvaluated, $"of {Humane.Count(evaluated)}; leave it out for all"));
        int harvested = Math.Min(read, EnoughHarvested), positions = studied.Shape[1] * studied.Shape[2];
        List<NewLine> harvest = [new("filters", new[] { "none" }, "every position counts alike: no filter's draws validated better where we compared them")];
        if (trains) harvest.Insert(0, new NewLine("split", "train", "dictionaries learn from these, and are judged on others"));
        if (read > harvested) harvest.Add(new NewLine("images", harvested, $"of {Humane.Count(read)}; leave it out for all"));
        harvest.Add(new NewLine("batch_size", height * width > 128 * 128 ? 16 : 64, "images a pass: more takes more memory and is hardly faster"));
        // A tenth is held out.
        long vectors = (long)(0.9 * harvested * positions);
        int held = trains ? evaluated : harvested / 10;
        return new NewRecipe
        {
            Name = Name(),
            Paths = (Relative(network), Relative(images)),
            InWords = ($"{Path.GetFileName(network)} ({file.Source})", string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(images))} ({data.Images:N0} images{(labelled ? $", {data.Classes.Count:N0} classes" : "")})")),
            Data = prepared,
            Model = [of],
            Layer = (studied.Name, why),
            Harvest = harvest,
            Dictionary = Dictionary(studied.Shape[0], vectors),
            Proof = held < FewestProved ? null :
            [
                new("images", Math.Min(held, EnoughProved), $"what units do, on images that trained no dictionary ({Humane.Count(held)} there are)"),
                new("units", 32, "of each source: those with the largest predicted effects"),
            ],
        };
    }

    private (ModelLayer Layer, string Why) Studied(ImageModel model, IReadOnlyList<ModelLayer> layers)
    {
        if (layer is null)
        {
            LayerChoice choice = LayerChoice.Of(model, layers);
            return (choice.Layer ?? throw FoveaException.BadConfiguration($"{Path.GetFileName(network)}: {choice.Why}. Name one with --layer."), choice.Why);
        }
        ModelLayer named = layers.FirstOrDefault(one => one.Name == layer)
            ?? throw FoveaException.BadConfiguration($"--layer {layer}: there is no such layer.{Suggestions.Sentence(layer, [.. layers.Select(one => one.Name)])}");
        return named.IsGrid ? (named, $"asked for; {string.Join(" × ", named.Shape)}")
            : throw FoveaException.BadConfiguration($"--layer {layer} has no positions: [{string.Join(", ", named.Shape)}].");
    }

    /// <summary>What images go through, and whose the classes are.</summary>
    private (List<NewLine> Data, NewLine Classes) Prepared(
        ImportedNetwork file, ImageModel model, DataDescription data, bool labelled, string split, int height, int width, HeadChoice head,
        IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        bool own = labelled && data.Classes.Count == model.Outputs;
        ImagePreparation? said = ImagePreparation.Beside(network, file);
        if (own)
        {
            using IImageSource source = ImageSources.Open(images, new ImageSourceOptions { Classes = classes, Split = split.Length > 0 ? split : null, Limit = PreparationTrial.EnoughImages });
            var ways = said is null ? PreparationTrial.Usual(source, height, width, file.WholeNumbers) : [("", said.Preprocessing)];
            IReadOnlyList<TriedPreparation> tried = PreparationTrial.Of(model, source, ways, progress, cancellation);
            TriedPreparation best = tried[0];
            if (!best.IsChance)
            {
                string found = said is not null ? $"a file beside the network says it; {Right(best)} of {source.Count} images are named rightly with it"
                    : $"by trial: {Right(best)} of {source.Count} images are named rightly with it"
                        + (tried.Count > 1 ? $", {Right(tried[1])} with the next of {tried.Count} ways ({tried[1].Colours}, {Size(tried[1].Preprocessing)})" : "");
                return (said is null ? Lines(best.Preprocessing, found, file.WholeNumbers) : [], new("classes", NetworkClasses.Own, said is null ? "as many as the images have, and the trial says in their order" : found));
            }
            string chance = $"as many as the images have ({model.Outputs}), but no usual preprocessing names them better than chance: another order? [data] classes names a list";
            return (said is null ? Unsaid(height, width, file) : [], new("classes", NetworkClasses.Other, chance));
        }
        string why = !labelled ? "the images have none" : $"the network has {Humane.Count(model.Outputs)} numbers, the images {Humane.Count(data.Classes.Count)} classes";
        bool none = head.Layer is null;
        return (
            said is null ? Unsaid(height, width, file) : [],
            new("classes", none ? NetworkClasses.None : NetworkClasses.Other, none ? $"its answer is no list of classes ({head.Why})" : $"its own, not those of the images: {why}"));
    }

    private static List<NewLine> Lines(Preprocessing one, string why, bool whole)
    {
        List<NewLine> lines = [];
        if (one.Resize is { } resize) lines.Add(new("resize", resize, one.Squash ? "" : "short side"));
        if (one.Squash) lines.Add(new("squash", true, "both sides: which part would be cut off is nobody's to say"));
        lines.Add(new("crop", one.OutputSize.Height, "what the network takes"));
        if (one.Width is { } width) lines.Add(new("width", width, ""));
        if (whole) return lines;
        lines.Add(new("mean", Numbers(one.Mean), why));
        lines.Add(new("std", Numbers(one.Std), ""));
        return lines;
    }

    /// <summary>The size is known, the colours are not: lines that ask for them.</summary>
    private static List<NewLine> Unsaid(int height, int width, ImportedNetwork file)
    {
        List<NewLine> lines =
        [
            new("resize", height, width == height ? "short side; torchvision's recipes resize to 256 and crop to 224" : "both sides"),
            .. width == height ? Array.Empty<NewLine>() : [new NewLine("squash", true, "")],
            new("crop", height, file.ImageSize is null ? "not in the file: say what it was trained with" : "what the network takes"),
            .. width == height ? Array.Empty<NewLine>() : [new NewLine("width", width, "")],
        ];
        if (file.WholeNumbers) return lines;
        lines.Add(new("mean", null, "to be said: [0.485, 0.456, 0.406] for most, [0.5, 0.5, 0.5] for many transformers, [0, 0, 0] for samples from 0"));
        lines.Add(new("std", null, "to be said: [0.229, 0.224, 0.225]; [0.5, 0.5, 0.5]; [1, 1, 1], or [0.00392156862745098, …] for samples up to 255"));
        return lines;
    }

    private static List<NewLine> Dictionary(int channels, long vectors)
    {
        // Sixteen vectors a latent at least; eight latents a channel at most, the paper's.
        long latents = Math.Clamp(vectors / 16, Math.Min(channels, 64), 8L * channels);
        int size = 1 << (int)Math.Floor(Math.Log2(latents)), active = Math.Clamp(size / 16, 2, 32);
        int batch = vectors >= 20_000 ? 1024 : vectors >= 2_000 ? 256 : 64;
        int epochs = (int)Math.Clamp(Math.Ceiling(Steps * (double)batch / Math.Max(1, vectors)), 1, 20);
        return
        [
            new("filter", "none", ""),
            new("latent_size", size, string.Create(CultureInfo.InvariantCulture, $"of {channels:N0} channels and {vectors:N0} vectors: sixteen vectors a latent or more, and at most eight latents a channel")),
            new("sparsity", active, "latents active on a vector"),
            new("batch_size", batch, "vectors a step"),
            new("learning_rate", 1e-3, ""),
            new("epochs", epochs, $"{Humane.Count(epochs * Math.Max(1, vectors / batch))} steps"),
        ];
    }

    private string Relative(string path) => RunSources.IsGenerated(path) ? path : Path.GetRelativePath(folder, Path.GetFullPath(path)).Replace('\\', '/');

    /// <summary>What of the network's file can stand in a recipe's name: files are called <c>net v1.2 (final)</c>, and names of runs are not.</summary>
    private string Name()
    {
        const int Longest = 60;
        string stem = string.Concat(Path.GetFileNameWithoutExtension(network).Take(Longest).Select(
            letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' ? letter : '-')).Trim('-');
        return SafeName.Problem(stem) is null ? stem : "mine";
    }

    /// <summary>As people write them: 0.485, not the double that is nearest to the float.</summary>
    private static double[] Numbers(float[] values) => [.. values.Select(value => double.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture))];

    private static string Right(TriedPreparation one) => Humane.Percent(one.Top1);

    private static string Size(Preprocessing one) => one.Resize is { } side ? $"resized to {side}" : "as they are";
}
