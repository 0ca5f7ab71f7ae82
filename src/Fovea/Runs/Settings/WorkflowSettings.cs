namespace Fovea.Runs.Settings;

/// <summary>
/// Everything that decides the result of a run: what a recipe says, with defaults for what it leaves out. Numbers live here and in the
/// run folder, nowhere else. Keys of a recipe are these names in snake_case; tables are the nested types. A default that is a number stands
/// as that number; one that depends on something else is said by leaving the key out, never by 0. 0 is a number: none.
/// </summary>
public sealed record WorkflowSettings
{
    /// <summary>Version of the recipe format.</summary>
    public int Schema { get; init; } = 1;

    /// <summary>Name of the recipe; becomes part of the run folder's name.</summary>
    public required string Name { get; init; }

    /// <summary>One or two sentences for the report's first page.</summary>
    public string Description { get; init; } = "";

    /// <summary>The seed every random number of the run is drawn from, with the stage and the item.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Where images come from and how they become inputs.</summary>
    public required DataSettings Data { get; init; }

    /// <summary>The network and its weights.</summary>
    public required ModelSettings Model { get; init; }

    /// <summary>Stage 1; absent: the weights are used as they are.</summary>
    public TrainSettings? Train { get; init; }

    /// <summary>Stage 2; absent: the run ends after stage 1.</summary>
    public HarvestSettings? Harvest { get; init; }

    /// <summary>Stage 3: the sparse autoencoders to train (<c>[[dictionary]]</c>).</summary>
    public IReadOnlyList<DictionarySettings> Dictionary { get; init; } = [];

    /// <summary>Stage 3, many at once: sets of autoencoders and plain dictionaries to be compared (<c>[[sweep]]</c>).</summary>
    public IReadOnlyList<SweepSettings> Sweep { get; init; } = [];

    /// <summary>Stage 4; absent: no pictures.</summary>
    public FeatureSettings? Features { get; init; }

    /// <summary>What units do; absent: not measured.</summary>
    public ProofSettings? Proof { get; init; }
}
