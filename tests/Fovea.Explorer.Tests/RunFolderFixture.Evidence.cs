using Fovea.Checkpoints;

namespace Fovea.Explorer.Tests;

/// <summary>What the visualisation engine leaves beside the pictures: several presets, scores, evidence, gradient flow, truth, class activation maps.</summary>
public sealed partial class RunFolderFixture
{
    public const int Bins = 20, Grid = 7;
    public static readonly string[] Presets = ["naive", "paper", "lucid", "maco"];

    /// <summary>A small run with everything, on one layer.</summary>
    public static async Task<RunFolderFixture> EvidencedAsync()
    {
        RunFolderFixture run = await SmallAsync();
        string layer = Layers[0];
        await run.WriteEvidenceAsync(layer, Dictionaries[0], Latents);
        run.WriteFlow(layer);
        run.WriteTruth(layer);
        run.WriteClasses();
        run.WriteCams(layer);
        run.WriteJson($"features/{layer}/comparison-0.json", new
        {
            className = ClassName(6),
            dictionary = Dictionaries[0],
            model = new { active = 48, units = 48, top20 = new { related = 5, distinct = 4 }, top = new[] { new { unit = 0, magnitude = 9.5 } } },
            sae = new { active = 21, units = Latents, top20 = new { related = 8, distinct = 6 }, top = new[] { new { unit = 48, magnitude = 7.25 } } },
        });
        return run;
    }

    /// <summary>Replaces the tables of a source by those of the new form, with every column.</summary>
    public async Task WriteEvidenceAsync(string layer, string source, int units)
    {
        string path = $"features/{layer}/{source}";
        int[] drawn = [.. Enumerable.Range(0, Pictures).Select(i => i * (units / Pictures))];
        var rows = drawn.SelectMany((unit, turn) => Presets.Select((preset, p) => (Unit: unit, Turn: turn, Preset: preset, P: p))).ToArray();
        foreach (var row in rows) DrawFeature($"{path}/images/{row.Preset}-{row.Unit}.png", row.Unit + 3 * row.P, noisy: row.P == 0);
        foreach (int unit in drawn)
            WriteJson($"{path}/images/lucid-{unit}.json", new { unit, preset = "lucid", objective = "the latent's pre-activation", steps = 256, learningRate = 0.05, curve = new[] { 0.1, 0.5 }, transforms = new[] { new { name = "jitter", pixels = 8 } } });
        T[] Column<T>(Func<(int Unit, int Turn, string Preset, int P), T> of) => [.. rows.Select(of)];
        await WriteTableAsync($"{path}/features.parquet", rows.Length,
            ("unit", Column(row => row.Unit)),
            ("density", Column(row => 0.001 * (1 + row.Turn * 7 % 4))),
            ("mean", Column(row => 0.02f)),
            ("max", Column(row => 12f - row.Turn)),
            ("picture", Column(row => (string?)$"images/{row.Preset}-{row.Unit}.png")),
            ("activation", Column(row => (double?)(2.0 + row.P))),
            ("peak", Column(row => (double?)(4.0 + 4 * row.P))),
            ("preset", Column(row => (string?)row.Preset)),
            // The third unit is active too seldom for a percentile of all positions.
            ("p999", Column(row => (double?)(row.Turn == 2 ? 0 : 4))),
            ("p999Active", Column(row => (double?)8)),
            ("selectivity", Column(row => row.Turn == 1 ? null : (double?)(0.9 - 0.2 * row.Turn))),
            ("topClass", Column(row => (int?)(row.Unit % Classes))),
            ("topClassMean", Column(row => (double?)1.5)),
            ("monosemanticity", Column(row => (double?)(0.61 + 0.01 * row.Turn))),
            ("monosemanticityShuffled", Column(row => (double?)0.213)),
            ("purity", Column(row => (double?)0.75)),
            ("purityShuffled", Column(row => (double?)0.125)),
            ("uniqueness", Column(row => (double?)0.88)),
            ("uniquenessRandom", Column(row => (double?)0.97)),
            ("bestFactor", Column(row => (string?)"shape=circle & <b>")),
            ("bestF1", Column(row => (double?)0.71)),
            ("bestAuroc", Column(row => (double?)0.953)),
            ("seedAgreement", Column(row => row.P == 2 ? (double?)0.64 : null)),
            ("seedBaseline", Column(row => row.P == 2 ? (double?)0.31 : null)),
            ("otherEvidence", Column(row => row.P is 1 or 2 ? (double?)0.375 : null)),
            ("otherBaseline", Column(row => row.P is 1 or 2 ? (double?)0.005 : null)),
            ("rank", Column(row => row.P == 0 ? null : (int?)row.P)));
        await WriteExamplesAsync(path, drawn);
        float[] Fill(int size, Func<int, int, double> value) => [.. Enumerable.Range(0, units).SelectMany(unit => Enumerable.Range(0, size).Select(i => (float)value(unit, i)))];
        Safetensors.Write(PathOf($"{path}/evidence.safetensors"),
        [
            SafetensorsEntry.Of("histogram", Fill(Bins, (unit, bin) => Math.Round(20000 * Math.Exp(-0.55 * bin) - 1)), units, Bins),
            SafetensorsEntry.Of("histogram_edges", Enumerable.Range(0, Bins + 1).Select(i => 0.5f * i).ToArray(), Bins + 1),
            SafetensorsEntry.Of("grid_mean", Fill(Grid * Grid, (unit, i) => 0.1 * ((i + unit) % 9)), units, Grid, Grid),
            SafetensorsEntry.Of("grid_rate", Fill(Grid * Grid, (unit, i) => i == 2 * Grid + 4 ? 0.415 : 0.01 * (i % Grid)), units, Grid, Grid),
            SafetensorsEntry.Of("class_means", Fill(Classes, (unit, label) => label == unit % Classes ? 1.5 : 0.01 * label), units, Classes),
            SafetensorsEntry.Of("logit_weights", Fill(Classes, (unit, label) => (label - 11) * 0.125), units, Classes),
        ]);
    }

