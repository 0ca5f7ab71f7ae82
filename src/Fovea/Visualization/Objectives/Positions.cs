using static TorchSharp.torch;

namespace Fovea.Visualization.Objectives;

/// <summary>Maps of activations as objectives need them.</summary>
internal static class Positions
{
    /// <summary><c>[N, C]</c> becomes <c>[N, C, 1, 1]</c>; throws where N is not the number of units.</summary>
    public static Tensor AsMaps(Tensor activation, IReadOnlyList<int> units)
    {
        ArgumentNullException.ThrowIfNull(activation);
        if (activation.dim() is not (2 or 4))
            throw new ArgumentException(
                $"An activation [N, C, H, W] or [N, C] is needed, not [{string.Join(", ", activation.shape)}].", nameof(activation));
        if (activation.shape[0] != units.Count)
            throw new ArgumentException($"{activation.shape[0]} pictures for {units.Count} units.", nameof(activation));
        return activation.dim() == 4 ? activation.alias() : activation.unsqueeze(-1).unsqueeze(-1);
    }

    /// <summary><see cref="AsMaps(Tensor, IReadOnlyList{int})"/>, where vectors of a given length are to be judged.</summary>
    /// <param name="activation">The layer's.</param>
    /// <param name="units">One a picture.</param>
    /// <param name="channels">Length of the vectors.</param>
    /// <param name="vectors">What they are, for the message.</param>
    /// <param name="layer">For the message.</param>
    public static Tensor AsMaps(Tensor activation, IReadOnlyList<int> units, long channels, string vectors, string layer)
    {
        Tensor maps = AsMaps(activation, units);
        return maps.shape[1] == channels ? maps : throw FoveaException.BadConfiguration(
            $"{vectors} {channels} components, {layer} has {maps.shape[1]} channels. Take what was made for this layer.");
    }

    /// <summary>The map of each picture's own channel: <c>[N, C, H, W]</c> or <c>[N, C]</c> → <c>[N, H, W]</c>.</summary>
    public static Tensor OwnChannel(Tensor activation, IReadOnlyList<int> units, string layer)
    {
        Tensor maps = AsMaps(activation, units);
        foreach (int unit in units)
            if (unit >= maps.shape[1])
                throw FoveaException.BadConfiguration($"Unit {unit} does not exist: {layer} has {maps.shape[1]} channels.");
        Tensor index = tensor([.. units], int64, device: maps.device).reshape(-1, 1, 1, 1)
            .expand(units.Count, 1, maps.shape[2], maps.shape[3]);
        return maps.gather(1, index).squeeze(1);
    }
}
