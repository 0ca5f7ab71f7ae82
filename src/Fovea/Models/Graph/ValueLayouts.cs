namespace Fovea.Models.Graph;

/// <summary>
/// Where positions lie in the values of a graph, followed from the images through each operation: convolutions give <c>[N, C, H, W]</c>,
/// what permutes, flattens, cuts and joins says what becomes of the axes. Where an operation hides it, as attention does, a value of the
/// same sizes as one that it was made from lies as that one does. Nothing is told from sizes alone.
/// </summary>
internal sealed class ValueLayouts
{
    private static readonly HashSet<string> Spatial =
    [
        "conv2d", "conv_transpose2d", "max_pool2d", "avg_pool2d", "avg_pool_uneven", "lp_pool", "max_unpool", "adaptive_avg_pool2d",
        "adaptive_max_pool2d", "pixel_shuffle", "depth_to_space", "space_to_depth", "batch_norm", "instance_norm", "local_response_norm",
        "resize", "grid_sample",
    ];

    private readonly NetworkGraph _graph;
    private readonly IReadOnlyList<long[]?> _sizes;
    private readonly ValueLayout?[] _layouts;
    private readonly Known?[] _last;
    private readonly bool[] _guessed;

    /// <summary>Follows a graph.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="sizes">The sizes of each value, as one pass found them; null where it made none.</param>
    public ValueLayouts(NetworkGraph graph, IReadOnlyList<long[]?> sizes)
    {
        (_graph, _sizes) = (graph, sizes);
        (_layouts, _last, _guessed) = (new ValueLayout?[graph.ValueCount], new Known?[graph.ValueCount], new bool[graph.ValueCount]);
        if (sizes[0] is { Length: 4 } images)
        {
            _layouts[0] = ValueLayout.ChannelsFirst(images);
            _last[0] = new Known(_layouts[0]!, images, null);
        }
        foreach (GraphNode node in graph.Nodes) Follow(node);
    }

    /// <summary>How a value lies; null where it is not known or has no positions.</summary>
    public ValueLayout? Of(int value) => _layouts[value];

    /// <summary>Whether what a node makes of a position depends on that position alone, and both grids are the same.</summary>
    public bool IsPositionByPosition(GraphNode node)
    {
        if (node.Inputs is not [{ Length: > 0 }, ..] || node.Outputs is not [{ Length: > 0 }, ..]) return false;
        int read = _graph.ValueOf(node.Inputs[0]), made = _graph.ValueOf(node.Outputs[0]);
        if (_guessed[made] || _layouts[read] is not { } before || _layouts[made] is not { } after) return false;
        if (before.Rows != after.Rows || before.Columns != after.Columns) return false;
        bool vectors = !before.Axes[^1].HasPositions;
        return node.Operator.Name switch
        {
            "permute" or "transpose" or "reshape" or "flatten" or "unflatten" or "squeeze" or "unsqueeze" or "grid" or "ungrid" => true,
            "slice" or "select" or "unbind" or "chunk" or "split" or "cat" => true,
            "linear" or "matmul" => vectors,
            "layer_norm" => vectors && node.Attributes.Ints("shape").Length == 1,
            _ => false,
        };
    }

    private void Follow(GraphNode node)
    {
        int[] inputs = [.. node.Inputs.Where(input => input.Length > 0).Select(_graph.ValueOf).Where(value => _last[value] is not null)];
        if (inputs.Length == 0) return;
        foreach (string output in node.Outputs)
        {
            if (output.Length == 0) continue;
            int value = _graph.ValueOf(output);
            if (_sizes[value] is not { } sizes) continue;
            // Of several, one that is as large as the result: what is multiplied with it may be one number an image.
            int from = First(one => _layouts[one] is not null && _sizes[one]!.AsSpan().SequenceEqual(sizes))
                ?? First(one => _layouts[one] is not null) ?? inputs[0];
            ValueLayout? layout = _layouts[from] is { } read ? Of(node, from, read, sizes) : null;
            if (layout is not { IsWhole: true }) (layout, _guessed[value]) = (AsBefore(_last[from]!, sizes), true);
            _layouts[value] = layout;
            _last[value] = layout is null ? _last[from] : new Known(layout, sizes, _last[from]);
        }

        int? First(Predicate<int> wanted) => Array.FindIndex(inputs, wanted) is >= 0 and var place ? inputs[place] : null;
    }

