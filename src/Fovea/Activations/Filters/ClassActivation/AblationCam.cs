using Fovea.Models.Edits;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Activations.Filters.ClassActivation;

/// <summary>
/// Ablation-CAM (Desai and Ramaswamy 2020): w_k = y − y without channel k, map = Σ_k w_k A_k. A channel is absent when it is 0 at all
/// positions, as the method defines it: with ReLU the unit is off, with LeakyReLU it is neither for nor against anything, and the layers
/// that follow get nothing from it. (A number far below every activation, as some programs write, is an input that the network never saw.)
/// The published division by y is left out: it scales the whole map of an image, and turns it over where the logit is negative. Before
/// average pooling and a linear head w_k is the weight of the class times the mean of A_k, exactly and without a pass. Elsewhere silent
/// channels are skipped, and every other one costs a pass through the rest of the network, so as a filter over many images it is hundreds
/// of times as expensive as Grad-CAM. Drawn from rectified.
/// </summary>
public sealed class AblationCam() : ClassActivationMap("ablationcam", "Σ_k (y − y without A_k) A_k", LayerNeed.Logits)
{
    private const long Chunk = 64;

    /// <inheritdoc/>
    protected override Tensor Evidence(LayerEvidence evidence)
    {
        var activations = evidence.Activations;
        if (evidence.PooledWeights is { } head)
        {
            FastPaths.Ran(FastPath.PooledAblation);
            return (head.unsqueeze(2).unsqueeze(3) * activations.mean([2L, 3], keepdim: true) * activations).sum(1);
        }
        (long images, long channels) = (activations.shape[0], activations.shape[1]);
        var whole = evidence.Logits(arange(images, device: activations.device), activations);
        var active = (activations.abs().amax([2, 3]) > 0).flatten().nonzero().flatten(); // image · C + channel
        var silenced = new Intervention?[channels];
        var weights = zeros([images * channels], dtype: activations.dtype, device: activations.device);
        for (long start = 0; start < active.numel(); start += Chunk)
        {
            using var scope = NewDisposeScope();
            var units = active.narrow(0, start, Math.Min(Chunk, active.numel() - start));
            var (image, channel) = (units.div(channels, RoundingMode.floor), units.remainder(channels));
            Intervention[] without =
                [.. channel.cpu().data<long>()
                    .Select(k => silenced[k] ??= new Intervention(evidence.Layer, EditedUnits.Neurons((int)k), UnitOperation.Zero))];
            var ablated = Intervention.ApplyEach(activations.index_select(0, image), without);
            weights.scatter_(0, units, whole.index_select(0, image) - evidence.Logits(image, ablated));
        }
        return (weights.view(images, channels, 1, 1) * activations).sum(1);
    }
}
