using Fovea.Runs.Settings;
using Fovea.Visualization;

namespace Fovea.Runs.Stages.Features;

/// <summary>Which units of a group a set of pictures is of.</summary>
internal enum RenderedUnits
{
    /// <summary>Those of the gallery and those that comparisons name.</summary>
    All,

    /// <summary>Those of the gallery.</summary>
    Gallery,

    /// <summary>The first of the gallery, which are shown by several presets side by side.</summary>
    SideBySide,
}

/// <summary>Pictures of units of a group that are made the same way, one after the other in batches.</summary>
/// <param name="Preset">How.</param>
/// <param name="Again">0 for the run's seed; others for another draw of start and views.</param>
/// <param name="Of">Of which units.</param>
internal sealed record RenderSet(string Preset, int Again, RenderedUnits Of)
{
    /// <summary>Pictures of a part, at least: less would be more about claims than about pictures.</summary>
    private const int FewestOfPart = 8;

    /// <summary>Pictures of a part where the batch is chosen by memory: the largest batch.</summary>
    private const int LargestBatch = 32;

    /// <summary>The sets of every group, in the order of the results.</summary>
    public static IReadOnlyList<RenderSet> All(FeatureSettings settings) =>
        [.. Enumerable.Range(0, settings.Seeds).SelectMany(again => settings.Presets
            .Select(preset => new RenderSet(preset, again, RenderedUnits.SideBySide))
            .Prepend(new RenderSet(RenderPresets.Paper.Preset, again, again == 0 ? RenderedUnits.All : RenderedUnits.Gallery)))];

    /// <summary>
    /// Pieces of the sets that several processes can make: batches that begin at some places of a set, a few small sets together. The
    /// recipe alone says them, though which units, and how many of them are alive, is found out later: a piece may turn out empty.
    /// </summary>
    /// <param name="settings">The recipe's.</param>
    /// <param name="units">Units of the group.</param>
    /// <returns>The pieces of each part; none where it would be one.</returns>
    public static IReadOnlyList<IReadOnlyList<RenderPiece>> Parts(FeatureSettings settings, int units)
    {
        int size = settings.BatchSize is { } batch ? batch * ((FewestOfPart + batch - 1) / batch) : LargestBatch, pictures = 0;
        List<List<RenderPiece>> parts = [];
        foreach (RenderSet set in All(settings))
        {
            int most = Math.Min(units, set.Most(settings));
            for (int first = 0; first < most; first += size)
            {
                if (parts.Count == 0 || pictures >= size)
                {
                    parts.Add([]);
                    pictures = 0;
                }
                parts[^1].Add(new RenderPiece(set, first, first + size));
                pictures += Math.Min(size, most - first);
            }
        }
        return parts.Count > 1 ? parts : [];
    }

    /// <summary>So many pictures at most.</summary>
    private int Most(FeatureSettings settings) => Of switch
    {
        RenderedUnits.All => settings.Pictures + 2 * settings.CompareUnits * Math.Max(1, settings.Compare.Count),
        RenderedUnits.Gallery => settings.Pictures,
        _ => Math.Min(settings.SideBySide, settings.Pictures),
    };
}

/// <summary>Some batches of a set.</summary>
/// <param name="Set">The set.</param>
/// <param name="First">The place among its units from which on batches begin.</param>
/// <param name="End">The place at which none begins any more.</param>
internal sealed record RenderPiece(RenderSet Set, int First, int End);
