using Fovea.Imaging;
using Fovea.Models.Graph;

namespace Fovea.Models;

/// <summary>
/// The pixels that a position of a layer depends on: its exact box, from windows, strides and padding along every path to the layer, with
/// the boxes of parallel paths united (Araujo et al. 2019). Clipped at the input's borders, value by value: what a window reads beyond them
/// is padding.
/// </summary>
public sealed class ReceptiveField
{
    private readonly NetworkGraph _graph;
    private readonly int _target;
    private readonly GraphNode[] _nodes;
    private readonly Dictionary<int, (int Height, int Width)> _sizes;
    private readonly ValueLayouts? _layouts;

    private ReceptiveField(
        NetworkGraph graph, int target, GraphNode[] nodes, Dictionary<int, (int Height, int Width)> sizes, ValueLayouts? layouts) =>
        (_graph, _target, _nodes, _sizes, _layouts) = (graph, target, nodes, sizes, layouts);

    /// <summary>The field of a layer's positions.</summary>
    /// <param name="model">The network.</param>
    /// <param name="layer">Any of its layers.</param>
    /// <param name="inputHeight">Height of the input in pixels.</param>
    /// <param name="inputWidth">Width of the input in pixels.</param>
    /// <exception cref="FoveaException">No such layer.</exception>
    public static ReceptiveField Of(ImageModel model, string layer, int inputHeight, int inputWidth)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inputHeight);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inputWidth);
        NetworkGraph graph = model.Graph;
        int target = graph.ValueOf(graph.Layer(layer).Value);
        GraphNode[] nodes = Before(graph, target);
        var sizes = new Dictionary<int, (int, int)> { [0] = (inputHeight, inputWidth) };
        Dictionary<string, (int, int)>? measured = null;
        // Where axes change their places, what an operation does to positions depends on where they lie.
        ValueLayouts? layouts = GridRewrite.MovesAxes(graph) ? new ValueLayouts(graph, model.Sizes(inputHeight, inputWidth)) : null;
        foreach (GraphNode node in nodes)
        {
            (int Height, int Width)[] read =
                [.. node.Inputs.Where(input => input.Length > 0).Select(graph.ValueOf).Where(sizes.ContainsKey)
                    .Select(value => sizes[value])];
            foreach (string output in node.Outputs)
            {
                if (output.Length == 0) continue;
                int value = graph.ValueOf(output);
                sizes[value] = layouts?.Of(value) is { IsChannelsFirst: false } layout ? ((int)layout.Rows, (int)layout.Columns)
                    : read.Length == 0 ? (1, 1) : SizeOf(node, read, output);
            }
        }
        return new ReceptiveField(graph, target, nodes, sizes, layouts);

        (int, int) SizeOf(GraphNode node, (int Height, int Width)[] read, string output) => ReachOf(graph, layouts, node) switch
        {
            SpatialReach.WindowOf window => (window.Rows.Count(read[0].Height), window.Columns.Count(read[0].Width)),
            SpatialReach.SamePosition => (read.Max(size => size.Height), read.Max(size => size.Width)),
            SpatialReach.AllPositions { Single: true } => (1, 1),
            _ => (measured ??= Measure(model, nodes, inputHeight, inputWidth))[output],
        };
    }

    /// <summary>
    /// Whether a position in the middle depends on less than the whole input. Where attention mixes all positions it does not: there is no
    /// receptive field to speak of.
    /// </summary>
    public bool IsLocal => Box(GridHeight / 2, GridWidth / 2) is var box && (box.Width < _sizes[0].Width || box.Height < _sizes[0].Height);

    /// <summary>Whether the layer's positions are tokens, or lie otherwise than a convolution's.</summary>
    internal bool IsOfTokens => GridRewrite.Of(_graph, _graph.NameOf(_target)) is not null;

    /// <summary>Rows of the layer's grid; 1 after the positions were pooled.</summary>
    public int GridHeight => _sizes[_target].Height;

    /// <summary>Columns of the layer's grid.</summary>
    public int GridWidth => _sizes[_target].Width;

    /// <summary>The pixels that a position depends on.</summary>
    /// <param name="y">Row of the position.</param>
    /// <param name="x">Column of the position.</param>
    /// <exception cref="ArgumentOutOfRangeException">The position is not on the grid.</exception>
    public PixelBox Box(int y, int x)
    {
        if ((uint)y >= (uint)GridHeight || (uint)x >= (uint)GridWidth)
            throw new ArgumentOutOfRangeException(nameof(y), $"Position ({y}, {x}) is not on a grid of {GridHeight}×{GridWidth}.");
        var needed = new Dictionary<int, Area> { [_target] = new(y, y, x, x) };
        for (int i = _nodes.Length - 1; i >= 0; i--)
        {
            foreach (string output in _nodes[i].Outputs)
                if (output.Length > 0 && needed.TryGetValue(_graph.ValueOf(output), out Area area)) Spread(_nodes[i], area, needed);
        }
        Area pixels = needed.GetValueOrDefault(0, new Area(0, 0, 0, 0));
        return new PixelBox(pixels.Left, pixels.Top, pixels.Right - pixels.Left + 1, pixels.Bottom - pixels.Top + 1);
    }

    private void Spread(GraphNode node, Area area, Dictionary<int, Area> needed)
    {
        SpatialReach reach = _layouts?.IsPositionByPosition(node) == true ? SpatialReach.Same : ReachOf(_graph, _layouts, node);
        // Tokens of no position that are put back beside a grid are no part of it.
        foreach (string input in node.Operator == Operators.Ungrid ? node.Inputs.Take(1) : node.Inputs)
        {
            if (input.Length == 0 || !_sizes.TryGetValue(_graph.ValueOf(input), out var size)) continue;
            Area read = reach switch
            {
                SpatialReach.WindowOf window => Through(window, area, size),
                SpatialReach.SamePosition => area.Within(size),
                _ => new Area(0, size.Height - 1, 0, size.Width - 1),
            };
            int value = _graph.ValueOf(input);
            needed[value] = needed.TryGetValue(value, out Area other) ? other.With(read) : read;
        }
    }

    /// <summary>What a position depends on; of a padding only where rows and columns are the last axes, which is all that it says.</summary>
    private static SpatialReach ReachOf(NetworkGraph graph, ValueLayouts? layouts, GraphNode node) =>
        node.Operator.Name == "pad" && layouts is not null && layouts.Of(graph.ValueOf(node.Inputs[0])) is not { IsChannelsFirst: true }
            ? SpatialReach.Unknown : node.Operator.Reach(node.Attributes);

    private static Area Through(SpatialReach.WindowOf window, Area area, (int Height, int Width) size)
    {
        var ((top, bottom), (left, right)) =
            (window.Rows.Of(area.Top, area.Bottom, size.Height), window.Columns.Of(area.Left, area.Right, size.Width));
        return new Area(top, bottom, left, right);
    }

    /// <summary>The nodes that a value depends on, in order.</summary>
    private static GraphNode[] Before(NetworkGraph graph, int target)
    {
        var needed = new bool[graph.ValueCount];
        needed[target] = true;
        var nodes = new Stack<GraphNode>();
        foreach (GraphNode node in graph.Nodes.Reverse())
        {
            if (!node.Outputs.Any(output => output.Length > 0 && needed[graph.ValueOf(output)])) continue;
            nodes.Push(node);
            foreach (string input in node.Inputs)
                if (input.Length > 0) needed[graph.ValueOf(input)] = true;
        }
        return [.. nodes];
    }

    /// <summary>Sizes of values that cannot be told from the graph, by running it.</summary>
    private static Dictionary<string, (int, int)> Measure(ImageModel model, GraphNode[] nodes, int height, int width)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var quiet = TorchSharp.torch.no_grad();
        string[] values = [.. nodes.SelectMany(node => node.Outputs).Where(value => value.Length > 0)];
        ProbeResult result = model.Forward(TorchSharp.torch.zeros([1, 3, height, width], device: model.Device), new Probe(values));
        return values.ToDictionary(
            value => value, value => result[value].shape is [_, _, var h, var w] ? ((int)h, (int)w) : (1, 1), StringComparer.Ordinal);
    }

    /// <summary>Positions first … last along both axes.</summary>
    private readonly record struct Area(int Top, int Bottom, int Left, int Right)
    {
        public Area With(Area other) =>
            new(Math.Min(Top, other.Top), Math.Max(Bottom, other.Bottom), Math.Min(Left, other.Left), Math.Max(Right, other.Right));

        /// <summary>The same positions of an input of another size: one that is spread over all positions has one.</summary>
        public Area Within((int Height, int Width) size) =>
            new(Math.Min(Top, size.Height - 1), Math.Min(Bottom, size.Height - 1), Math.Min(Left, size.Width - 1),
                Math.Min(Right, size.Width - 1));
    }
}
