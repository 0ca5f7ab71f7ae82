using static TorchSharp.torch;

namespace Fovea.Visualization.Objectives;

/// <summary>
/// What pictures are made to maximise, one figure a picture: picture i of a batch is for unit i. Objectives see only the activation of their layer.
/// </summary>
public interface IObjective
{
    /// <summary>The layer whose activation is judged.</summary>
    string Layer { get; }

    /// <summary>The units, one a picture: channels or latents. They name the pictures and the streams of random numbers.</summary>
    IReadOnlyList<int> Units { get; }

    /// <summary>For captions: what is maximised.</summary>
    string Description { get; }

    /// <summary>The same objective for some of the units.</summary>
    IObjective Slice(int start, int count);

    /// <summary>The figures to maximise, differentiable.</summary>
    /// <param name="activation"><c>[N, C, H, W]</c> or <c>[N, C]</c>; N is the number of units.</param>
    /// <returns><c>[N]</c>.</returns>
    Tensor Evaluate(Tensor activation);

    /// <summary>
    /// The unit's own largest activation over positions, in the terms of the network or dictionary (a latent's code, not its pre-activation): comparable with
    /// what dataset images reach.
    /// </summary>
    /// <returns><c>[N]</c>.</returns>
    Tensor Peak(Tensor activation);
}
