using Fovea.Checkpoints;
using Fovea.Interpretation;

namespace Fovea.Explorer.Tests;

/// <summary>
/// What the visualisation engine leaves beside the pictures: several presets, scores, evidence, gradient flow, truth, class activation
/// maps.
/// </summary>
public sealed partial class RunFolderFixture
{
    public const int Bins = 20, Grid = 7;
    public static readonly string[] Presets = ["naive", "paper", "lucid", "maco"];

    /// <summary>A small run with everything, on one layer.</summary>
    public static RunFolderFixture Evidenced() => CopyOf("evidenced", new RunFolderFixture { Pictures = FewPictures }, run =>
    {
        run.Fill(Layers[..1], Dictionaries[..1]);
        string layer = Layers[0];
        run.WriteEvidence(layer, Dictionaries[0], Latents);
        run.WriteComparison(layer, 0);
        run.WriteFlow(layer);
        run.WriteTruth(layer);
        run.WriteClasses();
        run.WriteCams(layer);
        run.WriteShortcuts(layer);
    });

    /// <summary>Replaces the tables of a source by those of several presets, with every column.</summary>
    public void WriteEvidence(string layer, string source, int units)
    {
        string path = RunLayout.Units(layer, source);
        int[] drawn = Drawn(units);
        var rows = drawn.SelectMany((unit, turn) => Presets.Select((preset, p) => (Unit: unit, Turn: turn, Preset: preset, P: p)))
            .ToArray();
        foreach (var row in rows) DrawFeature($"{path}/drawn/{row.Preset}-{row.Unit}.png", row.Unit + 3 * row.P, noisy: row.P == 0);
        Pack(path, "pictures");
        DocumentFile.WriteLines(
            PathOf(RunLayout.Pictures(layer, source)),
                drawn.Select(unit => Record(layer, source, unit) with { Picture = Packed(path, $"lucid-{unit}") }));
        TableFile.Write(PathOf($"{path}/{FeatureTables.FeaturesName}"), [.. rows.Select(row => new FeatureRow
        {
            Unit = row.Unit,
            Density = 0.001 * (1 + row.Turn * 7 % 4),
            Mean = 0.02,
            Max = 12 - row.Turn,
            Activation = 2.0 + row.P,
            Peak = 4.0 + 4 * row.P,
            Preset = row.Preset,
            // The third unit is active too seldom for a percentile of all positions.
            P999 = row.Turn == 2 ? 0 : 4,
            P999Active = 8,
            Selectivity = row.Turn == 1 ? null : 0.9 - 0.2 * row.Turn,
            TopClass = row.Unit % Classes,
            TopClassMean = 1.5,
            Monosemanticity = 0.61 + 0.01 * row.Turn,
            MonosemanticityShuffled = 0.213,
            Purity = 0.75,
            PurityShuffled = 0.125,
            Uniqueness = 0.88,
            UniquenessRandom = 0.97,
            BestFactor = "shape=circle & <b>",
            BestF1 = 0.71,
            BestAuroc = 0.953,
            SeedAgreement = row.P == 2 ? 0.64 : null,
            SeedBaseline = row.P == 2 ? 0.31 : null,
            OtherEvidence = row.P is 1 or 2 ? 0.375 : null,
            OtherBaseline = row.P is 1 or 2 ? 0.005 : null,
            Rank = row.P == 0 ? null : row.P,
        }.At(Packed(path, $"{row.Preset}-{row.Unit}")))]);
        WriteExamples(path, drawn);
        float[] Fill(int size, Func<int, int, double> value) =>
            [.. Enumerable.Range(0, units).SelectMany(unit => Enumerable.Range(0, size).Select(i => (float)value(unit, i)))];
        long[] counts =
            [.. Enumerable.Range(0, units * Bins).Select(i => (long)Math.Max(0, Math.Round(20000 * Math.Exp(-0.55 * (i % Bins)) - 1)))];
        Safetensors.Write(PathOf($"{path}/{EvidenceTensors.FileName}"),
        [
            SafetensorsEntry.Of(EvidenceTensors.Histogram, counts, units, Bins),
            SafetensorsEntry.Of(EvidenceTensors.HistogramEdges, Enumerable.Range(0, Bins + 1).Select(i => 0.5f * i).ToArray(), Bins + 1),
            SafetensorsEntry.Of(EvidenceTensors.GridMean, Fill(Grid * Grid, (unit, i) => 0.1 * ((i + unit) % 9)), units, Grid, Grid),
            SafetensorsEntry.Of(
                EvidenceTensors.GridRate, Fill(Grid * Grid, (unit, i) => i == 2 * Grid + 4 ? 0.415 : 0.01 * (i % Grid)), units, Grid, Grid),
            SafetensorsEntry.Of(
                EvidenceTensors.ClassMeans, Fill(Classes, (unit, label) => label == unit % Classes ? 1.5 : 0.01 * label), units, Classes),
            SafetensorsEntry.Of(EvidenceTensors.LogitWeights, Fill(Classes, (unit, label) => (label - 11) * 0.125), units, Classes),
        ], TensorSchema.Of(EvidenceTensors.Schema));
    }

