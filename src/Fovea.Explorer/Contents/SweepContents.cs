namespace Fovea.Explorer.Contents;

/// <summary>One dictionary of a sweep, its measures averaged over folds.</summary>
/// <param name="Point">The dictionary.</param>
/// <param name="Measures">By the filter whose held-out draws they are of.</param>
public sealed record ShownPoint(SweepPoint Point, IReadOnlyDictionary<string, SweepMeasure> Measures);

/// <summary>What a dictionary does to held-out vectors: means over those folds that have the number, null where none has.</summary>
/// <param name="Fvu">Fraction of variance unexplained.</param>
/// <param name="L0">Active latents a vector.</param>
/// <param name="DeadFraction">Share of the latents that never are.</param>
/// <param name="DenseFraction">Share of those that are in more than a tenth of the vectors.</param>
/// <param name="ActiveUnitsDrop">How many times fewer latents are active than neurons.</param>
/// <param name="Bias">Relative reconstruction bias.</param>
public sealed record SweepMeasure(
    double? Fvu, double? L0, double? DeadFraction, double? DenseFraction, double? ActiveUnitsDrop, double? Bias)
{
    internal static SweepMeasure Of(IReadOnlyList<DictionaryScores> folds)
    {
        return new SweepMeasure(Mean(one => one.Fvu), Mean(one => one.L0), Mean(one => one.DeadFraction), Mean(one => one.DenseFraction),
            Mean(one => one.ActiveUnitsDrop), Mean(one => one.Shrinkage?.RelativeReconstructionBias));

        double? Mean(Func<AutoencoderScores, double?> value) =>
            folds.Select(fold => value(fold.Scores)).OfType<double>().Where(double.IsFinite).ToArray() is { Length: > 0 } values
                ? values.Average() : null;
    }
}

/// <summary>One finished sweep.</summary>
public sealed record SweepContents
{
    /// <summary>The layer.</summary>
    public required string Layer { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it found.</summary>
    public required SweepDocument Document { get; init; }

    /// <summary>Its dictionaries.</summary>
    public required IReadOnlyList<ShownPoint> Points { get; init; }

    /// <summary>The curves of the autoencoders by id; of the first fold where there are several.</summary>
    public required IReadOnlyList<(string Id, IReadOnlyList<AutoencoderHistoryLine> History)> Histories { get; init; }

    /// <summary>The filters of the measures.</summary>
    public IReadOnlyList<string> Validate => Document.Validate;

    /// <summary>The filter of the main measure.</summary>
    public string Main => Validate[0];

    internal static IReadOnlyList<SweepContents> ReadAll(CarefulReader reader, string layer, IReadOnlyList<string> first) =>
        [.. Sorting.Of(reader.Run.Sweeps(layer), first).Select(name => Read(reader, layer, name)).OfType<SweepContents>()];

    private static SweepContents? Read(CarefulReader reader, string layer, string name)
    {
        // Without its document it is not finished.
        if (reader.Find<SweepDocument>(RunLayout.Sweep(layer, name)) is not { } sweep) return null;
        return new SweepContents
        {
            Layer = layer,
            Name = name,
            Document = sweep,
            Points = [.. sweep.Points.Select(point => new ShownPoint(point,
                point.Measures.ToDictionary(measure => measure.Key, measure => SweepMeasure.Of(measure.Value), StringComparer.Ordinal)))],
            Histories = [.. sweep.Points.Where(point => !point.Baseline).Select(point => point.Id).Distinct()
                .Select(id =>
                    (id, reader.Lines<AutoencoderHistoryLine>(RunLayout.MemberHistory(layer, name, id, sweep.Folds > 1 ? 0 : null))))],
        };
    }
}
