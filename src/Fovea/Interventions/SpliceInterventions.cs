using Fovea.Dictionaries;
using Fovea.Models.Edits;

namespace Fovea.Interventions;

/// <summary>A layer ablated, and each of some dictionaries in its place, as interventions.</summary>
internal static class SpliceInterventions
{
    /// <summary>Zeros, the mean where there is one, then the dictionaries.</summary>
    /// <returns>The interventions, and how many of them stand before the first dictionary's.</returns>
    /// <exception cref="FoveaException">A dictionary of another layer.</exception>
    public static (IReadOnlyList<Intervention> All, int Ablations) Of(
        string layer, IReadOnlyList<IFeatureDictionary> dictionaries, SpliceOptions options)
    {
        foreach (IFeatureDictionary dictionary in dictionaries) dictionary.RequireLayer(layer);
        List<Intervention> interventions = [new(layer, EditedUnits.Neurons(), UnitOperation.Zero)];
        if (options.Mean is { } mean) interventions.Add(new Intervention(layer, EditedUnits.Neurons(), UnitOperation.Mean(mean)));
        int ablations = interventions.Count;
        // A dictionary spliced in: its codes as they are, without its error.
        interventions.AddRange(
            dictionaries.Select(one => new Intervention(layer, new Latents(one, DictionaryError.Dropped), UnitOperation.Scale(1))));
        return (interventions, ablations);
    }
}