    /// <summary>As the last value before it that has its sizes; of tokens, as many.</summary>
    private static ValueLayout? AsBefore(Known last, long[] sizes)
    {
        for (Known? known = last; known is not null; known = known.Before)
        {
            if (known.Sizes.AsSpan().SequenceEqual(sizes)) return known.Layout;
            if (known.Layout.IsTokens && sizes.Length == 3 && known.Sizes.AsSpan(0, 2).SequenceEqual(sizes.AsSpan(0, 2)))
                return known.Layout.Resized(sizes);
        }
        return null;
    }

    private ValueLayout? Of(GraphNode node, int from, ValueLayout read, long[] sizes)
    {
        OperatorAttributes a = node.Attributes;
        int rank = read.Axes.Count;
        switch (node.Operator.Name)
        {
            case var name when Spatial.Contains(name):
                // Images may stand among the channels, [1, N · C, H, W], as an instance normalisation is written.
                return sizes.Length != 4 ? null
                    : read.Axes[0].Factors is [{ Kind: AxisKind.Images }] ? ValueLayout.ChannelsFirst(sizes) : read.Resized(sizes);
            case "permute":
                return a.Ints("dims") is { } dims && dims.Length == rank ? read.Permuted(dims.Select(At)) : null;
            case "transpose":
                (int one, int other) = (At(a.Int("dim0")), At(a.Int("dim1")));
                return read.Permuted(Enumerable.Range(0, rank).Select(axis => axis == one ? other : axis == other ? one : axis));
            case "reshape" or "flatten" or "unflatten" or "squeeze" or "unsqueeze":
                return read.Reshaped(sizes);
            case "grid":
                return sizes.Length == 4 ? ValueLayout.ChannelsFirst(sizes) : null;
            case "ungrid":
                return _layouts[_graph.ValueOf(_graph.Producer(node.Inputs[0])!.Inputs[0])];
            case "select" or "unbind":
                return read.Without(At(a.Int("dim", 0)));
            case "slice":
                return Sliced(read, At(a.Int("dim", 0)), a, sizes);
            case "cat":
                return Joined(node, from, read, At(a.Int("dim", 1)), sizes);
            case "expand" or "repeat":
                return _sizes[from]!.AsSpan().SequenceEqual(sizes) ? read : null;
            case "linear":
                return read.With(rank - 1, ValueAxis.Of(AxisKind.Other, sizes[^1]));
            case "matmul":
                // Rows times a matrix of weights is a linear layer; of two values of the images it mixes positions.
                if (!IsWeight(node.Inputs[1]) || sizes.Length != rank) return null;
                goto case "linear";
            case "layer_norm" or "roll" or "flip" or "pad" or "scaled_dot_product_attention":
            case "mean" or "sum" or "amax" or "chunk" or "split":
                return read.Resized(sizes);
            default:
                return node.Operator.Reach(a) is SpatialReach.SamePosition ? read.Resized(sizes) : null;
        }

        int At(long dim) => (int)(dim < 0 ? dim + rank : dim);
    }

    /// <summary>Whether a value depends on weights alone.</summary>
    private bool IsWeight(string value) => _last[_graph.ValueOf(value)] is null;

    private ValueLayout? Joined(GraphNode node, int from, ValueLayout read, int dim, long[] sizes)
    {
        if (!read.Axes[dim].HasPositions) return read.Resized(sizes);
        // The grid stays where the others are none: a class token, registers.
        int[] inputs = [.. node.Inputs.Where(input => input.Length > 0).Select(_graph.ValueOf)];
        if (inputs.Count(value => _layouts[value] is { } layout && layout.Axes[dim].HasPositions) != 1) return null;
        long moved = inputs.TakeWhile(value => value != from).Sum(value => SizesOf(value)[dim]);
        return read.With(dim, read.Axes[dim] with { Size = sizes[dim], Before = read.Axes[dim].Before + moved });
    }

    /// <summary>The sizes of a value that is made, or of a weight: a class token that is joined as it is.</summary>
    private IReadOnlyList<long> SizesOf(int value) => _sizes[value] ?? _graph.Weights[value - 1].Shape;

    private static ValueLayout? Sliced(ValueLayout read, int dim, OperatorAttributes a, long[] sizes)
    {
        ValueAxis axis = read.Axes[dim];
        if (axis.Size == sizes[dim] || (axis.Factors.Count <= 1 && axis.IsPlain)) return read.Resized(sizes);
        long start = a.Int("start", 0), before = axis.Before - (start < 0 ? start + axis.Size : start);
        return a.Int("step", 1) == 1 && before >= 0 && before + axis.Counted <= sizes[dim]
            ? read.With(dim, axis with { Before = before, Size = sizes[dim] }) : null;
    }

    /// <summary>A value whose layout was known, on the way to another.</summary>
    private sealed record Known(ValueLayout Layout, long[] Sizes, Known? Before);
}
