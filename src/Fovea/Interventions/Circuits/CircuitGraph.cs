using Fovea.Numerics;

namespace Fovea.Interventions.Circuits;

/// <summary>A node: of the later layer or not, and its number there.</summary>
internal readonly record struct CircuitNode(bool IsLater, int Node);

/// <summary>Nodes in the order of their attributions, and the first so many of them.</summary>
/// <param name="Nodes">The nodes, most first.</param>
internal sealed record CircuitGraph(IReadOnlyList<CircuitNode> Nodes)
{
    /// <summary>An attribution below this share of the largest is that of no node or edge: rounding.</summary>
    public const double Rounding = 1e-6;

    /// <summary>The first nodes of one layer.</summary>
    /// <param name="later">Which layer.</param>
    /// <param name="size">How many nodes of both.</param>
    public int[] Of(bool later, int size) => [.. Nodes.Take(size).Where(node => node.IsLater == later).Select(node => node.Node)];

    /// <summary>All nodes of one layer.</summary>
    public int[] Of(bool later) => Of(later, Nodes.Count);

    /// <summary>
    /// The nodes with the largest attributions of both layers together, in whatever direction; of a layer that has any at least one.
    /// </summary>
    /// <param name="found">What nodes add.</param>
    /// <param name="most">How many.</param>
    /// <param name="integrated">Whether by integrated gradients.</param>
    public static CircuitGraph Choose(NodeAttributions found, int most, bool integrated)
    {
        (CircuitNode Node, double Size)[] all =
        [
            .. Sizes(found.From, later: false), .. Sizes(found.To, later: true),
        ];
        double least = Rounding * all.Select(one => one.Size).DefaultIfEmpty(0).Max();
        CircuitNode[] order = [.. all.Where(one => one.Size > least).OrderByDescending(one => one.Size).Select(one => one.Node)];
        List<CircuitNode> chosen = [.. order.Take(most)];
        foreach (bool later in (bool[])[false, true])
        {
            if (chosen.Any(node => node.IsLater == later) || chosen.Count < 2 || !order.Any(node => node.IsLater == later)) continue;
            chosen[^1] = order.First(node => node.IsLater == later);
        }
        return new CircuitGraph(chosen);

        IEnumerable<(CircuitNode, double)> Sizes(SideAttributions side, bool later) => Enumerable.Range(0, side.Count)
            .Select(node => (new CircuitNode(later, node), Math.Abs(integrated ? side.Integrated(node) : side.Gradient(node))));
    }

    /// <summary>
    /// Nodes at random in the place of each of these: a unit of the same layer that is active on the images. Error terms stay, so that a
    /// random graph is not worse for want of them.
    /// </summary>
    public CircuitGraph AtRandom(NodeAttributions found, int fromUnits, int toUnits, ulong seed, int number)
    {
        var random = new CounterRandom(seed, "circuits/random", number);
        var left = new Dictionary<bool, Queue<int>>
        {
            [false] = Shuffled(found.From, fromUnits),
            [true] = Shuffled(found.To, toUnits),
        };
        return new CircuitGraph(
            [.. Nodes.Select(node => node.Node == (node.IsLater ? toUnits : fromUnits) || left[node.IsLater].Count == 0 ? node
                : node with { Node = left[node.IsLater].Dequeue() })]);

        Queue<int> Shuffled(SideAttributions side, int units)
        {
            int[] active = [.. Enumerable.Range(0, Math.Min(units, side.Count)).Where(side.IsActive)];
            return new Queue<int>(random.Permutation(active.Length).Select(i => active[i]));
        }
    }

    /// <summary>1, 2, 4, … and all: the sizes at which graphs are put to the test.</summary>
    public static int[] Sizes(int nodes)
    {
        List<int> sizes = [];
        for (int size = 1; size < nodes; size *= 2) sizes.Add(size);
        if (nodes > 0) sizes.Add(nodes);
        return [.. sizes];
    }
}
