using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Visualization.Objectives;

/// <summary>
/// What pictures are made to maximise, one figure a picture. Objectives see the activations of their layers alone and never change: sums,
/// differences and weights (<see cref="ObjectiveAlgebra"/>) are new objectives. <see cref="Objective"/> lists those there are.
/// </summary>
public interface IObjective
{
    /// <summary>The layer that names the objective; the first of <see cref="Layers"/>.</summary>
    string Layer { get; }

    /// <summary>The layers whose activations are judged, without repeats.</summary>
    IReadOnlyList<string> Layers { get; }

    /// <summary>What each picture is of; one a picture.</summary>
    IReadOnlyList<PictureKey> Keys { get; }

    /// <summary>
    /// The units, one a picture: channels, latents, classes or rows of what was given. One that stands here twice gets two pictures.
    /// </summary>
    IReadOnlyList<int> Units { get; }

    /// <summary>For captions: what is maximised, of whichever unit.</summary>
    string Description { get; }

    /// <summary>For the caption of one picture: what is maximised, the unit and its weights named.</summary>
    string Describe(int picture);

    /// <summary>Whether the pictures before this one and those from it on are judged apart, so that a batch may end between them.</summary>
    bool CanSplitAt(int picture);

    /// <summary>The same objective for some of the pictures.</summary>
    /// <exception cref="FoveaException">The slice would cut what <see cref="CanSplitAt"/> says belongs together.</exception>
    IObjective Slice(int start, int count);

    /// <summary>
    /// The figures to maximise, differentiable. Each depends on its own picture alone unless <see cref="CanSplitAt"/> says otherwise.
    /// </summary>
    /// <param name="taps">The outputs of <see cref="Layers"/>, each <c>[N, C, H, W]</c> or <c>[N, C]</c>; N is the number of
    /// pictures.</param>
    /// <returns><c>[N]</c>.</returns>
    Tensor Evaluate(ProbeResult taps);

    /// <summary>
    /// The unit's own largest activation over positions, in the terms of the network or dictionary (a latent's code, not its
    /// pre-activation): comparable with what dataset images reach. Of a sum, that of its first term.
    /// </summary>
    /// <returns><c>[N]</c>, without gradient.</returns>
    Tensor Peak(ProbeResult taps);
}
