namespace Fovea.Dictionaries.Training;

/// <summary>
/// Entropy and coverage of groups in batches of one size, each relative to the best that a batch of these vectors can have. Used by one
/// thread.
/// </summary>
internal sealed class MixingCounter
{
    private readonly int[] _counts;
    private readonly int _size, _groups, _mostGroups;
    private readonly double _mostEntropy;
    private readonly double _shuffledEntropy, _shuffledCoverage;
    private double _entropy, _coverage, _lowestEntropy = double.PositiveInfinity, _lowestCoverage = double.PositiveInfinity;
    private int _batches;

    /// <param name="sizes">Vectors of each group; those of none take no part.</param>
    /// <param name="batchSize">Vectors of a batch, at most as many as there are.</param>
    public MixingCounter(IReadOnlyList<long> sizes, int batchSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batchSize, sizes.Sum(), nameof(batchSize));
        (_counts, _size) = (new int[sizes.Count], batchSize);
        // Of each size how many groups there are: of images mostly one.
        (long Size, int Groups)[] kinds = [.. sizes.Where(size => size > 0).CountBy(size => size).Select(pair => (pair.Key, pair.Value)).OrderBy(kind => kind.Key)];
        _groups = kinds.Sum(kind => kind.Groups);
        _mostGroups = Math.Min(_groups, batchSize);
        _mostEntropy = MostEntropy(kinds, batchSize);
        (double entropy, double distinct) = ShuffledBatch.Expect(kinds, batchSize);
        (_shuffledEntropy, _shuffledCoverage) = (Relative(entropy), distinct / _mostGroups);
    }

    /// <summary>Adds a batch.</summary>
    /// <param name="groups">The group of each of its vectors, as many as a batch has.</param>
    public void Add(ReadOnlySpan<int> groups)
    {
        if (groups.Length != _size) throw new ArgumentException($"A batch of {groups.Length} vectors, not {_size}.", nameof(groups));
        int distinct = 0;
        foreach (int group in groups)
        {
            if (_counts[group]++ == 0) distinct++;
        }
        double sum = 0;
        foreach (int group in groups)
        {
            sum += Term(_counts[group], _size);
            _counts[group] = 0;
        }
        double entropy = Relative(sum), coverage = (double)distinct / _mostGroups;
        (_entropy, _coverage, _batches) = (_entropy + entropy, _coverage + coverage, _batches + 1);
        (_lowestEntropy, _lowestCoverage) = (Math.Min(_lowestEntropy, entropy), Math.Min(_lowestCoverage, coverage));
    }

    /// <summary>Over all batches that were added, at least one.</summary>
    public GroupMixing Result() => new()
    {
        Groups = _groups,
        Entropy = _entropy / _batches,
        LowestEntropy = _lowestEntropy,
        ShuffledEntropy = _shuffledEntropy,
        Coverage = _coverage / _batches,
        LowestCoverage = _lowestCoverage,
        ShuffledCoverage = _shuffledCoverage,
    };

    /// <summary>−p ln p of a group's share p = count / size; 0 where it has none.</summary>
    public static double Term(double count, double size) => count > 0 ? -(count / size) * Math.Log(count / size) : 0;

    /// <summary>Where there is one group only, nothing can be better mixed.</summary>
    private double Relative(double entropy) => _mostEntropy > 0 ? entropy / _mostEntropy : 1;

    /// <summary>
    /// The largest entropy of a batch: every group as often as any other, to one, as far as it has so many vectors.
    /// </summary>
    /// <param name="kinds">By size, ascending.</param>
    /// <param name="batchSize">Vectors of a batch.</param>
    private static double MostEntropy(IReadOnlyList<(long Size, int Groups)> kinds, int batchSize)
    {
        double entropy = 0;
        long left = batchSize;
        int groups = kinds.Sum(kind => kind.Groups);
        foreach (var (size, some) in kinds)
        {
            // Those that have fewer than their share are in it whole, and leave more to the others.
            if (size * groups > left) break;
            entropy += some * Term(size, batchSize);
            (left, groups) = (left - size * some, groups - some);
        }
        if (groups == 0) return entropy;
        long each = left / groups, more = left % groups;
        return entropy + more * Term(each + 1, batchSize) + (groups - more) * Term(each, batchSize);
    }
}
