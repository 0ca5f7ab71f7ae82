namespace Fovea.Numerics;

/// <summary>
/// The cheapest one-to-one assignment of rows to columns (Kuhn 1955; shortest augmenting paths with potentials, Jonker and Volgenant 1987).
/// Time O(s² l) for the shorter side s and the longer side l, memory one matrix: seconds at 2,000 × 2,000, minutes at 10,000 × 10,000.
/// </summary>
public static class HungarianMatching
{
    /// <summary>Solves the assignment.</summary>
    /// <param name="cost">Finite costs, <c>[rows, columns]</c>, of any sign; negate similarities.</param>
    /// <returns>The column of each row, −1 for a row without one (more rows than columns). Every row or every column is assigned.</returns>
    /// <exception cref="ArgumentException">A cost is NaN or infinite.</exception>
    public static int[] Solve(double[,] cost)
    {
        ArgumentNullException.ThrowIfNull(cost);
        int rows = cost.GetLength(0), columns = cost.GetLength(1);
        bool transposed = rows > columns;
        var (small, large) = transposed ? (columns, rows) : (rows, columns);
        var lines = new double[small][];
        for (int i = 0; i < small; i++)
        {
            lines[i] = new double[large];
            for (int j = 0; j < large; j++)
            {
                double value = lines[i][j] = transposed ? cost[j, i] : cost[i, j];
                if (!double.IsFinite(value)) throw new ArgumentException($"The cost of an assignment must be finite, not {value}.", nameof(cost));
            }
        }
        int[] owners = Assign(lines, large);
        var columnOf = new int[rows];
        Array.Fill(columnOf, -1);
        for (int j = 0; j < large; j++)
        {
            if (owners[j] < 0) continue;
            if (transposed) columnOf[j] = owners[j];
            else columnOf[owners[j]] = j;
        }
        return columnOf;
    }

    /// <summary>Sum of the costs of an assignment as <see cref="Solve"/> gives it.</summary>
    /// <param name="cost"><c>[rows, columns]</c>.</param>
    /// <param name="columns">The column of each row, or −1.</param>
    public static double Sum(double[,] cost, ReadOnlySpan<int> columns)
    {
        ArgumentNullException.ThrowIfNull(cost);
        if (columns.Length != cost.GetLength(0)) throw new ArgumentException($"There are {cost.GetLength(0)} rows, not {columns.Length}.", nameof(columns));
        double sum = 0;
        for (int row = 0; row < columns.Length; row++)
            if (columns[row] >= 0) sum += cost[row, columns[row]];
        return sum;
    }

    /// <summary>The line of each column or −1; not more lines than columns.</summary>
    private static int[] Assign(double[][] lines, int columns)
    {
        var owner = new int[columns];
        Array.Fill(owner, -1);
        double[] lineCost = new double[lines.Length], columnCost = new double[columns], shortest = new double[columns];
        var from = new int[columns];
        var open = new int[columns];
        for (int start = 0; start < lines.Length; start++)
        {
            // Dijkstra over reduced costs from this line to the nearest column without a line.
            Array.Fill(shortest, double.PositiveInfinity);
            for (int j = 0; j < columns; j++) open[j] = j;
            int remaining = columns, line = start, end = -1, reachedFrom = -1;
            double distance = 0;
            while (end < 0)
            {
                double[] costs = lines[line];
                double offset = distance - lineCost[line], least = double.PositiveInfinity;
                int at = -1;
                for (int i = 0; i < remaining; i++)
                {
                    int column = open[i];
                    double through = costs[column] + offset - columnCost[column];
                    if (through < shortest[column]) (shortest[column], from[column]) = (through, reachedFrom);
                    // Of equally near columns a free one ends the search sooner.
                    if (shortest[column] < least || (shortest[column] == least && owner[column] < 0 && owner[open[at]] >= 0)) (least, at) = (shortest[column], i);
                }
                distance = least;
                int nearest = open[at];
                (open[at], open[remaining - 1]) = (open[remaining - 1], nearest);
                remaining--;
                if (owner[nearest] < 0) end = nearest;
                else (line, reachedFrom) = (owner[nearest], nearest);
            }
            lineCost[start] += distance;
            for (int i = remaining; i < columns; i++)
            {
                int column = open[i];
                if (column == end) continue;
                lineCost[owner[column]] += distance - shortest[column];
                columnCost[column] -= distance - shortest[column];
            }
            for (int column = end; ;)
            {
                int previous = from[column];
                owner[column] = previous < 0 ? start : owner[previous];
                if (previous < 0) break;
                column = previous;
            }
        }
        return owner;
    }
}
