using System.Globalization;
using System.Text.RegularExpressions;
using Fovea.Visualization.Objectives;

namespace Fovea.Runs;

/// <summary>A unit, or a weighted sum of units such as <c>3+17</c> or <c>9-0.5*271</c>.</summary>
/// <param name="Terms">Weights and units, in their order.</param>
public sealed partial record FeatureExpression(IReadOnlyList<(double Weight, int Unit)> Terms)
{
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    /// <summary>Whether it is one unit as it is.</summary>
    public bool IsUnit => Terms is [(1, _)];

    /// <summary>As it was written, <c>×</c> as <c>x</c>: a part of a file's name.</summary>
    public string Name => string.Concat(Terms.Select((term, i) =>
        (term.Weight < 0 ? "-" : i > 0 ? "+" : "")
            + (Math.Abs(term.Weight) is var size && size != 1 ? string.Create(Culture, $"{size}x") : "") + term.Unit.ToString(Culture)));

    /// <summary>The entries of a list with commas, each once.</summary>
    /// <param name="text">Such as <c>9,271,3+17</c>.</param>
    /// <exception cref="FoveaException">The list is empty, or an entry is no sum of units.</exception>
    public static IReadOnlyList<FeatureExpression> List(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        FeatureExpression[] entries =
            [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Parse)];
        return entries.Length > 0 ? [.. entries.DistinctBy(entry => entry.Name)]
            : throw FoveaException.BadConfiguration("No unit is named. Write them with commas: 9,271.");
    }

    /// <summary>The sum of objectives.</summary>
    /// <param name="unit">The objective of one unit.</param>
    public IObjective Sum(Func<int, IObjective> unit) =>
        Objective.Sum(Terms.Select(term => term.Weight == 1 ? unit(term.Unit) : term.Weight * unit(term.Unit)));

    private static FeatureExpression Parse(string text)
    {
        MatchCollection terms = Term().Matches(text);
        (double Weight, int Unit)[] parsed = [.. terms.Select(term => (Weight(term), Unit(term, text)))];
        if (parsed is [( < 0, var alone)] && !terms[0].Groups["weight"].Success)
            throw FoveaException.BadConfiguration($"'{text}' is no number of a unit: they begin with 0. What unit {alone} is least active on: -1*{alone}.");
        return terms.Sum(term => term.Length) == text.Length && parsed.All(term => term.Weight != 0) && !terms[0].Value.StartsWith('+')
            && terms.Skip(1).All(term => term.Groups["sign"].Length > 0)
            ? new FeatureExpression(parsed) : throw Wrong(text);
    }

    private static double Weight(Match term) =>
        (term.Groups["sign"].Value.Trim() == "-" ? -1 : 1) * (term.Groups["weight"] is { Success: true } weight
            ? double.Parse(weight.Value, Culture) : 1);

    private static int Unit(Match term, string text) =>
        int.TryParse(term.Groups["unit"].Value, NumberStyles.None, Culture, out int unit) ? unit : throw FoveaException.BadConfiguration(
            $"'{text}' names unit {term.Groups["unit"].Value}: no layer has so many.");

    private static FoveaException Wrong(string text) => FoveaException.BadConfiguration(
        $"'{text}' is no number of a unit. Write them with commas, 9,271; sums and differences without spaces, 3+17 or 9-0.5*271.");

    [GeneratedRegex(@"\G\s*(?<sign>[+-]?)\s*(?:(?<weight>\d+(?:\.\d+)?)\*)?(?<unit>\d+)\s*")]
    private static partial Regex Term();
}
