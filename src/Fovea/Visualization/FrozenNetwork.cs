using Fovea.Models;

namespace Fovea.Visualization;

/// <summary>
/// While it lives: the network is in evaluation mode and its weights ask for no gradients, so a backward pass goes to the input alone.
/// Disposing it restores what was before.
/// </summary>
public sealed class FrozenNetwork : IDisposable
{
    private readonly ImageModel _network;
    private readonly bool _training;
    private readonly List<TorchSharp.torch.Tensor> _trainable = [];

    /// <summary>Freezes <paramref name="network"/>.</summary>
    public FrozenNetwork(ImageModel network)
    {
        ArgumentNullException.ThrowIfNull(network);
        _network = network;
        _training = network.Training;
        foreach (var parameter in network.Parameters.Values)
        {
            if (!parameter.requires_grad) continue;
            _trainable.Add(parameter);
            parameter.requires_grad = false;
        }
        network.Eval();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var parameter in _trainable) parameter.requires_grad = true;
        if (_training) _network.Train();
    }
}
