using System.Text.Json;

namespace Fovea.Explorer.Tests;

/// <summary>
/// Makes a complete run folder as the workflow leaves it, with made-up numbers and small drawn pictures, so that the pages can be
/// tested without a network. Everything follows from fixed formulas: two folders made by it are alike.
/// </summary>
public sealed partial class RunFolderFixture : IDisposable
{
    public const int Classes = 24, Neurons = 48, Latents = 192;
    public static readonly string[] Layers = ["block3", "features.18"];
    public static readonly string[] Dictionaries = ["topk", "l1", "jumprelu"];
    private static readonly string[] Filters = ["none", "magnitude", "active", "median", "maximum", "gradcam"];
    private static readonly string[] Shapes = ["disc", "square", "triangle", "ring", "star", "cross"];
    private static readonly string[] Textures = ["plain", "striped", "dotted", "chequered"];

    public RunFolderFixture() => Folder = Directory.CreateTempSubdirectory("fovea-report-").FullName;

    public string Folder { get; }

    public static string ClassName(int label) => $"{Textures[label % 4]} {Shapes[label / 4 % 6]}";

    private int Pictures { get; init; } = 12;

    /// <summary>The whole folder: two layers with three dictionaries each.</summary>
    public static Task<RunFolderFixture> CompleteAsync() => MakeAsync(new RunFolderFixture(), Layers, Dictionaries);

    /// <summary>One of everything: quicker to make.</summary>
    public static Task<RunFolderFixture> SmallAsync() => MakeAsync(new RunFolderFixture { Pictures = 4 }, Layers[..1], Dictionaries[..1]);

