namespace Fovea.Runs;

/// <summary>What runs measured of their layers' units, in one table: nothing is measured anew.</summary>
public static class LayerTable
{
    /// <summary>The rows of a run: of each layer its neurons, where something was measured of them, then its dictionaries.</summary>
    /// <param name="run">The run.</param>
    /// <param name="layers">Its layers, in the order wanted; null: by name.</param>
    /// <exception cref="FoveaException">Data: a document is damaged.</exception>
    public static IReadOnlyList<LayerRow> Of(IRunReader run, IEnumerable<string>? layers = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(run.Name));
        string network = run.Find<ModelDocument>(RunLayout.Model)?.Architecture ?? "";
        if (Path.IsPathRooted(network)) network = Path.GetFileName(network);
        List<LayerRow> rows = [];
        foreach (string layer in layers ?? run.Layers)
        {
            ReplicationDocument? replication = run.Find<ReplicationDocument>(RunLayout.Replication(layer));
            foreach (string source in run.Dictionaries(layer).Prepend(RunLayout.Neurons))
            {
                var row = new LayerRow { Run = name, Network = network, Layer = layer, Source = source };
                row = Effects(Features(Dictionary(row, run), run), run);
                row = Seeds(row, replication);
                if (source != RunLayout.Neurons || row.Measured is not null || row.Monosemanticity is not null) rows.Add(row);
            }
        }
        return rows;
    }

    private static LayerRow Dictionary(LayerRow row, IRunReader run)
    {
        if (row.Source == RunLayout.Neurons)
            return row with { Units = run.Find<ActivationManifest>(RunLayout.Manifest(row.Layer))?.Channels };
        AutoencoderReport? report = run.Find<AutoencoderReport>(RunLayout.Metrics(row.Layer, row.Source));
        AutoencoderScores? scores = report?.Validation ?? report?.Train;
        SpliceDocument? splice = run.Find<SpliceDocument>(RunLayout.Splice(row.Layer, row.Source));
        FaithfulnessDocument? faithful = run.Find<FaithfulnessDocument>(RunLayout.Faithfulness(row.Layer, row.Source));
        return row with
        {
            Variant = report?.Architecture,
            Units = report?.DSae,
            L0 = scores?.L0,
            Fvu = scores?.Fvu,
            DeadFraction = scores?.DeadFraction,
            Top1 = splice?.Original.Top1,
            Top1Lost = splice?.Top1Lost,
            Cosine = faithful?.Spliced.Cosine,
            RelativeError = faithful?.Spliced.RelativeError,
        };
    }

    private static LayerRow Features(LayerRow row, IRunReader run)
    {
        // A unit has a row for each of its pictures.
        FeatureRow[] judged = [.. (run.Features(row.Layer, row.Source) ?? []).DistinctBy(one => one.Unit)
            .Where(one => one.Monosemanticity is { } score && double.IsFinite(score))];
        return judged.Length == 0 ? row : row with
        {
            Monosemanticity = judged.Average(one => one.Monosemanticity!.Value),
            MonosemanticityShuffled = judged.Average(one => one.MonosemanticityShuffled),
        };
    }

    private static LayerRow Effects(LayerRow row, IRunReader run)
    {
        // The first is that of neurons, or of latents with the error kept.
        EffectAgreement? agreement = run.Find<EffectsDocument>(RunLayout.Effects(row.Layer, row.Source))?.Agreement.FirstOrDefault();
        return agreement is null ? row : row with
        {
            Measured = agreement.Units,
            Clear = agreement.Clear,
            Predicted = double.IsFinite(agreement.Gradient) ? agreement.Gradient : null,
        };
    }

    private static LayerRow Seeds(LayerRow row, ReplicationDocument? replication) =>
        replication?.Pairs.FirstOrDefault(pair => pair.A == row.Source || pair.B == row.Source) is not { } pair ? row : row with
        {
            SeedCosine = pair.Cosine,
            SeedEffect = pair.Effect,
            SeedClasses = pair.Classes,
            SeedClassesOthers = pair.ClassesOthers,
        };
}
