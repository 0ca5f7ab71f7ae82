namespace Fovea.Interpretation;

/// <summary>What becomes of one image when a layer's output is replaced.</summary>
/// <param name="Image">Its index in the source.</param>
/// <param name="Original">The network as it is.</param>
/// <param name="Spliced">With the reconstruction.</param>
/// <param name="ZeroAblated">With zeros.</param>
/// <param name="MeanAblated">With the mean vector; null where none was given.</param>
/// <param name="Kl">KL(original ‖ spliced) of the softmax distributions, in nats.</param>
public readonly record struct SpliceOutcome(
    int Image, ImageScore Original, ImageScore Spliced, ImageScore ZeroAblated, ImageScore? MeanAblated, double Kl);

/// <summary>How a classifier does on one image.</summary>
/// <param name="Rank">Classes whose logits come before the true one's.</param>
/// <param name="Loss">Cross-entropy in nats.</param>
public readonly record struct ImageScore(int Rank, double Loss)
{
    /// <summary>The largest logit is the true class.</summary>
    public bool Top1 => Rank < 1;

    /// <summary>The five largest logits hold the true class.</summary>
    public bool Top5 => Rank < 5;
}
