using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Runs;

/// <summary>Grids of vectors that the layers of a run's network give; found with a network of random weights.</summary>
internal sealed class LayerShapes(RunContext context)
{
    private readonly Dictionary<string, (int Channels, int Positions)> _found = new(StringComparer.Ordinal);

    /// <summary>Channels of a layer, and positions of its grid on one image.</summary>
    /// <exception cref="FoveaException">Configuration: there is no such layer, or it gives no grid.</exception>
    public (int Channels, int Positions) Of(string layer)
    {
        if (_found.TryGetValue(layer, out var known)) return known;
        var settings = context.Settings;
        using var network = RecipeNetwork.Unloaded(context, settings.Model, context.Validation.Classes.Count);
        network.Eval();
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var taps = new Probe([layer]);
        (int height, int width) = context.Preprocessing.OutputSize;
        // More than one, since a value of one image may hold all images in one row.
        int images = network.Graph.FixedBatch ?? 2;
        Tensor value = network.Forward(zeros([images, 3, height, width]), taps)[layer];
        LayerChoice.RequireGrid(network, layer, value, images);
        LayerChoice.RequireReach(network, layer);
        long[] shape = value.shape;
        return _found[layer] = ((int)shape[1], (int)(shape[2] * shape[3]));
    }
}
