using Fovea.Dictionaries.Sparse;
using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Interpretation;

/// <summary>
/// What each unit of a layer adds to each logit, exactly, where nothing but average pooling (and dropout, in evaluation the identity)
/// stands between the layer and a linear head W, b. The logits of the network with the dictionary spliced in are then, with f̄ the codes'
/// mean over positions and dᵢ the decoder's rows,
/// <code>
/// logit_c = Σᵢ f̄ᵢ (W_c · dᵢ) + W_c · b_dec + b_c
/// </code>
/// and for neurons, whose directions are the axes, logit_c = Σᵢ x̄ᵢ W_ci + b_c, those of the network itself (class activation mapping, Zhou
/// et al. 2016, before its map).
/// </summary>
public sealed class LogitEffects
{
    private readonly float[] _weights, _bias;

    private LogitEffects(float[] weights, float[] bias) => (_weights, _bias) = (weights, bias);

    /// <summary>Number of units.</summary>
    public int Units => _weights.Length / _bias.Length;

    /// <summary>Number of logits.</summary>
    public int Classes => _bias.Length;

    /// <summary>What a unit adds to a logit for each 1 of its mean over positions, row-major <c>[units, classes]</c>.</summary>
    public ReadOnlyMemory<float> Weights => _weights;

    /// <summary>What the logits are where every unit is off, <c>[classes]</c>.</summary>
    public IReadOnlyList<float> Bias => _bias;

    /// <summary>
    /// The effects of a group's units; null where they are not exact: something else follows the layer, it is inside a block with a
    /// shortcut, or the dictionary brings each vector to a scale of its own.
    /// </summary>
    /// <param name="network">The network, in evaluation mode when it is compared with.</param>
    /// <param name="group">Neurons or latents of a layer.</param>
    /// <exception cref="FoveaException">No such layer, or a dictionary of another one.</exception>
    public static LogitEffects? Of(ImageModel network, UnitGroup group)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(group);
        if (PooledHead.After(network, group.Layer) is not { } head) return null;
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (weight, bias) = (head.Weight.cpu().to(float64), (head.Bias ?? zeros(head.Weight.shape[0])).cpu().to(float64));
        group.UnitCount((int)weight.shape[1]);
        // What a latent of such a dictionary adds differs from vector to vector.
        if (group.Autoencoder is { Normalization: not InputNormalization.None }) return null;
        if (group.Autoencoder is not { } autoencoder) return new LogitEffects(Values(weight.t()), Values(bias));
        var (directions, start) = (autoencoder.DecoderWeight.cpu().to(float64), autoencoder.DecoderBias.cpu().to(float64));
        return new LogitEffects(Values(directions.mm(weight.t())), Values(bias + weight.mv(start)));
    }

    /// <summary>What a unit adds to a logit for each 1 of its mean over positions.</summary>
    public float Weight(int unit, int label) => _weights[(long)unit * Classes + label];

    /// <summary>The classes whose logits a unit raises most, most first, equal ones by number; only those it raises.</summary>
    public IReadOnlyList<int> Promoted(int unit, int count) =>
        [.. Enumerable.Range(0, Classes).Where(label => Weight(unit, label) > 0).OrderByDescending(label => Weight(unit, label))
            .Take(count)];

    /// <summary>The classes whose logits a unit lowers most, most first, equal ones by number; only those it lowers.</summary>
    public IReadOnlyList<int> Suppressed(int unit, int count) =>
        [.. Enumerable.Range(0, Classes).Where(label => Weight(unit, label) < 0).OrderBy(label => Weight(unit, label)).Take(count)];

    /// <summary>What every unit adds to every logit on one image: with <see cref="Bias"/> they sum to the logits.</summary>
    /// <param name="values">The units' values on the image, <c>[positions, units]</c>.</param>
    /// <returns>Row-major <c>[units, classes]</c>.</returns>
    /// <exception cref="ArgumentException">The length is no multiple of <see cref="Units"/>.</exception>
    public float[] Contributions(ReadOnlySpan<float> values)
    {
        int positions = values.Length / Units;
        if (positions == 0 || positions * Units != values.Length)
            throw new ArgumentException($"{values.Length} values are no positions of {Units} units.", nameof(values));
        var result = new float[_weights.Length];
        for (int unit = 0; unit < Units; unit++)
        {
            double mean = 0;
            for (int p = 0; p < positions; p++) mean += values[p * Units + unit];
            mean /= positions;
            if (mean == 0) continue;
            for (int label = 0; label < Classes; label++) result[(long)unit * Classes + label] = (float)(mean * Weight(unit, label));
        }
        return result;
    }

    private static float[] Values(Tensor tensor) => tensor.to(float32).contiguous().data<float>().ToArray();
}
