using static TorchSharp.torch;

namespace Fovea.Visualization.Objectives;

/// <summary>A neuron of a layer: picture i maximises channel <c>Units[i]</c>, in the mean over positions or at the centre (sections 9.2.1 and 9.2.4 of the paper).</summary>
public sealed class UnitObjective : IObjective
{
    private readonly int[] _channels;
    private readonly Reduction _reduction;

    /// <summary>One picture for each of <paramref name="channels"/>.</summary>
    public UnitObjective(string layer, IReadOnlyList<int> channels, Reduction reduction = Reduction.Mean)
    {
        ArgumentNullException.ThrowIfNull(layer);
        ArgumentNullException.ThrowIfNull(channels);
        foreach (int channel in channels) ArgumentOutOfRangeException.ThrowIfNegative(channel, nameof(channels));
        (Layer, _channels, _reduction) = (layer, [.. channels], reduction);
    }

    /// <inheritdoc/>
    public string Layer { get; }

    /// <inheritdoc/>
    public IReadOnlyList<int> Units => _channels;

    /// <inheritdoc/>
    public string Description => _reduction == Reduction.Mean ? $"mean of the neuron over the positions of {Layer}" : $"the neuron at the centre of {Layer}";

    /// <inheritdoc/>
    public IObjective Slice(int start, int count) => new UnitObjective(Layer, _channels.AsSpan(start, count).ToArray(), _reduction);

    /// <inheritdoc/>
    public Tensor Evaluate(Tensor activation)
    {
        using var scope = NewDisposeScope();
        return Positions.Reduce(Own(activation), _reduction).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor Peak(Tensor activation)
    {
        using var scope = NewDisposeScope();
        return Own(activation).amax([1, 2]).MoveToOuterDisposeScope();
    }

    /// <summary>The map of each picture's own channel, <c>[N, H, W]</c>.</summary>
    private Tensor Own(Tensor activation)
    {
        Tensor maps = Positions.AsMaps(activation, _channels, _channels.Length == 0 ? 0 : _channels.Max() + 1);
        Tensor index = tensor(_channels, int64, device: maps.device).reshape(-1, 1, 1, 1).expand(_channels.Length, 1, maps.shape[2], maps.shape[3]);
        return maps.gather(1, index).squeeze(1);
    }
}
