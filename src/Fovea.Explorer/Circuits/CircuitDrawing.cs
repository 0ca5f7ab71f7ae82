using System.Globalization;

namespace Fovea.Explorer.Circuits;

/// <summary>Where the nodes and edges of a circuit stand in its picture: a column for each layer, one for what is explained.</summary>
internal sealed class CircuitDrawing
{
    /// <summary>Width of the picture.</summary>
    public const int Width = 960;

    /// <summary>Width of a node's box.</summary>
    public const int BoxWidth = 150;

    /// <summary>Height of a node's box.</summary>
    public const int BoxHeight = 30;

    /// <summary>Room above the columns.</summary>
    public const int Top = 34;

    private const int Row = 38;

    private readonly (int X, int Y)[] _places;
    private readonly CircuitDocument _circuit;
    private readonly double _largest;

    /// <summary>Lays out a circuit: in each column what adds most stands above, what takes most away below.</summary>
    public CircuitDrawing(CircuitDocument circuit)
    {
        _circuit = circuit;
        _places = new (int, int)[circuit.Nodes.Count];
        int[] earlier = Column(circuit.From.Layer), later = Column(circuit.To.Layer);
        HasLater = later.Length > 0;
        int most = Math.Max(1, Math.Max(earlier.Length, later.Length));
        Height = Top + most * Row;
        Place(earlier, 0, most);
        Place(later, (Width - BoxWidth) / 2, most);
        Target = (Width - BoxWidth, Top + (most * Row - BoxHeight) / 2);
        _largest = circuit.Edges.Select(edge => Math.Abs(edge.Effect.Mean)).Where(double.IsFinite).DefaultIfEmpty(1).Max();
    }

    /// <summary>Height of the picture.</summary>
    public int Height { get; }

    /// <summary>Whether the later layer has nodes.</summary>
    public bool HasLater { get; }

    /// <summary>Where what is explained stands.</summary>
    public (int X, int Y) Target { get; }

    /// <summary>The nodes in the order in which they stand, column by column: that of the keyboard.</summary>
    public IEnumerable<int> Order => Enumerable.Range(0, _places.Length).OrderBy(place => _places[place].X).ThenBy(place => _places[place].Y);

    /// <summary>Where a node stands.</summary>
    public (int X, int Y) Of(int node) => _places[node];

    /// <summary>The line of an edge.</summary>
    public string Path(CircuitEdgeRecord edge)
    {
        (int X, int Y) from = _places[edge.From], to = edge.To is { } node ? _places[node] : Target;
        int x = from.X + BoxWidth, y = from.Y + BoxHeight / 2, end = to.Y + BoxHeight / 2, bend = (to.X - x) / 2;
        return $"M{x} {y}C{x + bend} {y} {to.X - bend} {end} {to.X} {end}";
    }

    /// <summary>Its width: by the effect that was measured.</summary>
    public string Thickness(CircuitEdgeRecord edge)
    {
        double share = _largest > 0 && double.IsFinite(edge.Effect.Mean) ? Math.Abs(edge.Effect.Mean) / _largest : 0;
        return (0.6 + 7.4 * share).ToString("0.##", CultureInfo.InvariantCulture);
    }

    /// <summary>Dashed where it takes away.</summary>
    public static string? Dash(CircuitEdgeRecord edge) => edge.Effect.Mean < 0 ? "7 4" : null;

    /// <summary>Its style.</summary>
    public static string Class(CircuitEdgeRecord edge) =>
        "edge" + (edge.Effect.Mean < 0 ? " against" : "") + (edge.Verdict == CircuitVerdicts.Confirmed ? "" : " unclear");

    private int[] Column(string layer) =>
    [
        .. Enumerable.Range(0, _circuit.Nodes.Count).Where(place => _circuit.Nodes[place].Layer == layer)
            .OrderByDescending(place => double.IsFinite(_circuit.Nodes[place].Effect.Mean) ? _circuit.Nodes[place].Effect.Mean : 0)
            .ThenBy(place => place),
    ];

    private void Place(int[] column, int x, int most)
    {
        for (int i = 0; i < column.Length; i++)
            _places[column[i]] = (x, Top + (int)((i + 0.5) * most * Row / column.Length) - BoxHeight / 2);
    }
}
