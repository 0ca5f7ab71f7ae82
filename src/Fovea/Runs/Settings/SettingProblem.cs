namespace Fovea.Runs.Settings;

/// <summary>Something that is wrong with settings.</summary>
/// <param name="Path">The key as a recipe spells it, elements of arrays by their number: <c>dictionary.0.layer</c>.</param>
/// <param name="Message">A sentence about it.</param>
public sealed record SettingProblem(string Path, string Message)
{
    /// <summary>All of them as one error.</summary>
    /// <param name="problems">At least one.</param>
    /// <param name="place">Where a path was said, to stand before its sentence; null: the sentences say it.</param>
    public static FoveaException ToException(IEnumerable<SettingProblem> problems, Func<string, string>? place = null) =>
        FoveaException.BadConfiguration(
        string.Join('\n', problems.Select(problem => place is null ? problem.Message : $"{place(problem.Path)}: {problem.Message}")));
}
