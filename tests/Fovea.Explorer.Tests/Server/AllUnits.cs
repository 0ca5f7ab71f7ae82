using System.Globalization;
using Fovea.Interpretation;

namespace Fovea.Explorer.Tests.Server;

/// <summary>Tables in which every unit of a source has its numbers and its examples, and few have pictures, as stage 4 leaves them.</summary>
internal static class AllUnits
{
    /// <summary>Adds the units that the made-up run has no rows for.</summary>
    /// <param name="run">A run with evidence.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="source">The dictionary.</param>
    /// <param name="pictured">How many units of the run's own rows are kept.</param>
    public static void Write(RunFolderFixture run, string layer, string source, int pictured)
    {
        string folder = run.PathOf(RunLayout.Units(layer, source));
        string features = Path.Combine(folder, FeatureTables.FeaturesName), examples = Path.Combine(folder, FeatureTables.ExamplesName);
        FeatureRow[] drawn = [.. TableFile.Read<FeatureRow>(features)];
        HashSet<int> kept = [.. drawn.Select(row => row.Unit).Distinct().Take(pictured)];
        TableFile.Write(features, [.. Enumerable.Range(0, RunFolderFixture.Latents).SelectMany(unit => kept.Contains(unit)
            ? drawn.Where(row => row.Unit == unit) : [Row(unit)])]);
        ILookup<int, ExampleRow> shown = TableFile.Read<ExampleRow>(examples).ToLookup(row => row.Unit);
        TableFile.Write(examples, [.. Enumerable.Range(0, RunFolderFixture.Latents).SelectMany(unit => kept.Contains(unit)
            ? shown[unit] : Examples(unit))]);
        // What the server asks for: something of the run has changed.
        StageRecord.Create($"features {layer}/{source}", new MadeUp(pictured)).Write(folder);
        Thread.Sleep(400);
    }

    public static FeatureRow Row(int unit) => new()
    {
        Unit = unit,
        Density = unit % 7 == 3 ? 0 : 0.0005 * (1 + unit * 37 % 101),
        Mean = 0.01 * (unit * 13 % 29),
        Max = unit * 7 % 31,
        P999 = unit % 5 == 0 ? 0 : 2 + unit % 11,
        P999Active = 3 + unit % 11,
        Selectivity = unit % 6 == 1 ? null : unit * 17 % 97 / 97.0,
        TopClass = unit % RunFolderFixture.Classes,
        TopClassMean = 0.25 * (unit % 9),
        BestFactor = unit % 2 == 0 ? "shape=circle" : "texture=striped",
        BestF1 = unit * 5 % 23 / 23.0,
    };

    private static IEnumerable<ExampleRow> Examples(int unit) =>
        ((string[])[ExampleKinds.Top, ExampleKinds.Top, ExampleKinds.Random, ExampleKinds.Near]).Select((kind, i) => new ExampleRow
        {
            Unit = unit,
            Kind = kind,
            Rank = i,
            Image = string.Create(CultureInfo.InvariantCulture, $"val/{unit}-{i}"),
            ImageIndex = unit * 4 + i,
            Label = (unit + i) % RunFolderFixture.Classes,
            Value = 5 - i,
            Y = i,
            X = i,
        });

    private sealed record MadeUp(int Number) : StageInputs(1, 0);
}
