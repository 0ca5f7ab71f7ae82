using Fovea.Datasets;
using Fovea.Visualization;

namespace Fovea.Interpretation;

/// <summary>Makes the rows of <c>features.parquet</c> and <c>examples.parquet</c> (<see cref="TableFile"/>).</summary>
public static class FeatureTables
{
    /// <summary>File name of the table of features.</summary>
    public const string FeaturesName = "features.parquet";

    /// <summary>File name of the table of examples.</summary>
    public const string ExamplesName = "examples.parquet";

    /// <summary>Rows for every unit with its pictures, by unit and then in the order of <paramref name="pictures"/>.</summary>
    /// <param name="statistics">Every unit of the group.</param>
    /// <param name="pictures">The pictures made, with the file each was saved as.</param>
    /// <param name="scores">Of every unit; null where none were taken.</param>
    /// <param name="evidence">Of every picture, in their order; null where none was taken.</param>
    public static IReadOnlyList<FeatureRow> Features(GroupStatistics statistics, IEnumerable<(RenderResult Result, string File)> pictures,
        IReadOnlyList<UnitScores>? scores = null, IReadOnlyList<PictureScores>? evidence = null)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        var made = pictures.Select((picture, i) => (picture.Result, picture.File, Scores: evidence?[i])).ToLookup(picture => picture.Result.Unit);
        return
        [
            .. statistics.Units.SelectMany(unit => made[unit.Unit].DefaultIfEmpty().Select(picture => new FeatureRow
            {
                Unit = unit.Unit, Density = unit.Density, Mean = unit.Mean, Max = unit.Maximum, P999 = statistics.Histogram?.Quantile(unit.Unit, PictureReaction.Percentile), P999Active = ActivePercentile(statistics, unit.Unit),
                Selectivity = statistics.Classes?.Selectivity(unit.Unit), TopClass = statistics.Classes?.TopClass(unit.Unit), TopClassMean = TopClassMean(statistics, unit.Unit),
                Picture = picture.File, Activation = picture.Result?.Activation, Peak = picture.Result?.Peak, Preset = picture.Result?.Preset,
                Rank = picture.Scores?.Rank, SeedAgreement = picture.Scores?.SeedAgreement, SeedBaseline = picture.Scores?.SeedBaseline,
                OtherEvidence = picture.Scores?.OtherEvidence, OtherBaseline = picture.Scores?.OtherBaseline,
                Monosemanticity = scores?[unit.Unit].Monosemanticity, MonosemanticityShuffled = scores?[unit.Unit].MonosemanticityShuffled,
                Purity = scores?[unit.Unit].Purity, PurityShuffled = scores?[unit.Unit].PurityShuffled, Uniqueness = scores?[unit.Unit].Uniqueness,
                UniquenessRandom = scores?[unit.Unit].UniquenessRandom, BestFactor = scores?[unit.Unit].BestFactor, BestF1 = scores?[unit.Unit].BestF1, BestAuroc = scores?[unit.Unit].BestAuroc,
            })),
        ];
    }

    /// <summary>Rows for every example of every unit, the kinds in the order of <see cref="UnitStatistics.AllExamples"/>.</summary>
    /// <param name="statistics">Every unit of the group.</param>
    /// <param name="source">Where the images came from.</param>
    /// <param name="crops">The crop of a unit's example by kind and rank, relative to the table's folder; null where none was made.</param>
    public static IReadOnlyList<ExampleRow> Examples(GroupStatistics statistics, IImageSource source, IReadOnlyDictionary<(int Unit, string Kind, int Rank), string>? crops = null)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        ArgumentNullException.ThrowIfNull(source);
        return
        [
            .. statistics.Units.SelectMany(unit => unit.AllExamples.SelectMany(set => set.Examples.Select((example, rank) => new ExampleRow
            {
                Unit = unit.Unit, Kind = set.Kind, Rank = rank, Image = source.Id(example.Image), ImageIndex = example.Image, Label = source.Label(example.Image),
                Value = example.Value, Y = example.Y, X = example.X, Crop = crops?.GetValueOrDefault((unit.Unit, set.Kind, rank)),
            }))),
        ];
    }

    private static double? ActivePercentile(GroupStatistics statistics, int unit) =>
        statistics.Histogram is { } histogram && histogram.HasActive(unit) ? histogram.Quantile(unit, PictureReaction.Percentile, activeOnly: true) : null;

    private static double? TopClassMean(GroupStatistics statistics, int unit) =>
        statistics.Classes?.TopClass(unit) is { } top ? statistics.Classes.Mean(unit, top) : null;
}
