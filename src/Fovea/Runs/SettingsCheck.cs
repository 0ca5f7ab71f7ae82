using Fovea.Activations.Filters;
using Fovea.Dictionaries.Plain;
using Fovea.Dictionaries.Sparse;
using Fovea.IO;
using Fovea.Models;
using Fovea.Runs.Settings;

namespace Fovea.Runs;

/// <summary>What can be known to be wrong before anything is read: names that do not exist, stages that lack what they need.</summary>
internal static class SettingsCheck
{
    /// <summary>Throws on the first thing that cannot work.</summary>
    /// <exception cref="FoveaException">The message names the key.</exception>
    public static void Require(WorkflowSettings settings)
    {
        Architectures.Get(settings.Model.Architecture);
        foreach (var other in settings.Train?.Compare ?? [])
        {
            Architectures.Get(other.Model.Architecture);
            SafeName.Require(other.Name, "a training of train.compare");
        }
        NoDuplicates("names of train.compare", (settings.Train?.Compare ?? []).Select(other => other.Name));
        if (settings.Harvest is { } harvest)
        {
            if (harvest.Split is not ("train" or "validation")) Fail($"harvest.split is '{harvest.Split}'; it can be 'train' or 'validation'.");
            if (harvest.Layers.Count == 0) Fail("harvest.layers names no layer.");
            if (harvest.Filters.Count == 0) Fail("harvest.filters names no filter.");
            foreach (string filter in harvest.Filters) PatchScores.Create(filter);
            foreach (string layer in harvest.Layers) SafeName.Require(layer, "a layer");
            NoDuplicates("harvest.layers", harvest.Layers);
            NoDuplicates("harvest.filters", harvest.Filters);
        }
        foreach (var dictionary in settings.Dictionary) Require(dictionary, settings.Harvest);
        NoDuplicates("dictionary names of one layer", settings.Dictionary.Select(dictionary => $"{dictionary.Layer}/{dictionary.Name}"));
        foreach (var sweep in settings.Sweep) Require(sweep, settings.Harvest);
        NoDuplicates("sweep names of one layer", settings.Sweep.Select(sweep => $"{sweep.Layer}/{sweep.Name}"));
        if (settings.Features is not null && settings.Harvest is null) Fail("[features] needs [harvest].");
    }

    private static void Require(DictionarySettings dictionary, HarvestSettings? harvest)
    {
        AutoencoderVariants.Get(dictionary.Architecture);
        SafeName.Require(dictionary.Name, "a dictionary");
        if (SafeName.Collision([RunFolder.NeuronSource, dictionary.Name]) is not null)
            Fail($"'{dictionary.Name}' cannot name a dictionary: '{RunFolder.NeuronSource}' are the layer's own units.");
        if (harvest is null || !harvest.Layers.Contains(dictionary.Layer))
            Fail($"Dictionary '{dictionary.Name}' learns layer {dictionary.Layer}, which harvest.layers does not name.");
        if (!harvest!.Filters.Contains(dictionary.Filter))
            Fail($"Dictionary '{dictionary.Name}' trains on filter '{dictionary.Filter}', which harvest.filters does not name.");
    }

    private static void Require(SweepSettings sweep, HarvestSettings? harvest)
    {
        SafeName.Require(sweep.Name, "a sweep");
        foreach (string baseline in sweep.Baselines) BaselineDictionaries.Get(baseline);
        foreach (var entry in sweep.Dictionary) AutoencoderVariants.Get(entry.Architecture);
        if (harvest is null || !harvest.Layers.Contains(sweep.Layer)) Fail($"Sweep '{sweep.Name}' learns layer {sweep.Layer}, which harvest.layers does not name.");
        foreach (string filter in sweep.Validate.Concat(sweep.Dictionary.SelectMany(entry => entry.Filters.Append(entry.Filters.Count > 0 ? entry.Filters[0] : entry.Filter))))
        {
            if (!harvest!.Filters.Contains(filter)) Fail($"Sweep '{sweep.Name}' uses filter '{filter}', which harvest.filters does not name.");
        }
        if (sweep.Validate.Count == 0) Fail($"Sweep '{sweep.Name}' names no filter to validate on.");
        if (sweep.Folds < 1) Fail($"Sweep '{sweep.Name}' has {sweep.Folds} folds; 1 is the run's own split.");
        Stages.Sweeps.SweepPlan.Members(sweep, seed: 0);
    }

    private static void NoDuplicates(string what, IEnumerable<string> names)
    {
        if (SafeName.Collision(names) is not var (first, second)) return;
        Fail(first == second ? $"'{first}' stands twice among {what}." : $"'{first}' and '{second}' stand among {what}: on some disks these are one folder.");
    }

    private static void Fail(string message) => throw FoveaException.BadConfiguration(message);
}