    private async Task WriteExamplesAsync(string path, int[] drawn)
    {
        (string Kind, int Count)[] kinds = [("near", 3), ("top", 6), ("band-50", 3), ("band-99", 3), ("random", 4), ("band-90", 3)];
        var rows = drawn.SelectMany(unit => kinds.SelectMany(kind => Enumerable.Range(0, kind.Count).Select(rank => (Unit: unit, kind.Kind, Rank: rank)))).ToArray();
        foreach (var row in rows)
        {
            DrawExample($"{path}/images/{row.Kind}-{row.Unit}-{row.Rank}.png", row.Unit + row.Rank, row.Rank);
            DrawExample($"{path}/images/{row.Kind}-heat-{row.Unit}-{row.Rank}.png", row.Unit + row.Rank, row.Rank, heat: true);
        }
        await WriteTableAsync($"{path}/examples.parquet", rows.Length,
            ("unit", rows.Select(row => row.Unit).ToArray()),
            ("kind", rows.Select(row => (string?)row.Kind).ToArray()),
            ("rank", rows.Select(row => row.Rank).ToArray()),
            ("image", rows.Select(row => (string?)$"val/{row.Unit * 10 + row.Rank}").ToArray()),
            ("label", rows.Select(row => (row.Unit + row.Rank) % Classes).ToArray()),
            ("value", rows.Select(row => row.Kind == "near" ? 0f : 12f - row.Rank).ToArray()),
            ("crop", rows.Select(row => (string?)$"images/{row.Kind}-{row.Unit}-{row.Rank}.png").ToArray()),
            ("heat", rows.Select(row => (string?)$"images/{row.Kind}-heat-{row.Unit}-{row.Rank}.png").ToArray()));
    }

    public void WriteFlow(string layer)
    {
        int[] steps = [5, 10, 50, 100, 200, 500];
        object Network(string name, int unit, double slope) => new
        {
            name,
            curve = Enumerable.Range(0, 500).Select(step => slope * Math.Log(1 + step)),
            snapshots = steps.Select(step =>
            {
                DrawFeature($"features/{layer}/flow/{name}-{unit}-{step}.png", unit + step / 10, noisy: name == "standard");
                return new { step, picture = Stored($"flow/{name}-{unit}-{step}.png"), activation = slope * Math.Log(1 + step) };
            }),
        };
        WriteJson($"features/{layer}/flow.json", new
        {
            schema = 1,
            preset = "paper",
            units = new object[]
            {
                new { source = "neurons", unit = 12, networks = new[] { Network("standard", 12, 0.4), Network("modified", 12, 1.1) } },
                new { source = Dictionaries[0], unit = 48, networks = new[] { Network("standard", 48, 0.2), Network("modified", 48, 0.9) } },
            },
        });
    }

    public void WriteClasses()
    {
        foreach (int label in (int[])[2, 7]) DrawFeature($"features/classes/paper-{label}.png", label, noisy: false);
        WriteJson("features/classes.json", new
        {
            schema = 1,
            preset = "paper",
            classes = new[] { 2, 7 }.Select(label => new { index = label, name = ClassName(label), picture = Stored($"classes/paper-{label}.png"), logit = 10.25 + label }),
        });
    }

    public void WriteTruth(string layer)
    {
        object Group(string name, int units, double f1, int unit) => new
        {
            name,
            units,
            meanBestF1 = f1,
            standardError = 0.012,
            meanBestAuroc = f1 + 0.1,
            factors = new[] { new { name = "shape=circle", unit, f1 = f1 + 0.05, auroc = 0.97 }, new { name = "texture=striped", unit = unit + 1, f1 = f1 - 0.05, auroc = 0.91 } },
        };
        WriteJson($"features/{layer}/truth.json", new { schema = 1, groups = new[] { Group(Dictionaries[0], Latents, 0.731, 48), Group("neurons", Neurons, 0.517, 12), Group("random", Latents, 0.402, 7) } });
    }

    public void WriteCams(string layer)
    {
        string[] methods = ["Grad-CAM", "HiResCAM", "LayerCAM", "Eigen-CAM"];
        WriteJson($"cams/{layer}/cams.json", new
        {
            report = new
            {
                layer,
                images = 500,
                methods = methods.Select((name, i) => new { name, formula = "Σ_k w_k A_k", allZero = i == 0 ? 0.718 : 0.02 * i, negativeSum = 0.3, positiveArea = 0.25 }),
            },
            examples = Enumerable.Range(0, 2).Select(n =>
            {
                DrawExample($"cams/{layer}/{n}.png", n * 5, n);
                return new
                {
                    image = $"val/{n}",
                    className = ClassName(n * 5),
                    input = Stored($"{n}.png"),
                    overlays = methods.Select((method, i) =>
                    {
                        DrawExample($"cams/{layer}/{n}-{i}.png", n * 5, n, heat: true);
                        return (method, picture: Stored($"{n}-{i}.png"));
                    }).ToDictionary(overlay => overlay.method, overlay => overlay.picture),
                };
            }),
        });
    }
}
