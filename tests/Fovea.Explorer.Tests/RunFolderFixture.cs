using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Fovea.IO;
using Fovea.Numerics;
using Fovea.Tests.Shared;

namespace Fovea.Explorer.Tests;

/// <summary>
/// Makes a complete run folder as the workflow leaves it, with made-up numbers and small drawn pictures, so that the pages can be
/// tested without a network. Everything follows from fixed formulas: two folders made by it are alike.
/// </summary>
public sealed partial class RunFolderFixture : IDisposable
{
    public const int Classes = 24, Neurons = 48, Latents = 192, ExampleSide = 64, FeatureSide = 96;
    public static readonly string[] Layers = ["block3", "features.18"];
    public static readonly string[] Dictionaries = ["topk", "l1", "jumprelu"];
    private static readonly string[] Filters = ["none", "magnitude", "active", "median", "maximum", "gradcam"];
    private static readonly string[] Shapes = ["disc", "square", "triangle", "ring", "star", "cross"];
    private static readonly string[] Textures = ["plain", "striped", "dotted", "chequered"];

    private const int FewPictures = 4;

    private static readonly ConcurrentDictionary<string, Lazy<RunFolderFixture>> Templates = new(StringComparer.Ordinal);

    public RunFolderFixture() => Folder = Directory.CreateTempSubdirectory("fovea-report-").FullName;

    public string Folder { get; }

    public static string ClassName(int label) => $"{Textures[label % 4]} {Shapes[label / 4 % 6]}";

    private int Pictures { get; init; } = 12;

    /// <summary>The whole folder: two layers with three dictionaries each.</summary>
    public static RunFolderFixture Complete() => CopyOf("complete", new RunFolderFixture(), fixture => fixture.Fill(Layers, Dictionaries));

    /// <summary>One of everything: quicker to make.</summary>
    public static RunFolderFixture Small() => CopyOf(
        "small", new RunFolderFixture { Pictures = FewPictures }, fixture => fixture.Fill(Layers[..1], Dictionaries[..1]));

    private void Fill(string[] layers, string[] dictionaries)
    {
        WriteRun();
        WriteModel();
        foreach (string layer in layers)
        {
            WriteActivations(layer, layer == Layers[0] ? 8 : 7);
            foreach (string name in dictionaries) WriteDictionary(layer, name);
            WriteFeatures(layer, "neurons", Neurons);
            foreach (string name in dictionaries) WriteFeatures(layer, name, Latents);
            WriteComparison(layer, 0);
        }
    }

