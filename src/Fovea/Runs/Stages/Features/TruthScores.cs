using System.Text;
using Fovea.Checkpoints;
using Fovea.Interpretation;
using Fovea.Models;

namespace Fovea.Runs.Stages.Features;

/// <summary>What each unit of a layer tells best of the truth, where that is known: measured once for all groups of the layer.</summary>
/// <param name="byGroup">By the group's name.</param>
internal sealed class TruthScores(IReadOnlyDictionary<string, IReadOnlyList<UnitConcept>> byGroup)
{
    private const string FileName = "truth.safetensors", Names = "groups", Concepts = "concepts", Concept = "concept", Figures = "figures";
    private const int Schema = 1;

    /// <summary>What was measured before, or is measured now and kept; with it <c>truth.json</c> (<see cref="ConceptTruths"/>).</summary>
    /// <param name="context">The run.</param>
    /// <param name="network">Its network.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="groups">Gives all its groups, where they are needed.</param>
    /// <param name="folder">The part's scratch.</param>
    public static TruthScores Of(RunContext context, ImageModel network, string layer, Func<IReadOnlyList<UnitGroup>> groups, string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (KeptTensors.Find(path, Schema, Read) is { } kept) return kept;
        var found = new TruthScores(ConceptTruths.Write(context, network, layer, groups()).ToDictionary(
            one => one.Key, one => one.Value.PerUnit));
        KeptTensors.Write(path, Schema, found.Tensors());
        return found;
    }

    /// <summary>The scores of a group's units with those against the truth.</summary>
    public IReadOnlyList<UnitScores> Over(string group, IReadOnlyList<UnitScores> scores) => !byGroup.TryGetValue(group, out var best) ? scores
        : [.. scores.Select((one, unit) => one with
        {
            BestFactor = best[unit].Concept,
            BestF1 = Known(best[unit].F1),
            BestAuroc = Known(best[unit].Auroc),
        })];

    private IEnumerable<SafetensorsEntry> Tensors()
    {
        string[] names = [.. byGroup.Keys];
        string[] concepts = [.. byGroup.Values.SelectMany(units => units).Select(unit => unit.Concept).OfType<string>().Distinct()];
        yield return Text(Names, names);
        yield return Text(Concepts, concepts);
        for (int i = 0; i < names.Length; i++)
        {
            IReadOnlyList<UnitConcept> units = byGroup[names[i]];
            yield return SafetensorsEntry.Of<int>(
                $"{Concept}.{i}", [.. units.Select(unit => unit.Concept is { } name ? Array.IndexOf(concepts, name) : -1)]);
            yield return SafetensorsEntry.Of<double>(
                $"{Figures}.{i}", [.. units.SelectMany(unit => new[] { unit.F1, unit.Skill, unit.Auroc })], units.Count, 3);
        }
    }

    private static TruthScores Read(SafetensorsFile file)
    {
        string[] names = Lines(file, Names), concepts = Lines(file, Concepts);
        var found = new Dictionary<string, IReadOnlyList<UnitConcept>>();
        for (int i = 0; i < names.Length; i++)
        {
            int[] concept = file.Span<int>($"{Concept}.{i}").ToArray();
            double[] figures = file.Span<double>($"{Figures}.{i}").ToArray();
            found.Add(names[i], [.. concept.Select((number, unit) => new UnitConcept(
                unit, number < 0 ? null : concepts[number], figures[3 * unit], figures[3 * unit + 1], figures[3 * unit + 2]))]);
        }
        return new TruthScores(found);
    }

    private static SafetensorsEntry Text(string name, string[] lines) =>
        SafetensorsEntry.Of(name, Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n"))));

    private static string[] Lines(SafetensorsFile file, string name) =>
        Encoding.UTF8.GetString(file.Span<byte>(name)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static double? Known(double value) => double.IsFinite(value) ? value : null;
}
