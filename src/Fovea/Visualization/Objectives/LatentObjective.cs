using Fovea.Autoencoders;
using static TorchSharp.torch;

namespace Fovea.Visualization.Objectives;

/// <summary>What of a latent is maximised. Its code itself is no choice: a latent that is off has no gradient, and most are off on noise.</summary>
public enum LatentTarget
{
    /// <summary>The pre-activation, before ReLU, TopK or the threshold: it has a gradient everywhere.</summary>
    PreActivation,

    /// <summary>
    /// Along the decoder's direction v (unit length): (a·v)·max(0.1, cos(a, v))², which asks for the direction itself, not merely for much of it
    /// (lucid's <c>direction_cossim</c>).
    /// </summary>
    CosineDirection,
}

/// <summary>A latent of a sparse autoencoder on a layer: picture i is for latent <c>Units[i]</c>. <see cref="Peak"/> is the code after the non-linearity.</summary>
public sealed class LatentObjective : IObjective
{
    private const double SmallestCosine = 0.1, Tiny = 1e-6;

    private readonly SparseAutoencoder _autoencoder;
    private readonly int[] _latents;
    private readonly LatentTarget _target;
    private readonly Reduction _reduction;

    /// <summary>One picture for each of <paramref name="latents"/>; the autoencoder stays the caller's.</summary>
    /// <exception cref="FoveaException">A latent does not exist.</exception>
    public LatentObjective(string layer, SparseAutoencoder autoencoder, IReadOnlyList<int> latents, LatentTarget target = LatentTarget.PreActivation,
        Reduction reduction = Reduction.Mean)
    {
        ArgumentNullException.ThrowIfNull(layer);
        ArgumentNullException.ThrowIfNull(autoencoder);
        ArgumentNullException.ThrowIfNull(latents);
        foreach (int latent in latents)
        {
            if (latent < 0 || latent >= autoencoder.LatentSize)
                throw FoveaException.BadConfiguration($"Latent {latent} does not exist: the autoencoder has {autoencoder.LatentSize}.");
        }
        (Layer, _autoencoder, _latents, _target, _reduction) = (layer, autoencoder, [.. latents], target, reduction);
    }

    /// <inheritdoc/>
    public string Layer { get; }

    /// <inheritdoc/>
    public IReadOnlyList<int> Units => _latents;

    /// <inheritdoc/>
    public string Description =>
        (_target == LatentTarget.PreActivation ? "the latent's pre-activation" : "dot × cos² with the latent's decoder direction")
        + (_reduction == Reduction.Mean ? $", mean over the positions of {Layer}" : $", at the centre of {Layer}");

    /// <inheritdoc/>
    public IObjective Slice(int start, int count) => new LatentObjective(Layer, _autoencoder, _latents.AsSpan(start, count).ToArray(), _target, _reduction);

    /// <inheritdoc/>
    public Tensor Evaluate(Tensor activation)
    {
        using var scope = NewDisposeScope();
        Tensor maps = Positions.AsMaps(activation, _latents, _autoencoder.InputSize);
        Tensor values = _target == LatentTarget.PreActivation ? PreActivation(maps) : Direction(maps);
        return Positions.Reduce(values, _reduction).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor Peak(Tensor activation)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor maps = Positions.AsMaps(activation, _latents, _autoencoder.InputSize);
        Tensor codes = _autoencoder.EncodeDense(Rows(maps)).reshape(_latents.Length, -1, _autoencoder.LatentSize);
        return Own(codes).amax([1]).MoveToOuterDisposeScope();
    }

    /// <summary>z of each picture's own latent alone: (x − b_dec)·w + b_enc with w its column of the encoder.</summary>
    private Tensor PreActivation(Tensor maps)
    {
        Tensor index = Index(maps.device);
        Tensor w = _autoencoder.EncoderWeight.detach().index_select(1, index).t();
        Tensor bias = _autoencoder.EncoderBias.detach().index_select(0, index)
            - w.matmul(_autoencoder.Parameters[SparseAutoencoder.DecoderBiasName].detach());
        return (maps * w.unsqueeze(-1).unsqueeze(-1)).sum(1) + bias.reshape(-1, 1, 1);
    }

    private Tensor Direction(Tensor maps)
    {
        Tensor v = _autoencoder.DecoderWeight.detach().index_select(0, Index(maps.device));
        v = (v / v.norm(1, keepdim: true).clamp_min(Tiny)).unsqueeze(-1).unsqueeze(-1);
        Tensor dot = (maps * v).sum(1);
        Tensor cosine = dot / (maps.square().sum(1) + Tiny * Tiny).sqrt();
        return dot * cosine.clamp_min(SmallestCosine).square();
    }

    private Tensor Index(Device device) => tensor(_latents, int64, device: device);

    private static Tensor Rows(Tensor maps) => maps.permute(0, 2, 3, 1).reshape(-1, maps.shape[1]);

    /// <summary><c>[N, P, latents]</c> → <c>[N, P]</c>: of picture i, latent i.</summary>
    private Tensor Own(Tensor values) =>
        values.gather(2, Index(values.device).reshape(-1, 1, 1).expand(_latents.Length, values.shape[1], 1)).squeeze(2);
}