    /// <summary>A folder like the one that is made the first time that one of its name is asked for: pictures are drawn and packed once.</summary>
    private static RunFolderFixture CopyOf(string name, RunFolderFixture copy, Action<RunFolderFixture> fill)
    {
        RunFolderFixture from = Templates.GetOrAdd(name, _ => new Lazy<RunFolderFixture>(() =>
        {
            var made = new RunFolderFixture { Pictures = copy.Pictures };
            AppDomain.CurrentDomain.ProcessExit += (_, _) => made.Dispose();
            fill(made);
            return made;
        })).Value;
        FolderCopies.Copy(from.Folder, copy.Folder);
        foreach (var (picture, place) in from._packed) copy._packed[picture] = place;
        // It says where its run lies.
        copy.WriteRun();
        return copy;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    public string PathOf(string relative) => Path.Combine(Folder, relative);

    public void WriteText(string relative, string text)
    {
        string path = PathOf(relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private void Write<TDocument>(string address, TDocument document)
        where TDocument : class, IDocument => DocumentFile.Write(PathOf(address), document);

    /// <summary>A picture with a file of its own, as documents name it.</summary>
    private static StoredPicture Stored(string file, int size = ExampleSide) => new(file, 0, 0, size, size);

    public void WriteRun(string started = "2026-11-22T10:00:00Z")
    {
        Write(RunLayout.Run, new RunRecord
        {
            Id = "2026-11-22_1000_demo",
            Status = "done",
            Command = $"fovea run /home/someone/demo.toml --out '{Folder}' --set 'data.classes=/home/someone/my data/classes.tsv' --seed 7",
            Versions = new Dictionary<string, string>
            {
                ["fovea"] = "0.1.0",
                ["dotnet"] = "10.0.12",
                ["torchSharp"] = "0.107.0",
                ["libtorch"] = "2.10.0"
            },
            Device = "cpu",
            Threads = 2,
            Seed = 7,
            Started = DateTime.Parse(started, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal),
            Seconds = 214.2,
            ExitCode = 0,
            Stages = [new StageTiming("train", 81, false)],
        });
        WriteText("recipe.toml", """
            schema = 1
            name = "demo"
            description = "A small network learns to tell 24 kinds of drawn objects apart; its last two blocks are read, taken apart and drawn."
            seed = 7

            [data]
            source = "shapesworld"
            train_images = 8000
            validation_images = 1200
            crop = 64
            classes = "/home/someone/my data/classes.tsv" # --set data.classes=/home/someone/my data/classes.tsv

            [model]
            architecture = "small_cnn"
            average_pooling = true
            leaky_slope = 0.01
            weights = "../weights/small.safetensors"

            [train]
            epochs = 8
            batch_size = 64
            learning_rate = 0.002
            augment = true

            [harvest]
            layers = ["block3", "features.18"]
            filters = ["none", "magnitude", "active", "median", "maximum", "gradcam"]
            images = 2000
            active_threshold = 0.1

            [[dictionary]]
            name = "topk"
            layer = "block3"
            architecture = "topk"
            expansion = 4.0
            sparsity = 16.0
            epochs = 10

            [[dictionary]]
            name = "l1"
            layer = "block3"
            architecture = "l1"
            sparsity = 3e-4

            [[dictionary]]
            name = "jumprelu"
            layer = "block3"
            architecture = "jumprelu"
            sparsity = 2e-3

            [features]
            pictures = 12
            naive = 3
            steps = 200
            learning_rate = 1.0
            total_variation = 0.001
            blur = 0.3
            compare = ["/home/someone/pictures/a cat.jpg", 'C:\Users\someone\dog.png']
            """);
    }

    public void WriteModel()
    {
        Write(RunLayout.Model, new ModelDocument
        {
            Architecture = "small_cnn",
            Flow = new FlowSettings(true, 0.01),
            Preprocessing = new PreprocessingSettings(null, 64, [0.485f, 0.456f, 0.406f], [0.229f, 0.224f, 0.225f]),
            Parameters = 123_456,
            Sha256 = new string('0', 64),
            Classes = [.. Enumerable.Range(0, Classes).Select(i => new ClassEntry($"c{i:00}", ClassName(i)))],
        });
        DocumentFile.WriteLines(PathOf(RunLayout.History), History(8, 0.93, 0));
        DocumentFile.WriteLines(PathOf(RunLayout.OtherHistory("without augmentation")), History(8, 0.84, 1));
        DocumentFile.WriteLines(PathOf(RunLayout.OtherHistory("ResNet-18")), History(8, 0.96, 2));
        Write(RunLayout.Evaluation, new EvaluationTable(
        [
            new EvaluationRow("original", 0.0417, 0.2083, 3.178, 1200),
            new EvaluationRow("modified and trained", 0.9317, 0.9958, 0.2041, 1200),
        ]));
        ErrorExample[] Examples(int label, int predicted) =>
            [.. Enumerable.Range(0, 4)
                .Select(i => new ErrorExample(label * 4 + i, $"val/{label * 4 + i}", ClassName(label), ClassName(predicted), 0.9,
            Stored(DrawExample($"model/examples/{label}-{i}.png", label, i)["model/".Length..])))];
        Write(RunLayout.Errors, new ErrorReport(1200,
            [.. Enumerable.Range(0, 5).Select(i => new ClassErrors(i, $"c{i:00}", ClassName(i), 50, 1 - i * 0.004, 0.1, Examples(i, i)))],
            [.. Enumerable.Range(17, 5)
                .Select(i => new ClassErrors(i, $"c{i:00}", ClassName(i), 50, 0.6 + (i - 17) * 0.05, 1.4, Examples(i, i + 1)))],
            [.. Enumerable.Range(10, 5)
                .Select(i => new Confusion(ClassName(i), ClassName(i + 4), 15 - i, (15 - i) / 50.0, Examples(i, i + 4)))])
        { FewestImages = 10, SmallClasses = 0 });
    }

    private static IEnumerable<TrainingEpoch> History(int epochs, double top, int seed) => Enumerable.Range(1, epochs).Select(epoch =>
    {
        double done = 1 - Math.Exp(-epoch / 2.2), noise = 0.006 * Math.Sin(epoch * (3 + seed));
        return new TrainingEpoch(epoch, 1e-3 * (1 + Math.Cos(Math.PI * epoch / epochs)),
            new SplitScores(3.2 * (1 - 0.85 * done), 0.92 * top * done, 0.99 * done),
            new SplitScores(3.1 * (1 - 0.93 * done) + noise, top * done + noise, Math.Min(1, 1.02 * done)));
    });

    public void WriteActivations(string layer, int grid)
    {
        const int Images = 2000;
        Write(RunLayout.Manifest(layer), new ActivationManifest
        {
            Layer = layer,
            Channels = Neurons,
            Grid = [grid, grid],
            Images = Images,
            Vectors = Images * grid * grid,
            Damaged = 0,
            Source = "shapesworld",
            Shards = [new ActivationShard("vectors-00000.safetensors", 0, Images * grid * grid)],
            Filters = Filters,
            Split = new ActivationSplit(7, 0.1, [.. Enumerable.Range(0, Images / 10)]),
        });
        string[] compared = Filters[1..];
        double[][] Matrix(double decay) =>
            [.. compared.Select(
                (_, i) => compared.Select((_, j) => i == j ? 1.0 : Math.Exp(-decay * Math.Abs(i - j)) - (i + j > 6 ? 0.4 : 0)).ToArray())];
        Write(RunLayout.Filters(layer), new FilterReport
        {
            Images = Images,
            Filters = [.. Filters.Select((name, i) => new FilterSummary(name, "s(x)", i * i * 3, i * i * 3 / (double)Images))],
            Compared = compared,
            Cosine = Matrix(0.15),
            Spearman = Matrix(0.4),
            PairImages = [.. compared.Select(_ => compared.Select(_ => Images).ToArray())],
        });
        Write(RunLayout.Samples(layer), new SamplesDocument([.. Enumerable.Range(0, 3).Select(sample =>
        {
            DrawExample($"activations/{layer}/samples/{sample}.png", sample * 7, sample);
            return new SampleMaps
            {
                Image = $"val/{sample}",
                Label = sample * 7,
                ClassName = ClassName(sample * 7),
                Picture = Stored($"samples/{sample}.png"),
                Maps = compared.ToDictionary(filter => filter, filter => Map(grid, sample, Array.IndexOf(Filters, filter))),
            };
        })]));
    }

    private static float?[][] Map(int grid, int sample, int filter) =>
        [.. Enumerable.Range(0, grid).Select(y => Enumerable.Range(0, grid).Select(x =>
        {
            double dx = (x + 0.5) / grid - 0.35 - 0.15 * sample, dy = (y + 0.5) / grid - 0.5;
            return (float?)(filter == 0 ? 1.0 : Math.Exp(-(dx * dx + dy * dy) * (4 + 4 * filter)) + 0.02 * Math.Sin(x * 7 + y * 3));
        }).ToArray())];

    public void WriteDictionary(string layer, string name)
    {
        int variant = Array.IndexOf(Dictionaries, name);
        JsonFile.Write(PathOf(RunLayout.Configuration(layer, name)), new SaeConfiguration
        {
            Architecture = name == "l1" ? "standard" : name,
            InputSize = Neurons,
            LatentSize = Latents,
            DType = "float32",
            K = name == "topk" ? 16 : null,
            Metadata = new JsonObject { ["hook_name"] = layer },
            Fovea = new SaeOrigin
            {
                Variant = name,
                Settings = new JsonObject { ["sparsity"] = 0.0003 },
                Training = new JsonObject { ["batchSize"] = 128, ["learningRate"] = 0.0003, ["epochs"] = 10, ["seed"] = 7 },
                InputScale = 1.25,
            },
        });
        DocumentFile.WriteLines(
            PathOf(RunLayout.DictionaryHistory(layer, name)), Enumerable.Range(0, 120)
                .SelectMany(i => new[] { "train", "validation" }.Select(split =>
        {
            bool train = split == "train";
            return new AutoencoderHistoryLine
            {
                Step = i * 200,
                Epoch = i / 12,
                Vectors = i * 200 * 128,
                Split = split,
                Loss = 2.4 * Math.Exp(-i / 25.0) + 0.4 + 0.05 * variant + (train ? 0.02 * Math.Sin(i * 1.7) : 0.05),
                Reconstruction = 2.4 * Math.Exp(-i / 25.0) + 0.35 + 0.05 * variant + (train ? 0.02 * Math.Sin(i * 1.7) : 0.02),
                Sparsity = 0.05,
                Fvu = 0.7 * Math.Exp(-i / 20.0) + 0.12 + 0.03 * variant + (train ? 0.01 * Math.Sin(i * 1.7) : 0.015),
                L0 = name == "topk" ? 16 : 60 * Math.Exp(-i / 30.0) + 11 + 4 * variant,
                DeadFraction = 0.06 * (1 - Math.Exp(-i / 30.0)),
            };
        })));
        AutoencoderScores Scores(double loss, double reconstruction, double fvu, double l0) => new()
        {
            Vectors = 12_800,
            Loss = loss,
            Reconstruction = reconstruction,
            Sparsity = 0.06,
            Fvu = fvu,
            ExplainedVariance = 1 - fvu,
            L0 = l0,
            DeadFraction = 0.052,
            DenseFraction = 0.011,
            ActiveUnits = 84.2,
            ActiveUnitsDrop = 5.263,
            Shrinkage = new ShrinkageScores(0.97, 0.964, 0.991),
        };
        Write(RunLayout.Metrics(layer, name), new AutoencoderReport
        {
            Name = name,
            Architecture = name,
            DIn = Neurons,
            DSae = Latents,
            Sparsity = name == "topk" ? 16 : 0.0003,
            InputScale = 1.25,
            Steps = 24_000,
            Coherence = new DirectionCoherence(0.713, 0.31, 0.08),
            Train = Scores(0.41 + 0.05 * variant, 0.35, 0.118 + 0.03 * variant, 16 + 3.1 * variant),
            Validation = Scores(0.45 + 0.05 * variant, 0.39, 0.134 + 0.03 * variant, 16 + 3.2 * variant),
        });
        Write(RunLayout.Splice(layer, name), new SpliceDocument
        {
            Layer = layer,
            Images = 1200,
            Original = new SpliceScores(0.9317, 0.9958, 0.2041),
            Spliced = new SpliceScores(0.9192 - 0.01 * variant, 0.9942, 0.2318),
            ZeroAblated = new SpliceScores(0.1253, 0.6108, 2.377),
            MeanAblated = new SpliceScores(0.1311, 0.6224, 2.101),
            Kl = 0.0421,
            LossRecoveredZero = 0.9873,
            LossRecoveredMean = 0.9854,
            Top1Lost = new PairedDifference(0.0125 + 0.01 * variant, -0.0011, 0.0261 + 0.01 * variant),
            LossAdded = new PairedDifference(0.0277, 0.0191, 0.0363),
        });
    }
}
