namespace Fovea.Interventions.Circuits;

/// <summary>How a circuit is looked for and put to the test.</summary>
public sealed record CircuitOptions
{
    /// <summary>The most nodes, error terms among them; the target is none. 2 or more.</summary>
    public int Nodes { get; init; } = 50;

    /// <summary>The most edges between the layers, 1 or more.</summary>
    public int Edges { get; init; } = 100;

    /// <summary>Points on the way from the baseline at which integrated gradients are taken, 1 or more.</summary>
    public int IntegrationSteps { get; init; } = 8;

    /// <summary>
    /// Whether nodes and edges are ranked by integrated gradients, not by the derivative at the image: on trained networks the derivatives of
    /// an earlier layer's nodes need not even sum up to the sign of what there is to explain (docs/decisions/0054).
    /// </summary>
    public bool RankByIntegrated { get; init; } = true;

    /// <summary>Graphs of random nodes that stand beside it; 0: none.</summary>
    public int RandomGraphs { get; init; } = 5;

    /// <summary>Indices of the source's images on which nodes and edges are chosen; null: all.</summary>
    public IReadOnlyList<int>? ChosenOn { get; init; }

    /// <summary>Indices of those on which the circuit is put to the test; null: those it was chosen on, as for one image.</summary>
    public IReadOnlyList<int>? JudgedOn { get; init; }

    /// <summary>The most images a pass; changes results by rounding only.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Decides random graphs and the bootstrap's draws.</summary>
    public ulong Seed { get; init; } = 1;
}
