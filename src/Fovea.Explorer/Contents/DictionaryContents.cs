using Fovea.Explorer.Components;

namespace Fovea.Explorer.Contents;

/// <summary>One trained dictionary; what is absent is null or empty.</summary>
public sealed record DictionaryContents
{
    /// <summary>The layer it is of.</summary>
    public required string Layer { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>How it was made.</summary>
    public SaeConfiguration? Configuration { get; init; }

    /// <summary>Its final measurements.</summary>
    public AutoencoderReport? Report { get; init; }

    /// <summary>Its training.</summary>
    public IReadOnlyList<AutoencoderHistoryLine> History { get; init; } = [];

    /// <summary>The classifier with it spliced in.</summary>
    public SpliceDocument? Splice { get; init; }

    /// <summary>How far the answer moves with it spliced in, where the network has no classes.</summary>
    public FaithfulnessDocument? Faithfulness { get; init; }

    /// <summary>Its units.</summary>
    public FeatureSet? Latents { get; init; }

    /// <summary>How many latents it has.</summary>
    public int? LatentSize => Configuration?.LatentSize ?? Report?.DSae;

    /// <summary>The measurements to quote: validation where there are any.</summary>
    public AutoencoderScores? Best => Report?.Validation ?? Report?.Train;

    /// <summary>Its sparsity setting as people write it.</summary>
    public string? Sparsity => (Configuration?.Sparsity ?? Report?.Sparsity) is { } value ? Format.Number(value) : null;

    /// <summary>The architecture as people write it.</summary>
    public string Kind => (Configuration?.Fovea?.Variant ?? Configuration?.Architecture ?? Report?.Architecture)?.ToLowerInvariant() switch
    {
        "l1" or "standard" => "L1",
        "topk" => "TopK",
        "jumprelu" => "JumpReLU",
        "gated" => "Gated",
        "batchtopk" => "BatchTopK",
        "matryoshka" => "Matryoshka",
        { } other => other,
        null => "sparse autoencoder",
    };

    // Names of one setting in SAELens' part of the file and in ours.
    private static readonly Dictionary<string, string> Synonyms = new(StringComparer.Ordinal)
    {
        ["variant"] = "architecture",
        ["k"] = "sparsity",
        ["d_sae"] = "latentSize",
    };

    /// <summary>
    /// What <see cref="Configuration"/> says, each setting once: the file has several for other programs, for the weights as they are, and as
    /// training was asked for. Where those differ, each is said.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, string>> Settings => Configuration is null ? [] : [.. Configuration.Facts().DistinctBy(fact =>
    {
        string word = fact.Key[(fact.Key.LastIndexOf('.') + 1)..];
        return (Synonyms.GetValueOrDefault(word, word), fact.Value);
    })];

    internal static DictionaryContents Read(
        CarefulReader reader, RunPictures pictures, string layer, string name, IReadOnlyList<AskedPicture> asked, bool whole) => new()
        {
            Layer = layer,
            Name = name,
            Configuration = reader.Try(() => reader.Run.Configuration(layer, name)),
            Report = reader.Find<AutoencoderReport>(RunLayout.Metrics(layer, name)),
            History = reader.Lines<AutoencoderHistoryLine>(RunLayout.DictionaryHistory(layer, name)),
            Splice = reader.Find<SpliceDocument>(RunLayout.Splice(layer, name)),
            Faithfulness = reader.Find<FaithfulnessDocument>(RunLayout.Faithfulness(layer, name)),
            Latents = FeatureSet.Read(reader, pictures, layer, name, asked, whole),
        };
}
