using Fovea.Dictionaries.Sparse;

namespace Fovea.Runs.Settings;

/// <summary>Table <c>[[sweep]]</c>: dictionaries of one layer, trained on one reading of its vectors and measured alike.</summary>
public sealed record SweepSettings
{
    private static readonly AutoencoderOptions Standard = new();

    /// <summary>Its name: a folder and a title.</summary>
    public required string Name { get; init; }

    /// <summary>The harvested layer that all learn.</summary>
    public required string Layer { get; init; }

    /// <summary>One or two sentences for the report.</summary>
    public string Description { get; init; } = "";

    /// <summary>At most this many of the layer's images (a seeded draw); absent: all.</summary>
    public int? Images { get; init; }

    /// <summary>Filters on whose held-out draws every dictionary is measured; the first one is the sweep's main measure.</summary>
    public IReadOnlyList<string> Validate { get; init; } = ["magnitude"];

    /// <summary>
    /// 1: the layer's held-out images are the test. More: the images are parted so often, every dictionary is trained once for each part on
    /// the images outside it, and measured on those inside.
    /// </summary>
    public int Folds { get; init; } = 1;

    /// <summary>Points of the curves in each pass.</summary>
    public int PointsPerEpoch { get; init; } = Standard.PointsPerEpoch;

    /// <summary>Whether to measure the classifier with each dictionary spliced in.</summary>
    public bool Splice { get; init; } = true;

    /// <summary>
    /// Plain dictionaries to beat: <c>neurons</c>, <c>random</c>, <c>pca</c>, <c>ica</c>, <c>kmeans</c>, <c>nmf</c>, <c>seminmf</c>.
    /// </summary>
    public IReadOnlyList<string> Baselines { get; init; } = [];

    /// <summary>Active latents a vector of the plain dictionaries, a point each (k-means always has one).</summary>
    public IReadOnlyList<double> BaselineK { get; init; } = [8, 32, 128];

    /// <summary>Latents of the plain dictionaries for each channel; neurons, PCA and ICA have at most one.</summary>
    public double BaselineExpansion { get; init; } = 1;

    /// <summary>Latents for each channel, where a table of the sweep says nothing else; so are the next four.</summary>
    public double Expansion { get; init; } = Standard.Expansion;

    /// <summary>Vectors a step.</summary>
    public int BatchSize { get; init; } = Standard.BatchSize;

    /// <summary>Adam's learning rate.</summary>
    public double LearningRate { get; init; } = Standard.LearningRate;

    /// <summary>Passes over the draws.</summary>
    public int Epochs { get; init; } = Standard.Epochs;

    /// <summary>Vectors longer than this times the median length are shortened to it in training; absent: none are.</summary>
    public double? Cap { get; init; }

    /// <summary>The autoencoders (<c>[[sweep.dictionary]]</c>).</summary>
    public IReadOnlyList<SweepDictionarySettings> Dictionary { get; init; } = [];
}

/// <summary>
/// Table <c>[[sweep.dictionary]]</c>: autoencoders that differ in the values of the lists; every combination is trained. Where
/// <c>expansion</c>,
/// <c>batch_size</c>, <c>learning_rate</c>, <c>epochs</c> or <c>cap</c> is absent, it is the sweep's.
/// </summary>
public sealed record SweepDictionarySettings
{
    /// <summary>What its points are called in figures; absent: the architecture.</summary>
    public string? Label { get; init; }

    /// <summary>The filter whose draws they are trained on.</summary>
    public string Filter { get; init; } = DictionarySettings.UsualFilter;

    /// <summary>Latents for each channel; absent: the sweep's, and so for the next three.</summary>
    public double? Expansion { get; init; }

    /// <summary>Vectors a step.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Adam's learning rate.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Passes over the draws.</summary>
    public int? Epochs { get; init; }

    /// <summary>Vectors longer than this times the median length are shortened to it in training; absent: the sweep's.</summary>
    public double? Cap { get; init; }

    /// <summary>Values of <c>sparsity</c>; empty: that one.</summary>
    public IReadOnlyList<double> Sparsities { get; init; } = [];

    /// <summary>Values of <c>expansion</c>; empty: that one.</summary>
    public IReadOnlyList<double> Expansions { get; init; } = [];

    /// <summary>Values of <c>filter</c>; empty: that one.</summary>
    public IReadOnlyList<string> Filters { get; init; } = [];

    /// <summary>L1 only: clip values that the same weights are measured at; empty: <c>clip</c>.</summary>
    public IReadOnlyList<double> Clips { get; init; } = [];

    /// <summary>
    /// How often each is trained, with as many seeds: shows what depends on chance, and how alike the directions come out.
    /// </summary>
    public int Seeds { get; init; } = 1;

    /// <summary>How they are made and trained; what is said above goes before it.</summary>
    [SameTable(nameof(AutoencoderOptions.Name), nameof(AutoencoderOptions.Seed), nameof(AutoencoderOptions.LatentSize),
        nameof(AutoencoderOptions.PointsPerEpoch),
        nameof(AutoencoderOptions.CheckpointEverySteps))]
    public required AutoencoderOptions Options { get; init; }

    /// <summary>The options with what the sweep says for all of its autoencoders.</summary>
    internal AutoencoderOptions OptionsIn(SweepSettings sweep) => Options with
    {
        Expansion = Expansion ?? sweep.Expansion,
        BatchSize = BatchSize ?? sweep.BatchSize,
        LearningRate = LearningRate ?? sweep.LearningRate,
        Epochs = Epochs ?? sweep.Epochs,
        Cap = Cap ?? sweep.Cap,
        PointsPerEpoch = sweep.PointsPerEpoch,
    };
}
