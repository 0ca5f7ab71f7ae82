namespace Fovea.Visualization.Objectives;

/// <summary>
/// What of a latent is maximised. Its code itself is no choice: a latent that is off has no gradient, and most are off on noise.
/// </summary>
public enum LatentTarget
{
    /// <summary>The pre-activation, before ReLU, TopK or the threshold: it has a gradient everywhere.</summary>
    PreActivation,

    /// <summary>Along the encoder's column for the latent, at unit length: what the latent listens to.</summary>
    EncoderDirection,

    /// <summary>Along the decoder's row for the latent, at unit length: what the latent stands for in a reconstruction.</summary>
    DecoderDirection,
}
