namespace Fovea.Runs;

/// <summary>What a run amounts to, for people and for <c>--json</c>; each stage adds what its results say.</summary>
public sealed record WorkflowResult
{
    /// <summary>The run folder.</summary>
    public required string Run { get; init; }

    /// <summary>Top-1 accuracy of the run's network on the validation images, a fraction; null where it has no classes.</summary>
    public double? Top1 { get; init; }

    /// <summary>Top-5 accuracy, a fraction.</summary>
    public double? Top5 { get; init; }

    /// <summary>Mean cross-entropy.</summary>
    public double? Loss { get; init; }

    /// <summary>Validation images.</summary>
    public int Images { get; init; }

    /// <summary>What was left out because of the network, and why, in sentences.</summary>
    public IReadOnlyList<string> LeftOut { get; init; } = [];

    /// <summary>The harvested layers.</summary>
    public IReadOnlyList<LayerResult> Layers { get; init; } = [];

    /// <summary>The autoencoders.</summary>
    public IReadOnlyList<DictionaryResult> Dictionaries { get; init; } = [];

    /// <summary>Every stage of the recipe, and whether its results are there.</summary>
    public IReadOnlyList<StageResult> Stages { get; init; } = [];
}

/// <summary>One stage of a run.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Complete">Whether its results are there.</param>
/// <param name="Summary">What they say, in words; empty where the stage says nothing, or nothing yet.</param>
public sealed record StageResult(string Name, bool Complete, string Summary);

/// <summary>One harvested layer.</summary>
public sealed record LayerResult(string Layer, long Vectors, int Channels, IReadOnlyList<int> Grid, IReadOnlyList<FilterResult> Filters)
{
    /// <summary>How the vectors are stored, in words (<see cref="ActivationManifest.StoredAs"/>); null: all of them, as they are.</summary>
    public string? StoredAs { get; init; }
}

/// <summary>One filter of a layer.</summary>
public sealed record FilterResult(string Name, double AllZeroFraction);

/// <summary>One autoencoder, measured on held-out images.</summary>
public sealed record DictionaryResult(
    string Name, string Layer, string Architecture, int DIn, int DSae, double L0, double Fvu, double DeadFraction, double Loss);
