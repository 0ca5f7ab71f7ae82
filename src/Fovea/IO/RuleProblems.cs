using System.Globalization;

namespace Fovea.IO;

/// <summary>What is wrong with the value of a setting, as the rest of a sentence that begins with its key; null where nothing is.</summary>
internal static class RuleProblems
{
    public static string? AtLeast(int value, int least) => value >= least ? null : $"is {value}: it must be at least {least}";

    public static string? AtLeast(double value, double least) =>
        value >= least ? null : $"is {Number(value)}: it must be {Number(least)} or more";

    public static string? Positive(double value) =>
        value > 0 && double.IsFinite(value) ? null : $"is {Number(value)}: it must be greater than 0";

    public static string? Between(double value, double low, double high) =>
        value >= low && value <= high ? null : $"is {Number(value)}: it must lie between {Number(low)} and {Number(high)}";

    public static string? Channels(IReadOnlyList<double> values) =>
        values.Count == 3 ? null : $"has {values.Count} values: it must have 3 (red, green, blue)";

    public static string? OneOf(string value, IReadOnlyCollection<string> choices) =>
        choices.Contains(value)
            ? null
            : $"is '{value}': it must be one of {string.Join(", ", choices)}"
                + (Suggestions.Nearest(value, choices) is { } near ? $" (did you mean '{near}'?)" : "");

    public static string? Distinct(IReadOnlyList<string> names) =>
        SafeName.Collision(names) is not var (first, second) ? null
        : first == second ? $"names '{first}' twice"
        : $"names '{first}' and '{second}', which are one folder on some disks";

    public static string? FolderName(string name) =>
        name.Length > 0 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_')
            ? PathName(name)
            : $"is '{name}': it becomes a folder, so it must be letters (a to z, A to Z), digits, '-' and '_'";

    /// <summary>A name that people read and that is also a folder's: only what some file system does not take is refused.</summary>
    public static string? PathName(string name) =>
        SafeName.Problem(name) is { } problem ? $"cannot be used: {problem}, and it becomes a folder" : null;

    /// <summary>A value that is absent for something else than a number, and above 0 where it is given.</summary>
    public static string? Given(double? value, string otherwise) =>
        value is null || (value > 0 && double.IsFinite(value.Value))
            ? null : $"is {Number(value.Value)}: it must be greater than 0; leave it out for {otherwise}";

    /// <summary>The same of a whole number.</summary>
    public static string? GivenWhole(long? value, long least, string otherwise) =>
        value is null || value >= least ? null : $"is {value}: it must be at least {least}; leave it out for {otherwise}";

    internal static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
