using Fovea.Activations.Filters;
using Fovea.Autoencoders;
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
        foreach (var other in settings.Train?.Compare ?? []) Architectures.Get(other.Model.Architecture);
        if (settings.Harvest is { } harvest)
        {
            if (harvest.Split is not ("train" or "validation")) Fail($"harvest.split is '{harvest.Split}'; it can be 'train' or 'validation'.");
            if (harvest.Layers.Count == 0) Fail("harvest.layers names no layer.");
            if (harvest.Filters.Count == 0) Fail("harvest.filters names no filter.");
            foreach (string filter in harvest.Filters) PatchScores.Create(filter);
            NoDuplicates("harvest.layers", harvest.Layers);
            NoDuplicates("harvest.filters", harvest.Filters);
        }
        foreach (var dictionary in settings.Dictionary) Require(dictionary, settings.Harvest);
        NoDuplicates("dictionary names of one layer", settings.Dictionary.Select(dictionary => $"{dictionary.Layer}/{dictionary.Name}"));
        if (settings.Features is not null && settings.Harvest is null) Fail("[features] needs [harvest].");
    }

    private static void Require(DictionarySettings dictionary, HarvestSettings? harvest)
    {
        AutoencoderVariants.Get(dictionary.Architecture);
        if (dictionary.Name == RunFolder.NeuronSource || dictionary.Name.AsSpan().IndexOfAny('/', '\\', '.') >= 0 || dictionary.Name.Length == 0)
            Fail($"'{dictionary.Name}' cannot name a dictionary: it is a folder's name (and '{RunFolder.NeuronSource}' is taken).");
        if (harvest is null || !harvest.Layers.Contains(dictionary.Layer))
            Fail($"Dictionary '{dictionary.Name}' learns layer {dictionary.Layer}, which harvest.layers does not name.");
        if (!harvest!.Filters.Contains(dictionary.Filter))
            Fail($"Dictionary '{dictionary.Name}' trains on filter '{dictionary.Filter}', which harvest.filters does not name.");
    }

    private static void NoDuplicates(string what, IEnumerable<string> names)
    {
        if (names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice) Fail($"'{twice.Key}' stands twice among {what}.");
    }

    private static void Fail(string message) => throw FoveaException.BadConfiguration(message);
}
