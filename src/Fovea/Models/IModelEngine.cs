using static TorchSharp.torch;

namespace Fovea.Models;

/// <summary>What runs a graph. What it can do is asked for before it is asked to do it.</summary>
internal interface IModelEngine
{
    /// <summary>What it can do.</summary>
    EngineAbilities Abilities { get; }

    /// <summary>One forward pass.</summary>
    /// <param name="input"><c>[N, 3, H, W]</c>; null where the probe gives other values to start from.</param>
    /// <param name="probe">What is wanted.</param>
    /// <param name="given">The outputs of <see cref="Probe.Given"/>; they stay the caller's.</param>
    /// <returns>Its tensors join the current dispose scope.</returns>
    ProbeResult Run(Tensor? input, Probe probe, IReadOnlyList<Tensor> given);
}
