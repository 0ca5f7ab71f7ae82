using System.Globalization;
using Fovea.Interventions.Effects;

namespace Fovea.Cli.Results;

/// <summary>What units do.</summary>
/// <param name="Run">The run.</param>
/// <param name="Layer">The layer.</param>
/// <param name="Source">Whose units: <c>neurons</c>, a dictionary's name, <c>directions</c>.</param>
/// <param name="Operation">What became of their values.</param>
/// <param name="Class">Whose logit is looked at: the image's <c>true</c> class, or the <c>predicted</c> one; <c>none</c>: a network without
/// classes, of which logits are how much of the unchanged answer is left.</param>
/// <param name="Images">Images measured on.</param>
/// <param name="Exact">Whether pooling and a linear head follow the layer, so that the derivative's prediction is exact.</param>
/// <param name="Between">What stands between the layer and the answer that is not linear.</param>
/// <param name="Effects">One a change.</param>
/// <param name="Csv">The table; null where none was asked for.</param>
internal sealed record InterveneResult(
    string Run, string Layer, string Source, string Operation, string Class, int Images, bool Exact, IReadOnlyList<string> Between,
    IReadOnlyList<UnitEffect> Effects, string? Csv) : ICommandResult
{
    public static string Command => "`intervene`";
}

/// <summary>A circuit, and what became of it when it was put to the test.</summary>
/// <param name="Run">The run.</param>
/// <param name="Name">Its name in the run.</param>
/// <param name="Document">The file that holds it.</param>
/// <param name="Survives">Whether it survived.</param>
/// <param name="Circuit">What the file holds.</param>
internal sealed record CircuitResult(string Run, string Name, string Document, bool Survives, CircuitDocument Circuit) : ICommandResult
{
    public static string Command => "`circuit`";
}

/// <summary>What a change does.</summary>
/// <param name="Units">The units changed together.</param>
/// <param name="Error">What became of the dictionary's error: <c>kept</c>, <c>dropped</c>; null without one.</param>
/// <param name="Images">Images.</param>
/// <param name="Active">Images in which the change changes anything.</param>
/// <param name="Top1">Top-1 before it; null, as probability and accuracy, for networks without classes.</param>
/// <param name="Logit">The class's logit after it less that before.</param>
/// <param name="Probability">Its probability, likewise.</param>
/// <param name="Accuracy">Top-1, likewise.</param>
/// <param name="Gradient">What the derivative predicts of the logit; null where nothing changes.</param>
/// <param name="Integrated">What integrated gradients predict; null where none were taken or nothing changes.</param>
/// <param name="Classes">The classes whose logits change most, by the mean over all images.</param>
internal sealed record UnitEffect(
    IReadOnlyList<int> Units, string? Error, int Images, int Active, double? Top1, EffectEstimate Logit, EffectEstimate? Probability,
    EffectEstimate? Accuracy, EffectPrediction? Gradient, EffectPrediction? Integrated, IReadOnlyList<ClassChange> Classes)
{
    /// <summary>Classes that are named.</summary>
    private const int Named = 3;

    /// <summary>A result with the classes' names.</summary>
    /// <param name="result">The result.</param>
    /// <param name="error">What became of the error.</param>
    /// <param name="name">Of a class; null for networks without classes.</param>
    public static UnitEffect Of(EffectResult result, string? error, Func<int, string>? name) => new(
        result.Units, error, result.Images, result.Active, name is null ? null : result.Top1, result.Logit,
        name is null ? null : result.Probability, name is null ? null : result.Accuracy, result.Gradient, result.Integrated,
        [.. Enumerable.Range(0, result.Logits.Count).OrderByDescending(c => Math.Abs(result.Logits[c])).Take(Named)
            .Select(c => new ClassChange(c, name?.Invoke(c) ?? string.Create(CultureInfo.InvariantCulture, $"output {c}"), result.Logits[c]))]);
}

/// <summary>The mean change of a class's logit.</summary>
internal sealed record ClassChange(int Class, string Name, double Logit);
