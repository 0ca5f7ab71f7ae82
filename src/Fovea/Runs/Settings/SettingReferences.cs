using Fovea.Activations.Filters;
using Fovea.IO;

namespace Fovea.Runs.Settings;

/// <summary>
/// Whether the tables of settings name each other rightly: layers and filters are harvested, and names are one folder each.
/// </summary>
internal static class SettingReferences
{
    /// <summary>Every broken reference.</summary>
    public static IEnumerable<SettingProblem> Check(WorkflowSettings settings)
    {
        if (!NetworkClasses.AreOfImages(settings.Model) && settings.Train is not null)
        {
            yield return new SettingProblem(
                "model.classes", $"model.classes is \"{settings.Model.Classes}\" and [train] needs the images' classes: take [train] away, "
                    + "or say \"data\" for a new last layer.");
        }
        if (settings.Model.Classes == NetworkClasses.Data && settings.Train is null)
        {
            yield return new SettingProblem(
                "model.classes", "model.classes is \"data\", which makes a fresh last layer: only [train] teaches it, and there is none.");
        }
        for (int i = 0; i < (settings.Train?.Compare.Count ?? 0); i++)
        {
            if (!NetworkClasses.AreOfImages(settings.Train!.Compare[i].Model))
                yield return new SettingProblem(
                    $"train.compare.{i}.model.classes",
                        $"train.compare.{i}.model.classes is \"{settings.Train.Compare[i].Model.Classes}\", and a training needs classes.");
        }
        if (settings.Harvest is not { } harvest)
        {
            if (settings.Dictionary.Count > 0)
                yield return new SettingProblem("dictionary", "[[dictionary]] needs activations: add a table [harvest].");
            if (settings.Sweep.Count > 0) yield return new SettingProblem("sweep", "[[sweep]] needs activations: add a table [harvest].");
            if (settings.Features is not null)
                yield return new SettingProblem("features", "[features] needs activations: add a table [harvest].");
            if (settings.Proof is not null) yield return new SettingProblem("proof", "[proof] needs layers: add a table [harvest].");
            yield break;
        }
        if (settings.Model.Classes == NetworkClasses.None)
        {
            if (harvest.Filters.Count > 0 && WithoutClasses.Of(harvest, settings.Model).Filters.Count == 0)
            {
                yield return new SettingProblem(
                    "harvest.filters", "harvest.filters names only maps of one class's number, and the network has no classes "
                        + "(model.classes): add none or magnitude.");
            }
            harvest = WithoutClasses.Of(harvest, settings.Model);
        }
        foreach (SettingProblem problem in KeepReferences.Check(settings, harvest)) yield return problem;
        for (int i = 0; i < settings.Dictionary.Count; i++)
        {
            DictionarySettings dictionary = settings.Dictionary[i];
            string path = $"dictionary.{i}";
            foreach (SettingProblem problem in Harvested(
                harvest, settings.Model, path, dictionary.Layer, [("filter", [dictionary.Filter])]))
                yield return problem;
            if (settings.Dictionary.Take(i).Any(earlier => earlier.Layer == dictionary.Layer && AreOne(earlier.Name, dictionary.Name)))
                yield return new SettingProblem(path + ".name", $"two dictionaries of {dictionary.Layer} are called '{dictionary.Name}'.");
        }
        for (int i = 0; i < settings.Sweep.Count; i++)
        {
            SweepSettings sweep = settings.Sweep[i];
            string path = $"sweep.{i}";
            foreach (SettingProblem problem in Harvested(harvest, settings.Model, path, sweep.Layer, [("validate", sweep.Validate)]))
                yield return problem;
            for (int j = 0; j < sweep.Dictionary.Count; j++)
            {
                SweepDictionarySettings entry = sweep.Dictionary[j];
                (string, IReadOnlyList<string>) used = entry.Filters.Count > 0 ? ("filters", entry.Filters) : ("filter", [entry.Filter]);
                foreach (SettingProblem problem in Harvested(harvest, settings.Model, $"{path}.dictionary.{j}", null, [used]))
                    yield return problem;
            }
            if (settings.Sweep.Take(i).Any(earlier => earlier.Layer == sweep.Layer && AreOne(earlier.Name, sweep.Name)))
                yield return new SettingProblem(path + ".name", $"two sweeps of {sweep.Layer} are called '{sweep.Name}'.");
            if (Members(sweep) is { } members) yield return new SettingProblem(path + ".dictionary", members);
        }
    }

    /// <summary>What is wrong with the names of a sweep's autoencoders, which are made of its labels and of what varies.</summary>
    private static string? Members(SweepSettings sweep)
    {
        // Words that no name may hold are said of the word itself.
        if (sweep.Dictionary.Any(entry => SafeName.Problem(entry.Label ?? entry.Options.Variant.Architecture) is not null)) return null;
        try
        {
            Stages.Sweeps.SweepPlan.Names(sweep);
            return null;
        }
        catch (FoveaException e) when (e.Kind == FailureKind.Configuration)
        {
            return e.Message;
        }
    }

    /// <summary>Whether two names are one folder on some disks.</summary>
    private static bool AreOne(string first, string second) => SafeName.Collision([first, second]) is not null;

    /// <summary>Layers and filters that a table names and that are not harvested.</summary>
    private static IEnumerable<SettingProblem> Harvested(
        HarvestSettings harvest, ModelSettings model, string path, string? layer,
            IEnumerable<(string Key, IReadOnlyList<string> Filters)> uses)
    {
        if (layer is not null && !harvest.Layers.Contains(layer))
        {
            string near = Suggestions.Sentence(layer, [.. harvest.Layers]);
            yield return new SettingProblem(path + ".layer", $"{path}.layer is '{layer}', which harvest.layers does not name.{near}");
        }
        foreach ((string key, IReadOnlyList<string> filters) in uses)
        {
            foreach (string filter in filters.Where(filter => SettingChoices.Filters.Contains(filter) && !harvest.Filters.Contains(filter)))
            {
                string known = string.Join(", ", harvest.Filters);
                string why = model.Classes == NetworkClasses.None && PatchScores.NeedClasses(filter)
                    ? "is about one class's number, and the network has no classes (model.classes)" : "harvest.filters does not name";
                yield return new SettingProblem(
                    $"{path}.{key}", $"{path}.{key} is '{filter}'{(filter == DictionarySettings.UsualFilter ? " (which it is where nothing is said)" : "")}, which {why}. Known: {known}.");
            }
        }
    }
}
