namespace Fovea.Runs.Settings;

/// <summary>Table <c>[proof]</c>: what the units of every harvested layer do, its neurons and the latents of its dictionaries.</summary>
public sealed record ProofSettings
{
    /// <summary>Images that effects are measured on, drawn by the seed from those that no dictionary was trained on.</summary>
    public int Images { get; init; } = 200;

    /// <summary>
    /// Units of each source whose effects are measured where each needs passes through the network: those with the largest predicted
    /// effects. Before pooling and a linear head all are.
    /// </summary>
    public int Units { get; init; } = 100;

    /// <summary>Points on the way from 0 to a layer's output at which integrated gradients are taken; 0: none.</summary>
    public int IntegrationSteps { get; init; } = 8;

    /// <summary>
    /// Units of each source, those with the largest effects, of which is asked what in their strongest image makes them fire; 0: none.
    /// </summary>
    public int Firing { get; init; } = 8;

    /// <summary>Classes, drawn by the seed, whose first units are kept alone and taken away; 0: no curves.</summary>
    public int CurveClasses { get; init; } = 10;

    /// <summary>Images of these classes, half of them to rank units on and half to judge.</summary>
    public int CurveImages { get; init; } = 400;
}
