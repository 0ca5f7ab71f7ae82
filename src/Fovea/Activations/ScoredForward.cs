using System.Runtime.InteropServices;
using Fovea.Activations.Filters;
using Fovea.Datasets;
using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Activations;

/// <summary>One forward pass that yields, for every layer, the vectors and every filter's score map, as plain arrays.</summary>
internal sealed class ScoredForward : IDisposable
{
    private readonly IReadOnlyList<string> _layers;
    private readonly IReadOnlyList<IPatchScore> _scores;
    private readonly LayerTaps _taps;
    private readonly bool _gradients;
    private readonly Device _device;

    public ScoredForward(Network network, IReadOnlyList<string> layers, IReadOnlyList<IPatchScore> scores, Device device)
    {
        (_layers, _scores, _device) = (layers, scores, device);
        _gradients = scores.Any(score => score.NeedsGradient);
        _taps = new LayerTaps(network, layers);
        // The graph starts at the first tapped layer: nothing before it is needed for the gradients at the layers.
        if (_gradients) _taps.Replace(_taps.Layers.First(), output => output.detach().requires_grad_(true));
    }

    /// <summary>Channels, height and width of each layer for inputs of this size.</summary>
    public IReadOnlyList<(int Channels, int Height, int Width)> Shapes(int height, int width)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var result = _taps.Run(zeros([1, 3, height, width], device: _device));
        return [.. _layers.Select(layer => result[layer].shape switch
        {
            [_, var c, var h, var w] => ((int)c, (int)h, (int)w),
            var shape => throw FoveaException.BadConfiguration(
                $"Layer {layer} gives [{string.Join(", ", shape)}], not a grid of vectors [N, C, H, W]. Choose a convolutional layer."),
        })];
    }

    /// <summary>Runs a batch.</summary>
    /// <returns>For each layer, vectors <c>[N, H, W, C]</c> and for each filter its map <c>[N, H, W]</c>.</returns>
    public IReadOnlyList<(float[] Vectors, float[][] Maps)> Run(ImageBatch batch)
    {
        using var scope = NewDisposeScope();
        using var quiet = _gradients ? null : no_grad();
        var result = _taps.Run(batch.ToTensor(_device), stopEarly: !_gradients);
        var gradients = _gradients ? Gradients(result, batch) : null;
        using var still = no_grad();
        return [.. _layers.Select((layer, i) => (Vectors(result[layer], layer), Maps(result[layer], gradients?[i])))];
    }

    public void Dispose() => _taps.Dispose();

    private Tensor[] Gradients(TapResult result, ImageBatch batch)
    {
        // The images of a batch do not mix in evaluation mode, so the gradient of the sum is each image's own.
        var logits = result.Logits!.gather(1, batch.LabelTensor(_device).unsqueeze(1)).sum();
        return [.. autograd.grad([logits], [.. _layers.Select(layer => result[layer])])];
    }

    private static float[] Vectors(Tensor activations, string layer)
    {
        var vectors = activations.detach().permute(0, 2, 3, 1).contiguous().cpu();
        if (!vectors.sum().isfinite().item<bool>())
            throw FoveaException.NumericalFailure($"Layer {layer} gave NaN or infinity: the weights do not fit this network, or the input is not normalised as they expect.");
        return ToArray(vectors);
    }

    private float[][] Maps(Tensor activations, Tensor? gradients) =>
        [.. _scores.Select(score => ToArray(score.Score(activations.detach(), score.NeedsGradient ? gradients : null).contiguous().cpu()))];

    private static float[] ToArray(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes).ToArray();
}
