using Fovea.Dictionaries.Sparse;

namespace Fovea.Runs.Settings;

/// <summary>
/// Table <c>[[dictionary]]</c>: one sparse autoencoder. <c>architecture</c> chooses the variant; a key of another variant is refused.
/// </summary>
public sealed record DictionarySettings
{
    /// <summary>The filter of the paper, where a recipe says nothing.</summary>
    internal const string UsualFilter = "magnitude";

    /// <summary>Its name: a folder and a title.</summary>
    public required string Name { get; init; }

    /// <summary>The harvested layer it learns.</summary>
    public required string Layer { get; init; }

    /// <summary>The filter whose draws it is trained on.</summary>
    public string Filter { get; init; } = UsualFilter;

    /// <summary>Whether to measure the classifier with this SAE spliced in.</summary>
    public bool Splice { get; init; } = true;

    /// <summary>The seed of its training; absent: the run's. Dictionaries that differ in it alone are compared by their effects.</summary>
    public ulong? Seed { get; init; }

    /// <summary>How it is made and trained; name and seed are the dictionary's.</summary>
    [SameTable(nameof(AutoencoderOptions.Seed))]
    public required AutoencoderOptions Options { get; init; }

    /// <summary>The options with the dictionary's name, and its seed or the run's.</summary>
    internal AutoencoderOptions OptionsFor(ulong seed) => Options with { Name = Name, Seed = Seed ?? seed };

    /// <summary>Whether another one is trained alike but for the seed.</summary>
    internal bool IsReplicaOf(DictionarySettings other, ulong seed) =>
        (Seed ?? seed) != (other.Seed ?? seed) && this with { Name = other.Name, Seed = other.Seed } == other;
}
