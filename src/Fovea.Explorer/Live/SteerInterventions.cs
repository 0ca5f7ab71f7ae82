using Fovea.Interventions;
using Fovea.Models.Edits;
using Fovea.Runs.Studies;

namespace Fovea.Explorer.Live;

/// <summary>A reader's changes as interventions.</summary>
internal static class SteerInterventions
{
    /// <summary>The interventions; with the error dropped, each dictionary in them is first put in its layer's place.</summary>
    /// <param name="network">Whose units they are.</param>
    /// <param name="steering">The changes.</param>
    /// <param name="spliced">A layer and source whose error is dropped though nothing of it is changed; null: none.</param>
    /// <param name="measure">How large a unit's activations are, to count in.</param>
    /// <exception cref="FoveaException">There is no such unit, or a number is none.</exception>
    public static IReadOnlyList<Intervention> Of(
        RunNetwork network, Steering steering, (string Layer, string Source)? spliced, Func<SteerEdit, double> measure)
    {
        DictionaryError error = steering.KeepsError ? DictionaryError.Kept : DictionaryError.Dropped;
        List<Intervention> made = [];
        if (!steering.KeepsError)
        {
            var sources = steering.Edits.Select(edit => (edit.Layer, edit.Source)).Concat(spliced is { } own ? [own] : []);
            foreach (var (layer, source) in sources.Distinct())
            {
                if (network.Group(layer, source).Autoencoder is { } dictionary)
                    made.Add(new Intervention(layer, new Latents(dictionary, error), UnitOperation.Scale(1)));
            }
        }
        foreach (SteerEdit edit in steering.Edits)
        {
            EditedUnits units = network.Group(edit.Layer, edit.Source).Autoencoder is { } dictionary
                ? new Latents(dictionary, error, edit.Unit) : EditedUnits.Neurons(edit.Unit);
            double amount = edit.Of == SteerMeasure.Value ? edit.Amount : edit.Amount * measure(edit);
            made.Add(new Intervention(edit.Layer, units, edit.Kind switch
            {
                SteerKind.Set => UnitOperation.Set(amount),
                SteerKind.Add => UnitOperation.Add(amount),
                _ => UnitOperation.Scale(amount),
            })
            { Positions = edit.Positions });
        }
        return made;
    }
}