    private static PictureRecord Record(string layer, string source, int unit) => new()
    {
        Unit = unit,
        Layer = layer,
        Source = source,
        Preset = "lucid",
        Objective = "the latent's pre-activation",
        Parameterization = "frequencies",
        Transforms = ["jitter by up to 8 px"],
        Steps = 256,
        LearningRate = 0.05,
        TotalVariation = 0,
        Blur = 0,
        Seed = 7,
        Activation = 4,
        Peak = 12,
        Curve = [0.1, 0.5],
        Size = 0,
        BatchSize = 4,
    };

    private void WriteExamples(string path, int[] drawn)
    {
        (string Kind, int Count)[] kinds =
            [(ExampleKinds.Near, 3), (ExampleKinds.Top, 6), (ExampleKinds.Band(50), 3), (ExampleKinds.Band(75), 3),
                (ExampleKinds.Random, 4), (ExampleKinds.Band(90), 3)];
        var rows = drawn.SelectMany(
            unit => kinds.SelectMany(kind => Enumerable.Range(0, kind.Count).Select(rank => (Unit: unit, kind.Kind, Rank: rank))))
                .ToArray();
        foreach (var row in rows) DrawPair(path, row.Unit, row.Kind, row.Rank);
        Pack(path, "top");
        TableFile.Write(PathOf($"{path}/{FeatureTables.ExamplesName}"),
            [.. rows.Select(row => Example(path, row.Unit, row.Kind, row.Rank, row.Kind == ExampleKinds.Near ? 0f : 12f - row.Rank))]);
    }

    public void WriteFlow(string layer)
    {
        int[] steps = [5, 10, 50, 100, 200, 500];
        FlowNetwork Network(string name, int unit, double slope) =>
            new(name, [.. Enumerable.Range(0, 500).Select(step => slope * Math.Log(1 + step))], [.. steps.Select(step =>
        {
            DrawFeature($"features/{layer}/flow/{name}-{unit}-{step}.png", unit + step / 10, noisy: name == "standard");
            return new FlowSnapshot(step, Stored($"flow/{name}-{unit}-{step}.png", FeatureSide), slope * Math.Log(1 + step));
        })]);
        Write(RunLayout.Flow(layer), new FlowDocument("paper",
        [
            new FlowUnit(RunLayout.Neurons, 12, [Network("standard", 12, 0.4), Network("modified", 12, 1.1)]),
            new FlowUnit(Dictionaries[0], 48, [Network("standard", 48, 0.2), Network("modified", 48, 0.9)]),
        ]));
    }

    public void WriteClasses()
    {
        foreach (int label in (int[])[2, 7]) DrawFeature($"features/classes/paper-{label}.png", label, noisy: false);
        Write(RunLayout.Classes, new ClassPicturesDocument("paper",
            [.. new[] { 2, 7 }.Select(
                label => new ClassPicture(label, ClassName(label), Stored($"classes/paper-{label}.png", FeatureSide), 10.25 + label))]));
    }

    public void WriteTruth(string layer)
    {
        TruthGroup Group(string name, int units, double f1, int unit) => new()
        {
            Name = name,
            Units = units,
            Silent = 0,
            MeanBestF1 = f1,
            StandardError = 0.012,
            ShuffledBestF1 = 0.1,
            FloorF1 = 0.1,
            Live = units,
            LiveBestF1 = f1,
            MeanBestAuroc = f1 + 0.1,
            Factors = [new TruthFactor("shape=circle", unit, f1 + 0.05, 0.97, 0.2),
                new TruthFactor("texture=striped", unit + 1, f1 - 0.05, 0.91, 0.2)],
        };
        Write(RunLayout.Truth(layer),
            new TruthDocument(
                500, [Group(Dictionaries[0], Latents, 0.731, 48), Group(RunLayout.Neurons, Neurons, 0.517, 12),
                    Group("random", Latents, 0.402, 7)]));
    }

