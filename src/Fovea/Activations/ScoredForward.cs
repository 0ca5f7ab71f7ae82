using System.Runtime.InteropServices;
using Fovea.Activations.Filters;
using Fovea.Datasets;
using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Activations;

/// <summary>One forward pass that yields, for every layer, the vectors and every filter's score map, as plain arrays.</summary>
internal sealed class ScoredForward
{
    private readonly IReadOnlyList<string> _layers;
    private readonly IReadOnlyList<IPatchScore> _scores;
    private readonly EvidencePass _pass;
    private readonly Device _device;

    public ScoredForward(ImageModel network, IReadOnlyList<string> layers, IReadOnlyList<IPatchScore> scores)
    {
        (_layers, _scores, _device) = (layers, scores, network.Device);
        _pass = new EvidencePass(network, layers, [.. scores.Select(score => score.Needs)]);
    }

    /// <summary>Channels, height and width of each layer for inputs of this size.</summary>
    public IReadOnlyList<(int Channels, int Height, int Width)> Shapes(int height, int width)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var result = _pass.Forward(zeros([1, 3, height, width], device: _device));
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
        var (evidence, _) = _pass.Run(batch.ToTensor(_device), _ => batch.LabelTensor(_device));
        using var quiet = no_grad();
        return [.. _layers.Zip(evidence, (layer, one) => (Vectors(one.Activations, layer), Maps(one)))];
    }

    private static float[] Vectors(Tensor activations, string layer)
    {
        var vectors = activations.permute(0, 2, 3, 1).contiguous().cpu();
        if (!vectors.sum().isfinite().item<bool>())
            throw FoveaException.NumericalFailure($"Layer {layer} gave NaN or infinity: the weights do not fit this network, or the input is not normalised as they expect.");
        return ToArray(vectors);
    }

    private float[][] Maps(LayerEvidence evidence) => [.. _scores.Select(score => ToArray(score.Score(evidence).contiguous().cpu()))];

    private static float[] ToArray(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes).ToArray();
}
