using System.Collections.Concurrent;
using Fovea.Explorer.Contents;
using Fovea.Interpretation.Relations;
using Fovea.Runs;

namespace Fovea.Explorer.Relations;

/// <summary>
/// What units are compared by, read once and kept while there is room. Directions and profiles are read when they are asked for; shared
/// activity, which needs codes of thousands of positions, is counted by one worker in the background.
/// </summary>
/// <param name="runFolder">The run folder.</param>
/// <param name="version">Tells the run as it is from the run as it was.</param>
/// <param name="stopping">Cancelled when the explorer ends.</param>
internal sealed class RelationShelf(string runFolder, Func<string> version, CancellationToken stopping) : IDisposable
{
    /// <summary>Units of each list.</summary>
    public const int Most = 8;

    private readonly RunFolder _run = new(runFolder);
    private readonly KeptValues _kept = new(mostBytes: 160L << 20);
    private readonly ConcurrentDictionary<(string, string, string), Task<bool>> _counting = new();
    private readonly SemaphoreSlim _worker = new(1);

    /// <summary>The units near one, as far as they are known without waiting.</summary>
    /// <param name="set">The unit's source.</param>
    /// <param name="unit">The unit.</param>
    /// <param name="layer">What the run holds of the layer.</param>
    /// <exception cref="FoveaException">Data: a file of the run is damaged.</exception>
    public NearUnits Of(FeatureSet set, int unit, LayerContents layer)
    {
        string now = version();
        var key = (set.Layer, set.Source, now);
        using Held<CoActivation>? activity = _kept.Find<CoActivation>(("activity", key));
        bool pending = activity is null && StartCounting(key);
        using Held<UnitDirections>? own = Directions(set.Layer, set.Source, now);
        using Held<UnitDirections>? classes = Kept(("classes", key), () => RunRelations.ClassProfiles(_run, set.Layer, set.Source), one => one.Bytes);
        return new NearUnits
        {
            ByDirection = set.IsNeurons || !Has(own, unit) ? [] : own!.Value.Nearest(unit, Most),
            ByClass = Has(classes, unit) ? classes!.Value.Nearest(unit, Most) : [],
            Together = activity is { Value: var counted } ? new SharedActivity(counted.Positions, counted.ActiveAt(unit), counted.With(unit, Most)) : null,
            Pending = pending,
            Elsewhere = Has(own, unit) ? [.. Others(set, layer).Select(source => Counterpart(own!.Value, unit, set.Layer, source, now)).OfType<Counterpart>()] : [],
            Channels = set.IsNeurons || !Has(own, unit) ? [] : Channels(own!.Value, unit),
        };
    }

    /// <summary>Waits until shared activity is counted, where it can be.</summary>
    public async Task CountedAsync(FeatureSet set, CancellationToken cancellationToken)
    {
        var key = (set.Layer, set.Source, version());
        if (StartCounting(key) && _counting.TryGetValue(key, out Task<bool>? counting)) await counting.WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        // Whoever counts was told to end; what it still holds must outlive it.
        Task.WaitAll([.. _counting.Values.Select(task => task.ContinueWith(_ => { }, TaskScheduler.Default))], TimeSpan.FromSeconds(5));
        _kept.Dispose();
        _worker.Dispose();
    }

    /// <summary>Whether it is being counted, or will be: not where the run has no vectors, or an earlier count failed.</summary>
    private bool StartCounting((string Layer, string Source, string) key)
    {
        if (stopping.IsCancellationRequested || _kept.Contains(("activity", key))) return false;
        Task<bool> counting = _counting.GetOrAdd(key, _ => Task.Run(() => CountAsync(key), stopping));
        if (!counting.IsCompleted) return true;
        // What was counted and let go is counted again; what could not be is not tried again.
        return counting.IsCompletedSuccessfully && counting.Result && _counting.TryRemove(new(key, counting)) && StartCounting(key);
    }

    private async Task<bool> CountAsync((string Layer, string Source, string) key)
    {
        await _worker.WaitAsync(stopping);
        try
        {
            using Held<CoActivation>? counted = Kept(
                ("activity", key), () => RunRelations.Activity(_run, key.Layer, key.Source, stopping), one => one.Bytes);
            return counted is not null;
        }
        catch (FoveaException)
        {
            // A page without this list says all else; `fovea report` and the dictionary's own page name what is damaged.
            return false;
        }
        finally
        {
            _worker.Release();
        }
    }

    private Held<UnitDirections>? Directions(string layer, string source, string now) =>
        Kept(("directions", (layer, source, now)), () => RunRelations.Directions(_run, layer, source), one => one.Bytes);

    private Held<T>? Kept<T>((string, (string, string, string)) key, Func<T?> make, Func<T, long> bytes)
        where T : class => _kept.Get(key, make, bytes);

    private static bool Has(Held<UnitDirections>? directions, int unit) => directions is not null && unit < directions.Value.Count;

    private static IEnumerable<string> Others(FeatureSet set, LayerContents layer) =>
        layer.Dictionaries.Select(one => one.Name).Prepend(RunLayout.Neurons).Where(source => source != set.Source);

    private Counterpart? Counterpart(UnitDirections own, int unit, string layer, string source, string now)
    {
        using Held<UnitDirections>? other = Directions(layer, source, now);
        if (other is null || other.Value.Dimension != own.Dimension || other.Value.Nearest(own[unit], 1) is not [var nearest]) return null;
        bool mutual = own.Nearest(other.Value[nearest.Unit], 1) is [var back] && back.Unit == unit;
        return new Counterpart(source, nearest.Unit, nearest.Cosine, mutual);
    }

    private static ChannelWeight[] Channels(UnitDirections own, int unit)
    {
        float[] weights = own[unit].ToArray();
        return [.. Enumerable.Range(0, weights.Length).Where(channel => weights[channel] != 0).OrderByDescending(channel => Math.Abs(weights[channel]))
            .ThenBy(channel => channel).Take(Most).Select(channel => new ChannelWeight(channel, weights[channel]))];
    }
}
