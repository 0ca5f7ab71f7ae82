using Fovea.Models.Edits;

namespace Fovea.Interventions.Effects;

/// <summary>Changes in pieces whose units together are few enough for their values to lie in memory at once.</summary>
internal sealed class EffectPlan
{
    /// <summary>Units of a piece, but for a change that alone has more.</summary>
    private const int PieceUnits = 256;

    private EffectPlan(IReadOnlyList<Piece> pieces) => Pieces = pieces;

    /// <summary>The pieces, in the order of the sets.</summary>
    public IReadOnlyList<Piece> Pieces { get; }

    /// <summary>Plans some changes.</summary>
    /// <param name="sets">Their units; null: each of the layer's alone.</param>
    /// <param name="units">Units of the layer.</param>
    /// <param name="operation">What is done; means are one for each unit of the layer.</param>
    /// <exception cref="FoveaException">Configuration: a unit does not exist or stands twice in a set, there are not as many means as
    /// units, or values of other images are needed.</exception>
    public static EffectPlan Of(IReadOnlyList<IReadOnlyList<int>>? sets, int units, UnitOperation operation)
    {
        if (operation is UnitOperation.Resampling)
        {
            throw FoveaException.BadConfiguration(
                "Effects of units are measured with values that are given: 0, a mean, a factor, an amount. Values of other images are for "
                    + "lists of interventions.");
        }
        if (operation is UnitOperation.Replacing means && means.Means.Count != units)
            throw FoveaException.BadConfiguration($"{means.Means.Count} means were given for {units} units.");
        List<Piece> pieces = [];
        var members = new SortedSet<int>();
        int first = 0, count = sets?.Count ?? units;
        for (int i = 0; i < count; i++)
        {
            IReadOnlyList<int> set = sets is null ? [i] : sets[i];
            Require(set, units);
            if (i > first && members.Count + set.Count(unit => !members.Contains(unit)) > PieceUnits) Close(i);
            members.UnionWith(set);
        }
        Close(count);
        return new EffectPlan(pieces);

        void Close(int end)
        {
            if (end > first)
            {
                pieces.Add(new Piece(
                    first, [.. Enumerable.Range(first, end - first).Select(i => sets is null ? [i] : sets[i])], [.. members], operation));
            }
            first = end;
            members.Clear();
        }
    }

    private static void Require(IReadOnlyList<int> set, int units)
    {
        foreach (int unit in set)
        {
            if ((uint)unit >= (uint)units)
                throw FoveaException.BadConfiguration($"Unit {unit} does not exist: the layer has {units}, from 0.");
        }
        if (set.Count > 1 && set.Distinct().Count() != set.Count) throw FoveaException.BadConfiguration("A unit of a change stands twice.");
    }

    /// <summary>Changes that are made together.</summary>
    internal sealed class Piece
    {
        public Piece(int first, IReadOnlyList<IReadOnlyList<int>> sets, int[] units, UnitOperation operation)
        {
            (First, Units) = (first, units);
            Sets = [.. sets.Select(set => set.Select(unit => Array.BinarySearch(units, unit)).ToArray())];
            Singles = Sets.All(set => set.Length == 1);
            Operation = operation is UnitOperation.Replacing means
                ? UnitOperation.Mean([.. units.Select(unit => means.Means[unit])]) : operation;
        }

        /// <summary>The number of the first set.</summary>
        public int First { get; }

        /// <summary>All units of its sets, ascending.</summary>
        public int[] Units { get; }

        /// <summary>Each set as places in <see cref="Units"/>.</summary>
        public IReadOnlyList<int[]> Sets { get; }

        /// <summary>Whether each set is one unit.</summary>
        public bool Singles { get; }

        /// <summary>What becomes of these units.</summary>
        public UnitOperation Operation { get; }
    }
}
