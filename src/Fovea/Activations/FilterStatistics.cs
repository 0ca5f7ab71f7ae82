using Fovea.Numerics;

namespace Fovea.Activations;

/// <summary>Collects <see cref="FilterReport"/> image by image; memory does not grow with their number.</summary>
public sealed class FilterStatistics
{
    private readonly IReadOnlyList<(string Name, string Formula)> _filters;
    private readonly int[] _allZero;
    private readonly double[,] _cosine, _spearman;
    private readonly int[,] _pairs;
    private int _images;

    /// <summary>An empty collector.</summary>
    /// <param name="filters">Name and formula of each filter whose maps will be added, in order.</param>
    public FilterStatistics(IReadOnlyList<(string Name, string Formula)> filters)
    {
        ArgumentNullException.ThrowIfNull(filters);
        (_filters, _allZero) = (filters, new int[filters.Count]);
        (_cosine, _spearman, _pairs) =
            (new double[filters.Count, filters.Count], new double[filters.Count, filters.Count], new int[filters.Count, filters.Count]);
    }

    /// <summary>Adds one image.</summary>
    /// <param name="maps">Its map under each filter, all of the same length.</param>
    public void Add(IReadOnlyList<float[]> maps)
    {
        ArgumentNullException.ThrowIfNull(maps);
        _images++;
        var usable = new bool[maps.Count];
        var ranks = new double[maps.Count][];
        for (int i = 0; i < maps.Count; i++)
        {
            if (PatchSampler.IsAllZero(maps[i])) _allZero[i]++;
            usable[i] = !maps[i].Any(float.IsNaN) && maps[i].Min() < maps[i].Max();
            if (usable[i]) ranks[i] = Correlation.Ranks(maps[i]);
        }
        for (int i = 0; i < maps.Count; i++)
        {
            for (int j = i + 1; j < maps.Count; j++)
            {
                if (!usable[i] || !usable[j]) continue;
                _pairs[i, j]++;
                _cosine[i, j] += Correlation.Cosine(maps[i], maps[j]);
                _spearman[i, j] += Correlation.Pearson(ranks[i], ranks[j]);
            }
        }
    }

    /// <summary>All sums, in a fixed order: those of two sets of images are added number by number.</summary>
    internal IEnumerable<double> Sums =>
        [_images, .. _allZero.Select(count => (double)count), .. _cosine.Cast<double>(), .. _spearman.Cast<double>(), .. _pairs.Cast<int>().Select(count => (double)count)];

    /// <summary>Adds the sums of other images.</summary>
    /// <param name="sums">As <see cref="Sums"/> gives them.</param>
    internal void AddSums(IEnumerable<double> sums)
    {
        using var next = sums.GetEnumerator();
        int filters = _filters.Count;
        _images += (int)Next();
        for (int i = 0; i < filters; i++) _allZero[i] += (int)Next();
        for (int i = 0; i < filters; i++) for (int j = 0; j < filters; j++) _cosine[i, j] += Next();
        for (int i = 0; i < filters; i++) for (int j = 0; j < filters; j++) _spearman[i, j] += Next();
        for (int i = 0; i < filters; i++) for (int j = 0; j < filters; j++) _pairs[i, j] += (int)Next();

        double Next() => next.MoveNext() ? next.Current : throw new ArgumentException("There are too few sums.", nameof(sums));
    }

    /// <summary>The figures so far.</summary>
    public FilterReport Report() => new()
    {
        Images = _images,
        Filters = [.. _filters.Select(
            (filter, i) => new FilterSummary(filter.Name, filter.Formula, _allZero[i], _images == 0 ? 0 : (double)_allZero[i] / _images))],
        Compared = [.. _filters.Select(filter => filter.Name)],
        Cosine = Symmetric((i, j) => _cosine[i, j] / _pairs[i, j]),
        Spearman = Symmetric((i, j) => _spearman[i, j] / _pairs[i, j]),
        PairImages = Matrix((i, j) => i == j ? _images : _pairs[Math.Min(i, j), Math.Max(i, j)]),
    };

    private double[][] Symmetric(Func<int, int, double> upper) => Matrix((i, j) => i == j ? 1 : upper(Math.Min(i, j), Math.Max(i, j)));

    private T[][] Matrix<T>(Func<int, int, T> value) =>
        [.. Enumerable.Range(0, _filters.Count).Select(i => Enumerable.Range(0, _filters.Count).Select(j => value(i, j)).ToArray())];
}
