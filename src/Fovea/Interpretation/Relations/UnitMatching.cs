using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Interpretation.Relations;

/// <summary>Two units that were matched.</summary>
/// <param name="A">Of the first side.</param>
/// <param name="B">Of the second.</param>
/// <param name="Cosine">Between what they are compared by.</param>
public readonly record struct UnitPair(int A, int B, double Cosine);

/// <summary>A unit and the one of the other side that is nearest to it.</summary>
/// <param name="Unit">The unit.</param>
/// <param name="Nearest">The nearest one.</param>
/// <param name="Cosine">Between the two.</param>
public readonly record struct NearestUnit(int Unit, int Nearest, double Cosine);

/// <summary>
/// Which units of two sources are each other's like. Cosines keep their sign. Units without a direction (all zeros, or the same on every
/// class) take no part. Definitions in docs/reference/metrics.md.
/// </summary>
public sealed record UnitMatching
{
    /// <summary>
    /// Up to so many cosines the best one-to-one matching is found: seconds. Above, units are matched that are each other's nearest.
    /// </summary>
    public const long MostOneToOne = 2_560L * 2_560;

    private const int RowsAtOnce = 1024, RowsOfActivity = 128;

    /// <summary>The pairs, by the first side's unit.</summary>
    public required IReadOnlyList<UnitPair> Pairs { get; init; }

    /// <summary>Whether <see cref="Pairs"/> is the one-to-one matching with the largest sum; else they are each other's nearest.</summary>
    public required bool OneToOne { get; init; }

    /// <summary>Of each unit of the first side the nearest one of the second.</summary>
    public required IReadOnlyList<NearestUnit> NearestOfA { get; init; }

    /// <summary>Of each unit of the second side the nearest one of the first.</summary>
    public required IReadOnlyList<NearestUnit> NearestOfB { get; init; }

    /// <summary>Mean cosine of the pairs; NaN without any.</summary>
    public double MatchedCosine => Pairs.Count == 0 ? double.NaN : Pairs.Average(pair => pair.Cosine);

    /// <summary>Mean over the first side of the largest cosine with the second (MMCS).</summary>
    public double MeanMaximum => NearestOfA.Count == 0 ? double.NaN : NearestOfA.Average(one => one.Cosine);

    /// <summary>The same of the second side.</summary>
    public double MeanMaximumBack => NearestOfB.Count == 0 ? double.NaN : NearestOfB.Average(one => one.Cosine);

    /// <summary>Share of the larger side that is matched.</summary>
    public double Coverage => Math.Max(NearestOfA.Count, NearestOfB.Count) is > 0 and var larger ? (double)Pairs.Count / larger : double.NaN;

