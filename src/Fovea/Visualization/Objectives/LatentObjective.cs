using Fovea.Dictionaries;
using Fovea.Dictionaries.Sparse;
using static TorchSharp.torch;

namespace Fovea.Visualization.Objectives;

/// <summary>
/// A latent of a sparse autoencoder on a layer: picture i is for latent <c>Units[i]</c>. <see cref="Peak"/> is the code after the
/// non-linearity.
/// </summary>
public sealed class LatentObjective : LayerObjective
{
    private const double Tiny = 1e-6;

    private readonly SparseAutoencoder _autoencoder;
    private readonly LatentTarget _target;
    private readonly Reduction _reduction;
    private readonly Similarity _similarity;

    /// <summary>One picture for each of <paramref name="latents"/>; the autoencoder stays the caller's.</summary>
    /// <param name="layer">The layer whose activations the autoencoder takes.</param>
    /// <param name="autoencoder">The dictionary.</param>
    /// <param name="latents">One a picture.</param>
    /// <param name="target">What of the latent is maximised.</param>
    /// <param name="reduction">Which positions count.</param>
    /// <param name="similarity">For the two directions; null: dot × cos², which asks for the direction itself and not merely for much of
    /// it.</param>
    /// <exception cref="FoveaException">Configuration: a latent does not exist, or the autoencoder was trained on another
    /// layer.</exception>
    public LatentObjective(
        string layer, SparseAutoencoder autoencoder, IReadOnlyList<int> latents, LatentTarget target = LatentTarget.PreActivation,
        Reduction reduction = default, Similarity? similarity = null)
        : this(layer, PictureKey.Number(layer, latents), autoencoder, target, reduction, similarity ?? Similarity.DotCosine())
    {
        ArgumentNullException.ThrowIfNull(autoencoder);
        autoencoder.RequireLayer(layer);
        foreach (int latent in latents)
        {
            if (latent >= autoencoder.LatentSize)
                throw FoveaException.BadConfiguration($"Latent {latent} does not exist: the autoencoder has {autoencoder.LatentSize}.");
        }
    }

    private LatentObjective(
        string layer, IReadOnlyList<PictureKey> keys, SparseAutoencoder autoencoder, LatentTarget target, Reduction reduction,
        Similarity similarity) : base(layer, keys) =>
        (_autoencoder, _target, _reduction, _similarity) = (autoencoder, target, reduction, similarity);

    /// <inheritdoc/>
    public override IObjective Slice(int start, int count) =>
        new LatentObjective(Layer, KeysOf(start, count), _autoencoder, _target, _reduction, _similarity);

    /// <inheritdoc/>
    public override Tensor Evaluate(Tensor activation)
    {
        using var scope = NewDisposeScope();
        Tensor maps = AsMaps(activation);
        Tensor values = _target == LatentTarget.PreActivation ? PreActivation(maps) : Along(maps);
        return _reduction.Apply(values).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Peak(Tensor activation)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor maps = AsMaps(activation);
        Tensor codes = _autoencoder.EncodeDense(maps.permute(0, 2, 3, 1).reshape(-1, maps.shape[1]))
            .reshape(Units.Count, -1, _autoencoder.LatentSize);
        Tensor own = codes.gather(2, Index(codes.device).reshape(-1, 1, 1).expand(Units.Count, codes.shape[1], 1)).squeeze(2);
        return own.amax([1]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override string Caption(int? unit)
    {
        string latent = unit is null ? "the latent" : $"latent {unit}";
        return _reduction.After(Layer).Insert(0, _target switch
        {
            LatentTarget.PreActivation => $"{latent}'s pre-activation",
            LatentTarget.EncoderDirection => $"{_similarity} with {latent}'s encoder direction",
            _ => $"{_similarity} with {latent}'s decoder direction",
        });
    }

    private Tensor AsMaps(Tensor activation) =>
        Positions.AsMaps(activation, Units, _autoencoder.InputSize, "The autoencoder's vectors have", Layer);

    /// <summary>z of each picture's own latent alone: (x − b_dec)·w + b_enc with w its column of the encoder.</summary>
    private Tensor PreActivation(Tensor maps)
    {
        if (_autoencoder.Normalization != InputNormalization.None) maps = VectorFrames.Of(maps, _autoencoder.Normalization).Vectors;
        Tensor index = Index(maps.device);
        Tensor w = _autoencoder.EncoderWeight.detach().index_select(1, index).t();
        Tensor bias = _autoencoder.EncoderBias.detach().index_select(0, index)
            - w.matmul(_autoencoder.Parameters[SparseAutoencoder.DecoderBiasName].detach());
        return (maps * w.unsqueeze(-1).unsqueeze(-1)).sum(1) + bias.reshape(-1, 1, 1);
    }

    private Tensor Along(Tensor maps)
    {
        Tensor index = Index(maps.device);
        Tensor v = _target == LatentTarget.EncoderDirection
            ? _autoencoder.EncoderWeight.detach().index_select(1, index).t() : _autoencoder.DecoderWeight.detach().index_select(0, index);
        v = (v / v.norm(1, keepdim: true).clamp_min(Tiny)).unsqueeze(-1).unsqueeze(-1);
        return _similarity.Of(maps, v, 1);
    }

    private Tensor Index(Device device) => tensor([.. Units], int64, device: device);
}
