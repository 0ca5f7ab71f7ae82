using static TorchSharp.torch;

namespace Fovea.Visualization.Objectives;

/// <summary>How the positions of a unit's map become one figure. The default is <see cref="Mean"/>.</summary>
public readonly record struct Reduction
{
    private readonly Kind _kind;
    private readonly int _row, _column;

    private Reduction(Kind kind, int row, int column) => (_kind, _row, _column) = (kind, row, column);

    private enum Kind
    {
        Mean,
        Centre,
        Place,
    }

    /// <summary>The mean over positions: what the unit looks for everywhere (a texture).</summary>
    public static Reduction Mean => default;

    /// <summary>The position at the middle, [H/2, W/2]: what the unit looks for at one place (an object).</summary>
    public static Reduction Centre => new(Kind.Centre, 0, 0);

    /// <summary>One position of the map, counted from 0 at the top left.</summary>
    /// <exception cref="FoveaException">A coordinate is negative.</exception>
    public static Reduction At(int row, int column) => row >= 0 && column >= 0 ? new(Kind.Place, row, column)
        : throw FoveaException.BadConfiguration($"Position [{row}, {column}] does not exist: positions are counted from 0.");

    /// <summary><c>[N, H, W]</c> → <c>[N]</c>.</summary>
    /// <exception cref="FoveaException">The map does not have the position.</exception>
    internal Tensor Apply(Tensor maps)
    {
        if (_kind == Kind.Mean) return maps.mean([1, 2]);
        long height = maps.shape[1], width = maps.shape[2];
        var (row, column) = _kind == Kind.Centre ? (height / 2, width / 2) : (_row, _column);
        return row < height && column < width ? maps.select(2, column).select(1, row)
            : throw FoveaException.BadConfiguration(
                $"Position [{row}, {column}] does not exist: the layer's map is {height} × {width}. Take one of it, or the centre.");
    }

    /// <summary>"mean of neuron 3 over the positions of layer4".</summary>
    internal string Of(string what, string layer) => (_kind == Kind.Mean ? "mean of " : "") + $"{what} {Where(layer)}";

    /// <summary>", mean over the positions of layer4".</summary>
    internal string After(string layer) => (_kind == Kind.Mean ? ", mean " : ", ") + Where(layer);

    private string Where(string layer) => _kind switch
    {
        Kind.Centre => $"at the centre of {layer}",
        Kind.Place => $"at row {_row}, column {_column} of {layer}",
        _ => $"over the positions of {layer}",
    };
}