    /// <summary>Compares all units of one side with all of the other, 1,024 rows of cosines at a time.</summary>
    /// <param name="a">Directions of length 1, or 0 where a unit has none, <c>[units, d]</c>.</param>
    /// <param name="b">The same of the other side, <c>[units, d]</c>.</param>
    /// <param name="ct">Ends the work.</param>
    /// <param name="mostOneToOne">Up to so many cosines the matching is one to one.</param>
    /// <exception cref="ArgumentException">The directions are of different lengths.</exception>
    public static UnitMatching Of(UnitDirections a, UnitDirections b, CancellationToken ct, long mostOneToOne = MostOneToOne)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (a.Dimension != b.Dimension) throw new ArgumentException("The directions are of different lengths.", nameof(b));
        int[] left = Known(a), right = Known(b);
        if (left.Length == 0 || right.Length == 0)
            return new UnitMatching { Pairs = [], OneToOne = true, NearestOfA = [], NearestOfB = [] };
        bool oneToOne = (long)left.Length * right.Length <= mostOneToOne;
        var cost = new List<float[]>();
        var nearest = new int[left.Length];
        var (back, best) = (new int[right.Length], new float[right.Length]);
        Array.Fill(best, float.NegativeInfinity);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor columns = Rows(b, right).t().contiguous();
        for (int first = 0; first < left.Length; first += RowsAtOnce)
        {
            ct.ThrowIfCancellationRequested();
            using var part = NewDisposeScope();
            Tensor cosines = Rows(a, left[first..Math.Min(left.Length, first + RowsAtOnce)]).matmul(columns);
            Copy(cosines.argmax(1), nearest, first);
            var (values, places) = cosines.max(0);
            float[] highest = values.data<float>().ToArray();
            long[] rows = places.data<long>().ToArray();
            for (int j = 0; j < highest.Length; j++)
                if (highest[j] > best[j]) (best[j], back[j]) = (highest[j], first + (int)rows[j]);
            if (!oneToOne) continue;
            Tensor far = cosines.neg_();
            for (long row = 0; row < far.shape[0]; row++) cost.Add(far[row].data<float>().ToArray());
        }
        IEnumerable<(int, int)> pairs = oneToOne
            ? HungarianMatching.Solve(cost).Select((j, i) => (i, j)).Where(pair => pair.j >= 0)
            : nearest.Select((j, i) => (i, j)).Where(pair => back[pair.j] == pair.i);
        return new UnitMatching
        {
            OneToOne = oneToOne,
            Pairs = [.. pairs.Select(pair => (A: left[pair.Item1], B: right[pair.Item2]))
                .Select(pair => new UnitPair(pair.A, pair.B, Cosine(a, pair.A, b, pair.B)))],
            NearestOfA = [.. nearest.Select((j, i) => new NearestUnit(left[i], right[j], Cosine(a, left[i], b, right[j])))],
            NearestOfB = [.. back.Select((i, j) => new NearestUnit(right[j], left[i], Cosine(a, left[i], b, right[j])))],
        };
    }

    /// <summary>
    /// Compares all units of one side with all of the other by the correlation of their activations over the same positions. Units whose
    /// activation is the same everywhere take no part.
    /// </summary>
    /// <param name="a">The first side.</param>
    /// <param name="b">The second, of the same positions in the same order.</param>
    /// <param name="ct">Ends the work.</param>
    /// <param name="mostOneToOne">Up to so many correlations the matching is one to one.</param>
    /// <exception cref="ArgumentException">The two are of other positions.</exception>
    public static UnitMatching OfActivity(CoActivation a, CoActivation b, CancellationToken ct, long mostOneToOne = MostOneToOne)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        int[] left = [.. Enumerable.Range(0, a.Units).Where(a.Varies)], right = [.. Enumerable.Range(0, b.Units).Where(b.Varies)];
        if (left.Length == 0 || right.Length == 0)
            return new UnitMatching { Pairs = [], OneToOne = true, NearestOfA = [], NearestOfB = [] };
        bool oneToOne = (long)left.Length * right.Length <= mostOneToOne;
        var cost = new List<float[]>();
        var (forth, own) = (new int[left.Length], new float[left.Length]);
        var (back, best) = (new int[right.Length], new float[right.Length]);
        Array.Fill(best, float.NegativeInfinity);
        for (int first = 0; first < left.Length; first += RowsOfActivity)
        {
            var rows = new float[Math.Min(RowsOfActivity, left.Length - first)][];
            ParallelLoop.For(rows.Length, i =>
            {
                float[] all = a.Correlations(left[first + i], b);
                rows[i] = [.. right.Select(unit => all[unit])];
            }, ct);
            for (int i = first; i < first + rows.Length; i++)
            {
                float[] row = rows[i - first];
                own[i] = float.NegativeInfinity;
                for (int j = 0; j < row.Length; j++)
                {
                    if (row[j] > own[i]) (own[i], forth[i]) = (row[j], j);
                    if (row[j] > best[j]) (best[j], back[j]) = (row[j], i);
                }
                if (!oneToOne) continue;
                for (int j = 0; j < row.Length; j++) row[j] = -row[j];
                cost.Add(row);
            }
        }
        IEnumerable<UnitPair> pairs = oneToOne
            ? HungarianMatching.Solve(cost).Select((j, i) => (i, j)).Where(pair => pair.j >= 0)
                .Select(pair => new UnitPair(left[pair.i], right[pair.j], -cost[pair.i][pair.j]))
            : forth.Select((j, i) => (i, j)).Where(pair => back[pair.j] == pair.i)
                .Select(pair => new UnitPair(left[pair.i], right[pair.j], own[pair.i]));
        return new UnitMatching
        {
            OneToOne = oneToOne,
            Pairs = [.. pairs],
            NearestOfA = [.. forth.Select((j, i) => new NearestUnit(left[i], right[j], own[i]))],
            NearestOfB = [.. back.Select((i, j) => new NearestUnit(right[j], left[i], best[j]))],
        };
    }

    /// <summary>In double precision: single precision decided who is nearest.</summary>
    private static double Cosine(UnitDirections a, int one, UnitDirections b, int other)
    {
        ReadOnlySpan<float> left = a[one], right = b[other];
        double sum = 0;
        for (int i = 0; i < left.Length; i++) sum += (double)left[i] * right[i];
        return Math.Clamp(sum, -1, 1);
    }

    private static int[] Known(UnitDirections all) =>
        [.. Enumerable.Range(0, all.Count).Where(unit => all[unit].ContainsAnyExcept(0f))];

    private static Tensor Rows(UnitDirections all, int[] units)
    {
        var values = new float[checked(units.Length * all.Dimension)];
        for (int i = 0; i < units.Length; i++) all[units[i]].CopyTo(values.AsSpan(i * all.Dimension));
        return tensor(values).view(units.Length, all.Dimension);
    }

    private static void Copy(Tensor places, int[] to, int first)
    {
        long[] values = places.data<long>().ToArray();
        for (int i = 0; i < values.Length; i++) to[first + i] = (int)values[i];
    }
}
