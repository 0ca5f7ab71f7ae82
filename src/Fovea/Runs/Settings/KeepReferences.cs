namespace Fovea.Runs.Settings;

/// <summary>
/// What a recipe may ask for where some positions of each image are stored (<see cref="HarvestSettings.Keep"/>): dictionaries on the draws
/// of the filter that kept them, and nothing that needs every position.
/// </summary>
internal static class KeepReferences
{
    /// <summary>Every broken reference.</summary>
    /// <param name="settings">The recipe.</param>
    /// <param name="harvest">Its harvest, with the filters that the network can give.</param>
    public static IEnumerable<SettingProblem> Check(WorkflowSettings settings, HarvestSettings harvest)
    {
        if (harvest.KeepBy is not null && harvest.KeptBy is null)
        {
            yield return new SettingProblem(
                "harvest.keep_by", "harvest.keep_by says which filter draws the positions that are kept, and harvest.keep does not say how many "
                    + "are: all are stored. Give harvest.keep, or leave harvest.keep_by out.");
        }
        if (harvest.KeptBy is not { } by) yield break;
        if (SettingChoices.Filters.Contains(by) && !harvest.Filters.Contains(by))
        {
            yield return new SettingProblem(
                "harvest.keep_by", $"harvest.keep_by is '{by}', which harvest.filters does not name. Known: {string.Join(", ", harvest.Filters)}.");
        }
        if (settings.Features is not null)
        {
            yield return new SettingProblem(
                "features", $"[features] needs a vector of every position, and harvest.keep stores {harvest.Keep} of each image: "
                    + "leave keep out, or take [features] away.");
        }
        for (int i = 0; i < settings.Dictionary.Count; i++)
        {
            foreach (SettingProblem problem in Drawn(harvest, by, $"dictionary.{i}.filter", [settings.Dictionary[i].Filter])) yield return problem;
        }
        for (int i = 0; i < settings.Sweep.Count; i++)
        {
            SweepSettings sweep = settings.Sweep[i];
            foreach (SettingProblem problem in Drawn(harvest, by, $"sweep.{i}.validate", sweep.Validate)) yield return problem;
            for (int j = 0; j < sweep.Dictionary.Count; j++)
            {
                SweepDictionarySettings entry = sweep.Dictionary[j];
                string path = $"sweep.{i}.dictionary.{j}";
                foreach (SettingProblem problem in entry.Filters.Count > 0
                    ? Drawn(harvest, by, path + ".filters", entry.Filters) : Drawn(harvest, by, path + ".filter", [entry.Filter]))
                    yield return problem;
            }
        }
    }

    /// <summary>Filters whose draws are asked for and not stored; those that are not harvested at all are refused by another rule.</summary>
    private static IEnumerable<SettingProblem> Drawn(HarvestSettings harvest, string by, string path, IReadOnlyList<string> filters) =>
        filters.Where(filter => filter != by && harvest.Filters.Contains(filter)).Select(filter => new SettingProblem(
            path, $"{path} is '{filter}', and the positions that harvest.keep stores are drawn by '{by}': there are no draws of another filter. "
                + $"Say '{by}', or set harvest.keep_by."));
}