    public void WriteCams(string layer)
    {
        string[] methods = ["Grad-CAM", "HiResCAM", "LayerCAM", "Eigen-CAM"];
        double[][] similar = [.. methods.Select(_ => methods.Select(_ => 0.5).ToArray())];
        Write(RunLayout.Cams(layer), new CamsDocument(
            new CamReport
            {
                Layer = layer,
                Grid = [Grid, Grid],
                Images = 500,
                Top1 = 0.9,
                Class = CamClass.True,
                Methods = [.. methods.Select(
                    (name, i) => new CamSummary(name, "Σ_k w_k A_k", i == 0 ? 0.718 : 0.02 * i, 0.1, 0.05, 0.3, null, null, 0.25))],
                Cosine = similar,
                Spearman = similar,
            },
            [.. Enumerable.Range(0, 2).Select(n =>
            {
                DrawExample($"cams/{layer}/{n}.png", n * 5, n);
                return new CamExample(
                    $"val/{n}", ClassName(n * 5), ClassName(n * 5), ClassName(n * 5), Stored($"{n}.png"), methods.Select((method, i) =>
                {
                    DrawExample($"cams/{layer}/{n}-{i}.png", n * 5, n, heat: true);
                    return (Method: method, Picture: Stored($"{n}-{i}.png"));
                }).ToDictionary(overlay => overlay.Method, overlay => overlay.Picture), []);
            })], null));
    }

    public void WriteShortcuts(string layer)
    {
        static IntervalEstimate About(double value) => new(value, value - 0.1, value + 0.05);
        static MutingOutcome Outcome(string name, int size, double worst, double? won) => new()
        {
            Name = name,
            Size = size,
            Groups = [.. from ofClass in (bool[])[true, false]
                         from inGroup in (bool[])[true, false]
                         select new GroupAccuracy(ofClass, inGroup, ofClass ? 40 : 960, About(ofClass || !inGroup ? 0.9 : worst))],
            Worst = About(worst),
            Balanced = About((2.7 + worst) / 4),
            WorstGain = About(worst - 0.4),
            BalancedGain = About((worst - 0.4) / 4),
            WorstWonBack = won is { } share ? About(share) : null,
            BalancedWonBack = won is { } other ? About(other) : null,
        };
        ShortcutPicture[] pictures = [.. Enumerable.Range(0, 2).Select(n =>
        {
            DrawExample($"shortcuts/{layer}/units-00000000/48-{n}.png", n, n, heat: true);
            return new ShortcutPicture($"val/{n}", ClassName(n), n == 0, 1.5, Stored($"units-00000000/48-{n}.png"));
        })];
        ShortcutUnit unit = new()
        {
            Unit = 48,
            Effect = About(1.25),
            Alignment = About(0.9),
            Background = 0.97,
            Consistency = 0.88,
            Active = 0.5,
            Pictures = pictures,
        };
        Write(RunLayout.Shortcuts(layer), new ShortcutsDocument
        {
            Layer = layer,
            Group = "boats",
            Background = "masks",
            BackgroundArea = 0.75,
            FoldImages = 2000,
            TestImages = 2001,
            Exact = true,
            Shifts = [new ClassShift(3, ClassName(3), About(0.4))],
            Classes =
            [
                new ClassShortcuts
                {
                    Class = 3,
                    Name = ClassName(3),
                    Sources =
                    [
                        new ShortcutSource("neurons", 48, 0, [unit with { Unit = 7, Effect = About(0.5), Pictures = [] }]),
                        new ShortcutSource("topk", 192, 1, [unit, unit with { Unit = 5, Effect = About(0.1), Pictures = [] }]),
                    ],
                    Outcomes = [Outcome("as it is", 0, 0.4, 0), Outcome("1 latent of topk muted", 1, 0.7, 0.75)],
                    Reference = Outcome("reference network", 0, 0.8, 1),
                },
            ],
        });
    }
}
