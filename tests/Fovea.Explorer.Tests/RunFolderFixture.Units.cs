using Fovea.Interpretation;

namespace Fovea.Explorer.Tests;

/// <summary>Units with their pictures and examples, and comparisons of them.</summary>
public sealed partial class RunFolderFixture
{
    public void WriteFeatures(string layer, string source, int units)
    {
        string path = RunLayout.Units(layer, source);
        int[] drawn = Drawn(units);
        foreach (int unit in drawn)
        {
            DrawFeature($"{path}/drawn/paper-{unit}.png", unit + source.Length, noisy: false);
            if (IsNaive(unit)) DrawFeature($"{path}/drawn/naive-{unit}.png", unit + source.Length, noisy: true);
        }
        Pack(path, "pictures");
        foreach (int unit in drawn)
        {
            for (int rank = 0; rank < 6; rank++) DrawPair(path, unit, ExampleKinds.Top, rank);
        }
        Pack(path, "top");
        TableFile.Write(
            PathOf($"{path}/{FeatureTables.FeaturesName}"), [.. Enumerable.Range(0, units).SelectMany(unit => (drawn.Contains(unit)
            ? IsNaive(unit) ? new string?[] { "naive", "paper" } : ["paper"] : [null]).Select(preset => new FeatureRow
            {
                Unit = unit,
                Density = unit % 17 == 5 ? 0.0 : Math.Pow(10, -3.4 + 3 * Math.Abs(Math.Sin(unit))),
                Mean = 0.02 * (1 + unit % 5),
                Max = 12 - unit * 0.05,
                Activation = preset is null ? null : 20 - unit * 0.1,
                Preset = preset,
            }.At(preset is null ? null : Packed(path, $"{preset}-{unit}"))))]);
        TableFile.Write(PathOf($"{path}/{FeatureTables.ExamplesName}"),
            [.. drawn.SelectMany(
                unit => Enumerable.Range(0, 6)
                    .Select(rank => Example(path, unit, ExampleKinds.Top, rank, 12f - unit * 0.05f - rank * 0.3f)))]);

        bool IsNaive(int unit) => unit < drawn[3];
    }

    private int[] Drawn(int units) => [.. Enumerable.Range(0, Pictures).Select(i => i * (units / Pictures))];

    private ExampleRow Example(string path, int unit, string kind, int rank, float value) => new ExampleRow
    {
        Unit = unit,
        Kind = kind,
        Rank = rank,
        Image = $"val/{unit * 10 + rank}",
        ImageIndex = unit * 10 + rank,
        Label = (unit + rank) % Classes,
        Value = value,
        Y = 3,
        X = 4,
    }.At(Packed(path, $"crop-{unit}-{kind}-{rank}"), Packed(path, $"heat-{unit}-{kind}-{rank}"));

    /// <summary>An example's crop and the image with heat.</summary>
    private void DrawPair(string path, int unit, string kind, int rank)
    {
        DrawExample($"{path}/drawn/crop-{unit}-{kind}-{rank}.png", unit + rank, rank);
        DrawExample($"{path}/drawn/heat-{unit}-{kind}-{rank}.png", unit + rank, rank, heat: true);
    }

    public void WriteComparison(string layer, int number)
    {
        DrawExample($"features/{layer}/compare-{number}.png", 6, 1);
        ComparedUnit Unit(string source, int units, int i, bool least)
        {
            int unit = i * (units / Pictures);
            return new ComparedUnit(
                unit, least ? (source == RunLayout.Neurons ? 0.31 * i : 0)
                    : 240.5 - 20 * i, Find(RunLayout.Units(layer, source), $"paper-{unit}")?.Below(source),
                [.. Enumerable.Range(0, 3)
                    .Select(rank =>
                        new ComparedExample(
                            $"val/{i * 10 + rank}", ClassName(i + rank),
                                Find(RunLayout.Units(layer, source), $"crop-{unit}-{ExampleKinds.Top}-{rank}")?.Below(source), 11.5
                                    - rank))]);
        }

        ComparedGroup Ranking(string source, int units, RelatedUnits? related) =>
            new(source == RunLayout.Neurons ? units : 21, units, related,
            [.. Enumerable.Range(0, Math.Min(5, Pictures)).Select(i => Unit(source, units, i, false))],
            [.. Enumerable.Range(Math.Min(5, Pictures - 1), Math.Min(5, Pictures / 2)).Select(i => Unit(source, units, i, true))]);
        Write(RunLayout.Comparison(layer, number), new ComparisonDocument
        {
            Image = "val/6",
            ClassName = ClassName(6),
            Picture = Stored($"compare-{number}.png"),
            Dictionary = "topk",
            Model = Ranking(RunLayout.Neurons, Neurons, new RelatedUnits(20, 5, 4, 1.5, [[0], [4]], [ClassName(0), ClassName(4)])),
            Sae = Ranking("topk", Latents, new RelatedUnits(20, 8, 6, 1.5, [[0, 48]], [.. Enumerable.Range(0, 9).Select(ClassName)])),
        });
    }
}
