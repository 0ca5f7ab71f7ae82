using System.Collections.Concurrent;
using System.Globalization;
using Fovea.Explorer.Contents;
using Fovea.Interpretation.Relations;
using Fovea.Numerics;
using Fovea.Runs;

namespace Fovea.Explorer.Relations;

/// <summary>
/// What units are compared by, read once and kept while there is room. Directions and profiles are read when they are asked for; shared
/// activity, which needs codes of thousands of positions, is counted by one worker in the background. Everything is kept under the stamps of
/// the files that it is made from, so that what a run writes anew is read anew.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="stopping">Cancelled when the explorer ends.</param>
internal sealed class RelationShelf(IRunReader run, CancellationToken stopping) : IDisposable
{
    /// <summary>Units of each list.</summary>
    public const int Most = 8;

    /// <summary>Bytes of directions, profiles and counts: those of a dictionary of 20,000 latents and of one beside it.</summary>
    private const long MostBytes = 224L << 20;

    private const int MostLists = 1024;

    private readonly RunFolder _folder = new(run.Name);
    private readonly SourceStamps _stamps = new(run);
    private readonly KeptValues _kept = new(MostBytes);
    private readonly RecentValues<object, NearUnits> _lists = new(MostLists);
    private readonly ConcurrentDictionary<SourceKey, Task<bool>> _counting = new();
    private readonly SemaphoreSlim _worker = new(1);

    /// <summary>The units near one, as far as they are known without waiting.</summary>
    /// <param name="set">The unit's source.</param>
    /// <param name="unit">The unit.</param>
    /// <param name="layer">What the run holds of the layer.</param>
    /// <exception cref="FoveaException">Data: a file of the run is damaged.</exception>
    public NearUnits Of(FeatureSet set, int unit, LayerContents layer)
    {
        SourceKey own = _stamps.Of(set.Layer, set.Source);
        SourceKey[] others = [.. Others(set, layer).Select(source => _stamps.Of(set.Layer, source))];
        SourceKey[] counted = [.. Counted(own, others).Where(key => _kept.Contains(("activity", key)))];
        bool pending = Counted(own, others).Except(counted).Count(StartCounting) > 0;
        // Who walks back and forth asks for the same lists: they are made of nothing but what stands in the key.
        string key = string.Join('\n', [unit.ToString(CultureInfo.InvariantCulture), own.ToString(), .. others.Select(one => one.ToString()), "", .. counted.Select(one => one.Source)]);
        return _lists.Get(key, () => Made(set, unit, own, others)) with { Pending = pending };
    }

    /// <summary>Waits until shared activity is counted, where it can be.</summary>
    /// <param name="set">The unit's source.</param>
    /// <param name="layer">What the run holds of the layer.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task CountedAsync(FeatureSet set, LayerContents layer, CancellationToken cancellationToken)
    {
        SourceKey own = _stamps.Of(set.Layer, set.Source);
        foreach (SourceKey key in Counted(own, [.. Others(set, layer).Select(source => _stamps.Of(set.Layer, source))]))
            if (StartCounting(key) && _counting.TryGetValue(key, out Task<bool>? counting)) await counting.WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        // Whoever counts was told to end; what it still holds must outlive it.
        Task.WaitAll([.. _counting.Values.Select(task => task.ContinueWith(_ => { }, TaskScheduler.Default))], TimeSpan.FromSeconds(5));
        _kept.Dispose();
        _worker.Dispose();
    }

    private NearUnits Made(FeatureSet set, int unit, SourceKey own, SourceKey[] others)
    {
        using Held<CoActivation>? activity = _kept.Find<CoActivation>(("activity", own));
        using Held<UnitDirections>? directions = Directions(own);
        using Held<UnitDirections>? classes = Kept("classes", own, () => RunRelations.ClassProfiles(_folder, own.Layer, own.Source), one => one.Bytes);
        bool latent = !set.IsNeurons && Has(directions, unit);
        (IReadOnlyList<RelatedUnit> near, Counterpart[] elsewhere) = Has(directions, unit) ? Nearest(directions!.Value, unit, latent ? Most : 0, others) : ([], []);
        return new NearUnits
        {
            ByDirection = near,
            ByClass = Has(classes, unit) ? classes!.Value.Nearest(unit, Most) : [],
            Together = activity is { Value: var counted } ? new SharedActivity(counted.Positions, counted.ActiveAt(unit), counted.With(unit, Most)) : null,
            Elsewhere = elsewhere,
            AlikeElsewhere = activity is null || set.IsNeurons ? []
                : [.. others.Select(other => Alike(activity.Value, unit, other)).OfType<ActiveCounterpart>()],
            Channels = latent ? Channels(directions!.Value, unit) : [],
        };
    }

