using Fovea.Activations;
using Fovea.Dictionaries;
using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Training;
using Fovea.Interpretation;
using Fovea.IO;
using Fovea.Models;
using Fovea.Runs.Settings;

namespace Fovea.Runs;

/// <summary>Where a dictionary from elsewhere goes in a run.</summary>
public sealed record DictionaryImportOptions
{
    /// <summary>Its name in the run: a folder and a title.</summary>
    public required string Name { get; init; }

    /// <summary>The harvested layer that it belongs to; null: the one it knows.</summary>
    public string? Layer { get; init; }

    /// <summary>The filter whose draws it is measured on; null: the first one harvested, or the one whose positions are stored.</summary>
    public string? Filter { get; init; }
}

/// <summary>A dictionary that was taken into a run.</summary>
/// <param name="Layer">Its layer.</param>
/// <param name="Folder">Its folder.</param>
/// <param name="Report">What was measured of it, as of one that was trained there.</param>
/// <param name="Notes">What was taken for granted, in sentences.</param>
public sealed record ImportedDictionary(string Layer, string Folder, AutoencoderReport Report, IReadOnlyList<string> Notes)
{
    /// <summary>The numbers that stand for it: on what is held out, where there is any.</summary>
    public AutoencoderScores Scores => Report.Validation ?? Report.Train;
}

/// <summary>
/// Takes a dictionary from elsewhere into a run: it is measured on the run's vectors and stands beside those that were trained there.
/// </summary>
public static class DictionaryImport
{
    /// <summary>
    /// Checks that the dictionary fits, measures it and writes its folder, <c>cfg.json</c> last: what a killed import leaves is no
    /// dictionary and is replaced by the next. The run's lock is held meanwhile.
    /// </summary>
    /// <param name="autoencoder">The dictionary; it knows its layer and its network afterwards.</param>
    /// <param name="run">A run whose layer is harvested.</param>
    /// <param name="settings">The run's, whose own dictionaries keep their names.</param>
    /// <param name="options">Where it goes.</param>
    /// <param name="cancellation">Ends the measuring; nothing is left that is taken for a dictionary.</param>
    /// <exception cref="FoveaException">
    /// Configuration: the layer is not said or not the dictionary's, the network is another, or the name is taken or cannot be a folder.
    /// Data: the layer is not harvested, or has vectors of another length. Numerical: a vector or a weight is NaN or infinite. Locked:
    /// another process works on the run.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ImportedDictionary IntoRun(
        SparseAutoencoder autoencoder, RunFolder run, WorkflowSettings settings, DictionaryImportOptions options,
            CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(autoencoder);
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(options);
        string layer = options.Layer ?? autoencoder.Layer
            ?? throw FoveaException.BadConfiguration("The dictionary does not say which layer it belongs to: name the layer of the run.");
        autoencoder.RequireLayer(layer);
        string folder = run.Dictionary(layer, options.Name);
        if (SafeName.Collision([UnitGroup.NeuronsName, options.Name]) is not null)
            throw FoveaException.BadConfiguration(
                $"A dictionary cannot be called '{options.Name}', which names the layer's own units: choose another name.");
        using FolderLock held = FolderLock.Take(run.Root);
        foreach (string taken in RunUnits.Dictionaries(run, settings, layer))
        {
            if (SafeName.Collision([taken, options.Name]) is not null)
                throw FoveaException.BadConfiguration($"{layer} of this run has a dictionary '{taken}' already: choose another name.");
        }
        using ActivationStore store = ActivationStore.Open(run.ActivationsOf(layer));
        if (store.Dimension != autoencoder.InputSize)
            throw FoveaException.BadData(
                $"It is for vectors of {autoencoder.InputSize} components; {layer} of this run has {store.Dimension} channels.");
        autoencoder.RequireNetwork(store.Manifest.Network);
        List<string> notes = [];
        if (autoencoder.Network is null && store.Manifest.Network is { } network)
            notes.Add($"The dictionary does not say which network it was made from: it is taken for one of this run's, "
                + $"{ModelFingerprint.Short(network)}.");
        (autoencoder.Layer, autoencoder.Network) = (layer, autoencoder.Network ?? store.Manifest.Network);
        AutoencoderReport report = Measure(autoencoder, store, options, settings.Seed, cancellation);
        DocumentFile.Write(Path.Combine(folder, TrainedAutoencoder.ReportName), report);
        AutoencoderFile.Save(folder, autoencoder);
        return new ImportedDictionary(layer, folder, report, notes);
    }

    /// <summary>The document that a training leaves, after no step; on the same sample of training rows.</summary>
    private static AutoencoderReport Measure(
        SparseAutoencoder autoencoder, ActivationStore store, DictionaryImportOptions options, ulong seed, CancellationToken cancellation)
    {
        var (training, validation) = store.Draws(options.Filter ?? store.Manifest.MainFilter);
        AutoencoderScores Scores(RowSet rows) => DictionaryEvaluation.Scores(autoencoder, store, rows, cancellation: cancellation);
        return new AutoencoderReport
        {
            Name = options.Name,
            Architecture = autoencoder.Architecture,
            DIn = autoencoder.InputSize,
            DSae = autoencoder.LatentSize,
            Sparsity = autoencoder.Sparsity,
            InputScale = autoencoder.InputScale,
            Steps = 0,
            Outliers = OutlierMeasurement.Measure(store, training, cancellation),
            Train = Scores(TrainingSample.Of(training, validation.Count, seed)),
            Validation = validation.Count == 0 ? null : Scores(validation),
        };
    }
}