    private static async Task<RunFolderFixture> MakeAsync(RunFolderFixture fixture, string[] layers, string[] dictionaries)
    {
        fixture.WriteRun();
        fixture.WriteModel();
        foreach (string layer in layers)
        {
            fixture.WriteActivations(layer, layer == Layers[0] ? 8 : 7);
            foreach (string name in dictionaries) fixture.WriteDictionary(layer, name);
            await fixture.WriteFeaturesAsync(layer, "neurons", Neurons);
            foreach (string name in dictionaries) await fixture.WriteFeaturesAsync(layer, name, Latents);
            fixture.WriteComparison(layer, 0);
        }
        return fixture;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    public string PathOf(string relative) => Path.Combine(Folder, relative);

    public void WriteText(string relative, string text)
    {
        string path = PathOf(relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private void WriteJson(string relative, object document) => WriteText(relative, JsonSerializer.Serialize(document, DocumentJson.Options));

    /// <summary>A picture with a file of its own, as documents name it.</summary>
    private static StoredPicture Stored(string file) => new(file, 0, 0, 64, 64);

    private void WriteLines(string relative, IEnumerable<object> documents) =>
        WriteText(relative, string.Concat(documents.Select(document => JsonSerializer.Serialize(document, DocumentJson.LineOptions) + "\n")));

    public void WriteRun(string started = "2026-11-22T10:00:00Z")
    {
        WriteJson("run.json", new
        {
            id = "2026-11-22_1000_demo",
            status = "done",
            command = $"fovea run /home/someone/demo.toml --out '{Folder}' --set 'data.classes=/home/someone/my data/classes.tsv' --seed 7",
            versions = new { fovea = "0.1.0", dotnet = "10.0.12", torchSharp = "0.107.0", libtorch = "2.10.0" },
            device = "cpu",
            threads = 2,
            seed = 7,
            started,
            seconds = 214.2,
            exitCode = 0,
            stages = new[] { new { name = "train", seconds = 81.0, skipped = false } },
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
        WriteJson("model/model.json", new
        {
            architecture = "small_cnn",
            classes = Enumerable.Range(0, Classes).Select(i => new { id = $"c{i:00}", name = ClassName(i) }),
            flow = new { averagePooling = true, leakySlope = 0.01 },
            preprocessing = new { crop = 64 },
        });
        WriteLines("model/history.jsonl", History(8, 0.93, 0));
        WriteLines("model/comparisons/without augmentation/history.jsonl", History(8, 0.84, 1));
        WriteLines("model/comparisons/ResNet-18/history.jsonl", History(8, 0.96, 2));
        WriteJson("model/evaluation.json", new
        {
            rows = new object[]
            {
                new { name = "original", top1 = 0.0417, top5 = 0.2083, loss = 3.178, images = 1200 },
                new { name = "modified and trained", top1 = 0.9317, top5 = 0.9958, loss = 0.2041, images = 1200 },
            },
        });
        object[] Example(int label, int predicted) => [.. Enumerable.Range(0, 4).Select(i => (object)new
        {
            id = $"val/{label * 4 + i}",
            picture = Stored(DrawExample($"model/examples/{label}-{i}.png", label, i)["model/".Length..]),
            predicted = ClassName(predicted),
        })];
        WriteJson("model/errors.json", new
        {
            least = Enumerable.Range(0, 5).Select(i => new { label = i, className = ClassName(i), accuracy = 1 - i * 0.004, count = 50, examples = Example(i, i) }),
            most = Enumerable.Range(17, 5).Select(i => new { label = i, className = ClassName(i), accuracy = 0.6 + (i - 17) * 0.05, count = 50, examples = Example(i, i + 1) }),
            confused = Enumerable.Range(10, 5).Select(i => new { truth = ClassName(i), predicted = ClassName(i + 4), count = 15 - i, examples = Example(i, i + 4) }),
        });
    }

    private static IEnumerable<object> History(int epochs, double top, int seed) => Enumerable.Range(1, epochs).Select(epoch =>
    {
        double done = 1 - Math.Exp(-epoch / 2.2), noise = 0.006 * Math.Sin(epoch * (3 + seed));
        return (object)new
        {
            epoch,
            learningRate = 1e-3 * (1 + Math.Cos(Math.PI * epoch / epochs)),
            train = new { loss = 3.2 * (1 - 0.85 * done), top1 = 0.92 * top * done, top5 = 0.99 * done },
            validation = new { loss = 3.1 * (1 - 0.93 * done) + noise, top1 = top * done + noise, top5 = Math.Min(1, 1.02 * done) },
        };
    });

    public void WriteActivations(string layer, int grid)
    {
        string path = $"activations/{layer}";
        WriteJson($"{path}/manifest.json", new
        {
            layer,
            channels = Neurons,
            grid = new[] { grid, grid },
            images = 2000,
            vectors = 2000 * grid * grid,
            filters = Filters,
            split = new { seed = 7, validationFraction = 0.1 },
        });
        string[] compared = Filters[1..];
        double[][] Matrix(double decay) => [.. compared.Select((_, i) => compared.Select((_, j) => i == j ? 1.0 : Math.Exp(-decay * Math.Abs(i - j)) - (i + j > 6 ? 0.4 : 0)).ToArray())];
        WriteJson($"{path}/filters.json", new
        {
            images = 2000,
            filters = Filters.Select((name, i) => new { name, allZero = i * i * 3, allZeroFraction = i * i * 3 / 2000.0, nan = i == 5 ? 4 : 0 }),
            compared,
            cosine = Matrix(0.15),
            spearman = Matrix(0.4),
        });
        WriteJson($"{path}/samples.json", new
        {
            schema = 1,
            samples = Enumerable.Range(0, 3).Select(sample =>
        {
            DrawExample($"{path}/samples/{sample}.png", sample * 7, sample);
            return new
            {
                image = $"val/{sample}",
                label = sample * 7,
                className = ClassName(sample * 7),
                picture = Stored($"samples/{sample}.png"),
                maps = compared.ToDictionary(filter => filter, filter => Map(grid, sample, Array.IndexOf(Filters, filter))),
            };
        })
        });
    }

    private static double[][] Map(int grid, int sample, int filter) =>
        [.. Enumerable.Range(0, grid).Select(y => Enumerable.Range(0, grid).Select(x =>
        {
            double dx = (x + 0.5) / grid - 0.35 - 0.15 * sample, dy = (y + 0.5) / grid - 0.5;
            return filter == 0 ? 1.0 : Math.Exp(-(dx * dx + dy * dy) * (4 + 4 * filter)) + 0.02 * Math.Sin(x * 7 + y * 3);
        }).ToArray())];

    public void WriteDictionary(string layer, string name)
    {
        string path = $"dictionaries/{layer}/{name}";
        int variant = Array.IndexOf(Dictionaries, name);
        WriteText($"{path}/cfg.json", $$"""{"architecture":"{{name}}","d_in":{{Neurons}},"d_sae":{{Latents}},"dtype":"float32",{{(name == "topk" ? "\"k\":16," : "")}}"metadata":{"hook_name":"{{layer}}"},"fovea":{"variant":"{{name}}","axis":1,"settings":{"sparsity":0.0003},"training":{"batchSize":128,"learningRate":0.0003,"epochs":10,"seed":7},"inputScale":1.25} }""");
        WriteLines($"{path}/history.jsonl", Enumerable.Range(0, 120).SelectMany(i => new[] { "train", "validation" }.Select(split => (object)new
        {
            step = i * 200,
            epoch = i / 12,
            vectors = i * 200 * 128,
            split,
            loss = 2.4 * Math.Exp(-i / 25.0) + 0.4 + 0.05 * variant + (split == "train" ? 0.02 * Math.Sin(i * 1.7) : 0.05),
            fvu = 0.7 * Math.Exp(-i / 20.0) + 0.12 + 0.03 * variant + (split == "train" ? 0.01 * Math.Sin(i * 1.7) : 0.015),
            l0 = name == "topk" ? 16 : 60 * Math.Exp(-i / 30.0) + 11 + 4 * variant,
            deadFraction = 0.06 * (1 - Math.Exp(-i / 30.0)),
        })));
        WriteJson($"{path}/metrics.json", new
        {
            train = new { loss = 0.41 + 0.05 * variant, reconstruction = 0.35, sparsity = 0.06, fvu = 0.118 + 0.03 * variant, l0 = 16 + 3.1 * variant, deadFraction = 0.052 },
            validation = new { loss = 0.45 + 0.05 * variant, reconstruction = 0.39, sparsity = 0.06, fvu = 0.134 + 0.03 * variant, l0 = 16 + 3.2 * variant, deadFraction = 0.052, denseFraction = 0.011, activeUnits = 84.2, activeUnitsDrop = 5.263, shrinkage = new { l2Ratio = 0.97, lengthRatio = 0.964, relativeReconstructionBias = 0.991 } },
            coherence = new { maximum = 0.713, meanMaximum = 0.31, mean = 0.08 },
        });
        WriteJson($"{path}/splice.json", new
        {
            layer,
            images = 1200,
            original = new { top1 = 0.9317, top5 = 0.9958, loss = 0.2041 },
            spliced = new { top1 = 0.9192 - 0.01 * variant, top5 = 0.9942, loss = 0.2318 },
            zeroAblated = new { top1 = 0.1253, top5 = 0.6108, loss = 2.377 },
            meanAblated = new { top1 = 0.1311, top5 = 0.6224, loss = 2.101 },
            kl = 0.0421,
            lossRecoveredZero = 0.9873,
            lossRecoveredMean = 0.9854,
            top1Lost = new { mean = 0.0125 + 0.01 * variant, lower = -0.0011, upper = 0.0261 + 0.01 * variant },
            lossAdded = new { mean = 0.0277, lower = 0.0191, upper = 0.0363 },
        });
    }

    public async Task WriteFeaturesAsync(string layer, string source, int units)
    {
        string path = $"features/{layer}/{source}";
        int[] drawn = [.. Enumerable.Range(0, Pictures).Select(i => i * (units / Pictures))];
        foreach (int unit in drawn)
        {
            DrawFeature($"{path}/images/paper-{unit}.png", unit + source.Length, noisy: false);
            if (unit < drawn[3]) DrawFeature($"{path}/images/naive-{unit}.png", unit + source.Length, noisy: true);
            for (int rank = 0; rank < 6; rank++)
            {
                DrawExample($"{path}/images/example-{unit}-{rank}.png", unit + rank, rank);
                DrawExample($"{path}/images/heat-{unit}-{rank}.png", unit + rank, rank, heat: true);
            }
        }
        int[] all = [.. Enumerable.Range(0, units)];
        await WriteTableAsync($"{path}/features.parquet", units,
            ("unit", all),
            ("density", all.Select(unit => unit % 17 == 5 ? 0.0 : Math.Pow(10, -3.4 + 3 * Math.Abs(Math.Sin(unit)))).ToArray()),
            ("mean", all.Select(unit => 0.02f * (1 + unit % 5)).ToArray()),
            ("max", all.Select(unit => 12f - unit * 0.05f).ToArray()),
            ("picture", all.Select(unit => drawn.Contains(unit) ? $"images/paper-{unit}.png" : null).ToArray()),
            ("activation", all.Select(unit => drawn.Contains(unit) ? 20.0 - unit * 0.1 : (double?)null).ToArray()),
            ("preset", all.Select(unit => drawn.Contains(unit) ? "paper" : null).ToArray()));
        var rows = drawn.SelectMany(unit => Enumerable.Range(0, 6).Select(rank => (unit, rank))).ToArray();
        await WriteTableAsync($"{path}/examples.parquet", rows.Length,
            ("unit", rows.Select(row => row.unit).ToArray()),
            ("rank", rows.Select(row => row.rank).ToArray()),
            ("image", rows.Select(row => (string?)$"val/{row.unit * 10 + row.rank}").ToArray()),
            ("imageIndex", rows.Select(row => (long)(row.unit * 10 + row.rank)).ToArray()),
            ("label", rows.Select(row => (row.unit + row.rank) % Classes).ToArray()),
            ("value", rows.Select(row => 12f - row.unit * 0.05f - row.rank * 0.3f).ToArray()),
            ("y", rows.Select(_ => 3).ToArray()),
            ("x", rows.Select(_ => 4).ToArray()),
            ("crop", rows.Select(row => (string?)$"images/example-{row.unit}-{row.rank}.png").ToArray()));
    }

    public void WriteComparison(string layer, int number)
    {
        DrawExample($"features/{layer}/compare-{number}.png", 6, 1);
        object Unit(string source, int units, int i, bool least) => new
        {
            unit = i * (units / Pictures),
            magnitude = least ? (source == "neurons" ? 0.31 * i : 0) : 240.5 - 20 * i,
            picture = Stored($"{source}/images/paper-{i * (units / Pictures)}.png"),
            examples = Enumerable.Range(0, 3).Select(rank => new
            {
                image = $"val/{i * 10 + rank}",
                className = ClassName(i + rank),
                picture = Stored($"{source}/images/example-{i * (units / Pictures)}-{rank}.png"),
                value = 11.5 - rank,
            }),
        };
        object Ranking(string source, int units) => new
        {
            active = source == "neurons" ? units : 21,
            units,
            top = Enumerable.Range(0, Math.Min(5, Pictures)).Select(i => Unit(source, units, i, false)),
            least = Enumerable.Range(Math.Min(5, Pictures - 1), Math.Min(5, Pictures / 2)).Select(i => Unit(source, units, i, true)),
        };
        WriteJson($"features/{layer}/comparison-{number}.json", new
        {
            image = "val/6",
            className = ClassName(6),
            picture = Stored($"compare-{number}.png"),
            dictionary = "topk",
            model = Ranking("neurons", Neurons),
            sae = Ranking("topk", Latents),
        });
    }
}
