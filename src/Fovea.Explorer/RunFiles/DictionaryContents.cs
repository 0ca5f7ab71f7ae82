using Fovea.Explorer.Components;

namespace Fovea.Explorer.RunFiles;

/// <summary>One measurement during an autoencoder's training.</summary>
public sealed record DictionaryStep(
    double Step, double? Epoch, double? Vectors, string Split, double? Loss, double? Fvu, double? L0, double? DeadFraction)
{
    /// <summary>The squared error alone: what training and validation have alike, where the loss of training lines has terms that evaluations have not.</summary>
    public double? Reconstruction { get; init; }

    internal static IReadOnlyList<DictionaryStep> ReadAll(string path, ICollection<string> problems) => [.. JsonView.OpenLines(path, problems).Select((line, i) => new DictionaryStep(
        line["step"].Number ?? i, line["epoch"].Number, line["vectors"].Number, line["split"].Text ?? "train", line["loss"].Number,
        line["fvu"].Number, line["l0"].Number, line["deadFraction", "dead"].Number) { Reconstruction = line["reconstruction"].Number })];
}

/// <summary>The final measurements on one split.</summary>
public sealed record DictionaryScores(double? Loss, double? Reconstruction, double? Sparsity, double? Fvu, double? L0, double? DeadFraction)
{
    /// <summary>Share of the latents active in more than a tenth of the vectors.</summary>
    public double? DenseFraction { get; init; }

    /// <summary>Active neurons a vector, and how many times fewer the active latents are.</summary>
    public (double? Count, double? Drop) ActiveUnits { get; init; }

    /// <summary>E‖x̂‖ / E‖x‖.</summary>
    public double? LengthRatio { get; init; }

    /// <summary>E‖x̂‖² / E[x·x̂].</summary>
    public double? ReconstructionBias { get; init; }

    public bool Exists => Loss is not null || Fvu is not null || L0 is not null;

    internal static DictionaryScores Read(JsonView json) => new(
        json["loss"].Number, json["reconstruction"].Number, json["sparsity"].Number, json["fvu"].Number, json["l0"].Number,
        json["deadFraction", "dead"].Number)
    {
        DenseFraction = json["denseFraction"].Number,
        ActiveUnits = (json["activeUnits"].Number, json["activeUnitsDrop"].Number),
        LengthRatio = json["shrinkage"]["lengthRatio"].Number,
        ReconstructionBias = json["shrinkage"]["relativeReconstructionBias"].Number,
    };
}

/// <summary>A mean difference over images with its 95 % interval.</summary>
public sealed record Difference(double? Mean, double? Lower, double? Upper)
{
    internal static Difference Read(JsonView json) => new(json["mean"].Number, json["lower"].Number, json["upper"].Number);
}

/// <summary>The classifier with the autoencoder spliced in, beside the original and ablations: <c>splice.json</c>.</summary>
public sealed record SpliceResult(long? Images, Scores Original, Scores Spliced)
{
    /// <summary>Zeros in place of the layer's output.</summary>
    public Scores Zero { get; init; } = new(null, null, null);

    /// <summary>The mean vector in its place.</summary>
    public Scores Mean { get; init; } = new(null, null, null);

    /// <summary>KL(original ‖ spliced), nats.</summary>
    public double? Kl { get; init; }

    /// <summary>Loss recovered over zeros and over the mean.</summary>
    public (double? Zero, double? Mean) Recovered { get; init; }

    /// <summary>Top-1 of the original less the spliced network's.</summary>
    public Difference Top1Lost { get; init; } = new(null, null, null);

    /// <summary>Loss of the spliced network less the original's.</summary>
    public Difference LossAdded { get; init; } = new(null, null, null);

    internal static SpliceResult Read(JsonView json) => new(json["images"].Integer, Scores.Read(json["original"]), Scores.Read(json["spliced"]))
    {
        Zero = Scores.Read(json["zeroAblated"]),
        Mean = Scores.Read(json["meanAblated"]),
        Kl = json["kl"].Number,
        Recovered = (json["lossRecoveredZero"].Number, json["lossRecoveredMean"].Number),
        Top1Lost = Difference.Read(json["top1Lost"]),
        LossAdded = Difference.Read(json["lossAdded"]),
    };
}

/// <summary>One trained dictionary: <c>dictionaries/LAYER/NAME</c>.</summary>
public sealed record DictionaryContents
{
    public required string Layer { get; init; }
    public required string Name { get; init; }
    public string? Architecture { get; init; }
    public long? InputSize { get; init; }
    public long? LatentSize { get; init; }
    public string? Sparsity { get; init; }
    public IReadOnlyList<(string Key, string Value)> Configuration { get; init; } = [];
    public DictionaryScores Train { get; init; } = new(null, null, null, null, null, null);
    public DictionaryScores Validation { get; init; } = new(null, null, null, null, null, null);
    public IReadOnlyList<DictionaryStep> History { get; init; } = [];
    public SpliceResult? Splice { get; init; }

    /// <summary>The largest |cosine| of two decoder rows.</summary>
    public double? Coherence { get; init; }

    public FeatureSet? Latents { get; init; }

    /// <summary>The measurements to quote: validation where there are any.</summary>
    public DictionaryScores Best => Validation.Exists ? Validation : Train;

    /// <summary>The architecture as people write it.</summary>
    public string Kind => Architecture?.ToLowerInvariant() switch
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

    /// <summary>Nested settings under names such as <c>training.batchSize</c>; our own group has no prefix.</summary>
    private static IEnumerable<(string Key, string Value)> Flatten(JsonView json, string prefix) => json.Fields.SelectMany(field =>
        field.Value.Text is { } text ? [(prefix + field.Name, text)] : Flatten(field.Value, field.Name is "fovea" ? "" : $"{prefix}{field.Name}."));

    internal static DictionaryContents Read(string folder, string layer, string name, ICollection<string> problems)
    {
        string path = Path.Combine(folder, "dictionaries", layer, name);
        JsonView cfg = JsonView.Open(Path.Combine(path, "cfg.json"), problems);
        JsonView metrics = JsonView.Open(Path.Combine(path, "metrics.json"), problems);
        JsonView splice = JsonView.Open(Path.Combine(path, "splice.json"), problems);
        return new DictionaryContents
        {
            Layer = layer,
            Name = name,
            Architecture = cfg["fovea"]["variant"].Text ?? cfg["architecture"].Text,
            InputSize = cfg["dIn", "inputSize"].Integer,
            LatentSize = cfg["dSae", "latentSize"].Integer,
            Sparsity = cfg["k"].Text ?? ((cfg["fovea"]["settings"]["sparsity"].Number ?? cfg["sparsity", "l1Coefficient"].Number) is { } value ? Format.Number(value) : null),
            Configuration = [.. Flatten(cfg, "")],
            Train = DictionaryScores.Read(metrics["train"]),
            Validation = DictionaryScores.Read(metrics["validation"]),
            History = DictionaryStep.ReadAll(Path.Combine(path, "history.jsonl"), problems),
            Splice = splice.Exists ? SpliceResult.Read(splice) : null,
            Coherence = metrics["coherence"]["maximum"].Number,
        };
    }
}
