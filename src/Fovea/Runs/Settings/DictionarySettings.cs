using Fovea.Dictionaries.Sparse;

namespace Fovea.Runs.Settings;

/// <summary>
/// Table <c>[[dictionary]]</c>: one sparse autoencoder. <c>architecture</c> chooses the variant; a key of another variant is refused.
/// </summary>
public sealed record DictionarySettings
{
    /// <summary>Its name: a folder and a title.</summary>
    public required string Name { get; init; }

    /// <summary>The harvested layer it learns.</summary>
    public required string Layer { get; init; }

    /// <summary>The filter whose draws it is trained on.</summary>
    public string Filter { get; init; } = "magnitude";

    /// <summary>Whether to measure the classifier with this SAE spliced in.</summary>
    public bool Splice { get; init; } = true;

    /// <summary>How it is made and trained; name and seed are the dictionary's and the run's.</summary>
    [SameTable(nameof(AutoencoderOptions.Seed))]
    public required AutoencoderOptions Options { get; init; }

    /// <summary>The options with the dictionary's name and the run's seed.</summary>
    internal AutoencoderOptions OptionsFor(ulong seed) => Options with { Name = Name, Seed = seed };
}