    /// <summary>
    /// The nearest of the own source and of each other one. The own rows are gone through once, for the unit and for each counterpart, which
    /// asks who is the nearest to it.
    /// </summary>
    private (IReadOnlyList<RelatedUnit>, Counterpart[]) Nearest(UnitDirections own, int unit, int most, SourceKey[] others)
    {
        if (!own.HasDirection(unit)) return ([], []);
        List<float> asked = [.. own[unit]];
        var found = new List<(string Source, RelatedUnit Nearest)>();
        foreach (SourceKey key in others)
        {
            using Held<UnitDirections>? other = Directions(key);
            if (other is null || other.Value.Dimension != own.Dimension || other.Value.Nearest(own[unit], 1) is not [var nearest]) continue;
            found.Add((key.Source, nearest));
            asked.AddRange(other.Value[nearest.Unit]);
        }
        var lists = own.NearestOfEach([.. asked], [most, .. found.Select(_ => 1)], [unit, .. found.Select(_ => -1)]);
        return (lists[0], [.. found.Select((one, i) => new Counterpart(
            one.Source, one.Nearest.Unit, one.Nearest.Cosine, lists[i + 1] is [var back] && back.Unit == unit))]);
    }

    private ActiveCounterpart? Alike(CoActivation own, int unit, SourceKey key)
    {
        if (key.Source == RunLayout.Neurons || !own.Varies(unit)) return null;
        using Held<CoActivation>? other = _kept.Find<CoActivation>(("activity", key));
        if (other is null || other.Value.Positions != own.Positions) return null;
        float[] forth = own.Correlations(unit, other.Value);
        int best = Largest(forth);
        return forth[best] <= 0 ? null : new ActiveCounterpart(key.Source, best, forth[best], Largest(other.Value.Correlations(best, own)) == unit);
    }

    private static int Largest(float[] values)
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
            if (values[i] > values[best]) best = i;
        return best;
    }

    /// <summary>The sources whose activity is looked at: the unit's own, and, for latents, the other dictionaries of the layer.</summary>
    private static IEnumerable<SourceKey> Counted(SourceKey own, SourceKey[] others) =>
        own.Source == RunLayout.Neurons ? [own] : others.Where(one => one.Source != RunLayout.Neurons).Prepend(own);

    /// <summary>Whether it is being counted, or will be: not where the run has no vectors, or an earlier count failed.</summary>
    private bool StartCounting(SourceKey key)
    {
        if (stopping.IsCancellationRequested || _kept.Contains(("activity", key))) return false;
        Task<bool> counting = _counting.GetOrAdd(key, _ => Task.Run(() => CountAsync(key), stopping));
        if (!counting.IsCompleted) return true;
        // What was counted and let go is counted again; what could not be is not tried again.
        return counting.IsCompletedSuccessfully && counting.Result && _counting.TryRemove(new(key, counting)) && StartCounting(key);
    }

    /// <summary>
    /// Counting reads a dictionary and thousands of vectors, of which nothing is needed afterwards: half a gigabyte of an explorer that holds
    /// a tenth of that for hours. Done once for each source, by the worker that counted.
    /// </summary>
    private static void GiveBack()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        NativeHeap.Trim();
    }

    private async Task<bool> CountAsync(SourceKey key)
    {
        await _worker.WaitAsync(stopping);
        try
        {
            using Held<CoActivation>? counted = Kept(
                "activity", key, () => RunRelations.Activity(_folder, key.Layer, key.Source, stopping, aside: true), one => one.Bytes);
            GiveBack();
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

    private Held<UnitDirections>? Directions(SourceKey key) =>
        Kept("directions", key, () => RunRelations.Directions(_folder, key.Layer, key.Source), one => one.Bytes);

    private Held<T>? Kept<T>(string what, SourceKey key, Func<T?> make, Func<T, long> bytes)
        where T : class => _kept.Get((what, key), make, bytes);

    private static bool Has(Held<UnitDirections>? directions, int unit) => directions is not null && unit < directions.Value.Count;

    private static IEnumerable<string> Others(FeatureSet set, LayerContents layer) =>
        layer.Dictionaries.Select(one => one.Name).Prepend(RunLayout.Neurons).Where(source => source != set.Source);

    private static ChannelWeight[] Channels(UnitDirections own, int unit)
    {
        float[] weights = own[unit].ToArray();
        return [.. Enumerable.Range(0, weights.Length).Where(channel => weights[channel] != 0).OrderByDescending(channel => Math.Abs(weights[channel]))
            .ThenBy(channel => channel).Take(Most).Select(channel => new ChannelWeight(channel, weights[channel]))];
    }
}
