using System.Reflection;
using System.Text.Json.Serialization;
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

    /// <summary>The columns of <c>features.parquet</c>: the name of each and its value in a row.</summary>
    public static IReadOnlyList<(string Name, Func<FeatureRow, object?> Value)> FeatureColumns { get; } =
        [.. typeof(FeatureRow).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Select(property => (property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name, property))
            .Where(one => one.Name is not null)
            .Select(one => (one.Name!, new Func<FeatureRow, object?>(row => one.property.GetValue(row))))];

    /// <summary>Some rows as the bytes of such a table.</summary>
    public static byte[] FeaturesTable(IReadOnlyList<FeatureRow> rows) => TableFile.Bytes(rows);

    /// <summary>Rows for every unit with its pictures, by unit and then in the order of <paramref name="pictures"/>.</summary>
    /// <param name="statistics">Every unit of the group.</param>
    /// <param name="pictures">The pictures made, with the place of each, relative to the table's folder.</param>
    /// <param name="scores">Of every unit; null where none were taken.</param>
    /// <param name="evidence">Of every picture, in their order; null where none was taken.</param>
    public static IReadOnlyList<FeatureRow> Features(
        GroupStatistics statistics, IEnumerable<(RenderResult Result, StoredPicture Place)> pictures,
        IReadOnlyList<UnitScores>? scores = null, IReadOnlyList<PictureScores>? evidence = null)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        var made = pictures.Select((picture, i) => (picture.Result, picture.Place, Scores: evidence?[i]))
            .ToLookup(picture => picture.Result.Unit);
        return
        [
            .. statistics.Units.SelectMany(unit => made[unit.Unit].DefaultIfEmpty().Select(picture => new FeatureRow
            {
                Unit = unit.Unit, Density = unit.Density, Mean = unit.Mean, Max = unit.Maximum,
                    P999 = statistics.Histogram?.Quantile(unit.Unit, PictureReaction.Percentile),
                        P999Active = ActivePercentile(statistics, unit.Unit),
                Selectivity = statistics.Classes?.Selectivity(unit.Unit), TopClass = statistics.Classes?.TopClass(unit.Unit),
                    TopClassMean = TopClassMean(statistics, unit.Unit),
                Picture = picture.Place?.File, PictureLeft = picture.Place?.Left, PictureTop = picture.Place?.Top,
                    PictureWidth = picture.Place?.Width,
                PictureHeight = picture.Place?.Height, Activation = picture.Result?.Activation, Peak = picture.Result?.Peak,
                    Preset = picture.Result?.Preset,
                Rank = picture.Scores?.Rank, SeedAgreement = picture.Scores?.SeedAgreement, SeedBaseline = picture.Scores?.SeedBaseline,
                OtherEvidence = picture.Scores?.OtherEvidence, OtherBaseline = picture.Scores?.OtherBaseline,
                Monosemanticity = scores?[unit.Unit].Monosemanticity, MonosemanticityShuffled = scores?[unit.Unit].MonosemanticityShuffled,
                Purity = scores?[unit.Unit].Purity, PurityShuffled = scores?[unit.Unit].PurityShuffled,
                    Uniqueness = scores?[unit.Unit].Uniqueness,
                UniquenessRandom = scores?[unit.Unit].UniquenessRandom, BestFactor = scores?[unit.Unit].BestFactor,
                    BestF1 = scores?[unit.Unit].BestF1, BestAuroc = scores?[unit.Unit].BestAuroc,
            })),
        ];
    }

    /// <summary>Rows for every example of every unit, the kinds in the order of <see cref="UnitStatistics.AllExamples"/>.</summary>
    /// <param name="statistics">Every unit of the group.</param>
    /// <param name="source">Where the images came from.</param>
    /// <param name="pictures">The pictures of examples, relative to the table's folder; null where none were made.</param>
    public static IReadOnlyList<ExampleRow> Examples(
        GroupStatistics statistics, IImageSource source, IEnumerable<ExamplePicture>? pictures = null)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        ArgumentNullException.ThrowIfNull(source);
        var places = (pictures ?? []).ToDictionary(one => (one.Unit, one.Kind, one.Rank));
        return
        [
            .. statistics.Units.SelectMany(
                unit => unit.AllExamples.SelectMany(
                    set => set.Examples.Select((example, rank) => Row(unit.Unit, set.Kind, rank, example)))),
        ];

        ExampleRow Row(int unit, string kind, int rank, TopExample example)
        {
            ExamplePicture? made = places.GetValueOrDefault((unit, kind, rank));
            StoredPicture? crop = made?.Crop, heat = made?.Heat;
            return new ExampleRow
            {
                Unit = unit,
                Kind = kind,
                Rank = rank,
                Image = source.Id(example.Image),
                ImageIndex = example.Image,
                Label = source.Label(example.Image),
                Value = example.Value,
                Mean = kind == ExampleKinds.Near ? null : example.Mean,
                Y = example.Y,
                X = example.X,
                Crop = crop?.File,
                CropLeft = crop?.Left,
                CropTop = crop?.Top,
                CropWidth = crop?.Width,
                CropHeight = crop?.Height,
                Heat = heat?.File,
                HeatLeft = heat?.Left,
                HeatTop = heat?.Top,
                HeatWidth = heat?.Width,
                HeatHeight = heat?.Height,
            };
        }
    }

    private static double? ActivePercentile(GroupStatistics statistics, int unit) =>
        statistics.Histogram is { } histogram && histogram.HasActive(unit)
            ? histogram.Quantile(unit, PictureReaction.Percentile, activeOnly: true) : null;

    private static double? TopClassMean(GroupStatistics statistics, int unit) =>
        statistics.Classes?.TopClass(unit) is { } top ? statistics.Classes.Mean(unit, top) : null;
}
