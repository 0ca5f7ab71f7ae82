namespace Fovea.Runs.Notes;

/// <summary>Which sources of units a run has, and how many units each: asked once for each source.</summary>
/// <param name="run">The run.</param>
internal sealed class UnitCounts(IRunReader run)
{
    private readonly Dictionary<(string, string), int?> _counts = [];

    /// <summary>The number of units; null where the run has no such source.</summary>
    public int? Of(string layer, string source)
    {
        if (!_counts.TryGetValue((layer, source), out int? count)) _counts[(layer, source)] = count = Count(layer, source);
        return count;
    }

    /// <summary>Refuses a unit that the run does not have.</summary>
    /// <exception cref="FoveaException">Configuration: no such layer, source or unit.</exception>
    public void Require(string layer, string source, int unit)
    {
        if (!run.Layers.Contains(layer))
            throw FoveaException.BadConfiguration(
                $"The run has no layer {layer}; it has {string.Join(", ", run.Layers)}.{Suggestions.Sentence(layer, run.Layers)}");
        int count = Of(layer, source) ?? throw FoveaException.BadConfiguration(
            $"{layer} has no {source}; it has {string.Join(", ", run.Dictionaries(layer).Prepend(RunLayout.Neurons))}.");
        if (unit >= count) throw FoveaException.BadConfiguration($"{layer}/{source} has {count} units, from 0; there is no unit {unit}.");
    }

    private int? Count(string layer, string source)
    {
        if (source != RunLayout.Neurons)
            return run.Dictionaries(layer).Contains(source) ? run.Configuration(layer, source)?.LatentSize ?? Rows(layer, source) : null;
        return run.Find<ActivationManifest>(RunLayout.Manifest(layer))?.Channels ?? Rows(layer, source);
    }

    /// <summary>Where nothing says the number, the table does: it names every unit that was looked at.</summary>
    private int? Rows(string layer, string source) => run.Features(layer, source) is { Count: > 0 } rows ? rows.Max(row => row.Unit) + 1 : null;
}
