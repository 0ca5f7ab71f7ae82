namespace Fovea.Runs.Stages.Features;

/// <summary>The classes of <c>features.related</c>.</summary>
internal static class RelatedClasses
{
    /// <summary>Their numbers: of names, or of ranges of numbers.</summary>
    /// <exception cref="FoveaException">Configuration: an entry is neither a class nor a range of classes.</exception>
    public static HashSet<int> Of(RunContext context)
    {
        HashSet<int> found = [];
        if (context.Settings.Features is not { Related.Count: > 0 } settings) return found;
        var classes = context.Harvested.Classes;
        foreach (string wanted in settings.Related)
        {
            string[] ends = wanted.Split('-');
            if (ends.Length == 2 && int.TryParse(ends[0], out int first) && int.TryParse(ends[1], out int last) && first <= last
                && last < classes.Count)
                found.UnionWith(Enumerable.Range(first, last - first + 1));
            else if (classes.Find(wanted) is { Count: > 0 } named) found.UnionWith(named);
            else throw FoveaException.BadConfiguration(
                $"features.related names '{wanted}', which is neither a class of {context.Harvested.Description} nor a range of its "
                    + $"class numbers such as 0-9.");
        }
        return found;
    }
}
