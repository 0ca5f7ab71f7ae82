using static TorchSharp.torch;

namespace Fovea.Visualization.Objectives;

/// <summary>How the positions of a unit's map become one figure.</summary>
public enum Reduction
{
    /// <summary>The mean over positions: what the unit looks for everywhere (a texture).</summary>
    Mean,

    /// <summary>The position at the middle, [H/2, W/2]: what the unit looks for at one place (an object).</summary>
    Centre,
}

/// <summary>Maps of activations as objectives need them.</summary>
internal static class Positions
{
    /// <summary><c>[N, C]</c> becomes <c>[N, C, 1, 1]</c>; throws where N is not the number of units or C too small.</summary>
    public static Tensor AsMaps(Tensor activation, IReadOnlyList<int> units, int channels)
    {
        ArgumentNullException.ThrowIfNull(activation);
        if (activation.dim() is not (2 or 4))
            throw new ArgumentException($"An activation [N, C, H, W] or [N, C] is needed, not [{string.Join(", ", activation.shape)}].", nameof(activation));
        if (activation.shape[0] != units.Count) throw new ArgumentException($"{activation.shape[0]} pictures for {units.Count} units.", nameof(activation));
        if (activation.shape[1] < channels) throw FoveaException.BadConfiguration($"Unit {channels - 1} does not exist: the layer has {activation.shape[1]} channels.");
        return activation.dim() == 4 ? activation.alias() : activation.unsqueeze(-1).unsqueeze(-1);
    }

    /// <summary><c>[N, H, W]</c> → <c>[N]</c>.</summary>
    public static Tensor Reduce(Tensor maps, Reduction reduction) => reduction switch
    {
        Reduction.Centre => maps.select(2, maps.shape[2] / 2).select(1, maps.shape[1] / 2),
        _ => maps.mean([1, 2]),
    };
}
