using System.Text.Json.Serialization;
using Fovea.Distributed;
using Fovea.IO;

namespace Fovea.Dictionaries.Sparse;

/// <summary>
/// How a sparse autoencoder is made and trained: the one record that code fills in, a recipe's tables and the options of commands are bound
/// to, the trainer reads and <c>cfg.json</c> keeps. Defaults are the paper's (section 8.3) where it names a value. A default that is a
/// number stands here as that number; one that depends on something else (the variant, the vectors, a sweep) is null. No number means
/// something else than itself. Coefficients, clip, bandwidth and threshold act on scaled vectors (mean squared length = d), so that one
/// value suits every layer.
/// </summary>
public sealed record AutoencoderOptions
{
    /// <summary>Latents that are dead for longer than so many vectors are dead at any number of them.</summary>
    private const long MostSilentVectors = 10_000_000;

    /// <summary>The dictionary's name in a run folder and in figures; null: its variant's.</summary>
    public string? Name { get; init; }

    /// <summary>The variant and what it alone has; in a recipe <c>architecture</c> names it and its keys stand beside the others.</summary>
    public VariantOptions Variant { get; init; } = new TopKOptions();

    /// <summary>Latents for each channel; the paper's 8. Without effect where <c>latent_size</c> is given.</summary>
    public double Expansion { get; init; } = 8;

    /// <summary>Number of latents; absent: <c>expansion</c> × the layer's channels.</summary>
    public int? LatentSize { get; init; }

    /// <summary>Vectors a step; the paper's 128.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>
    /// Parts that each batch is cut into, a power of two: gradients are summed part by part in one fixed order, so that as many processes or fewer can train one
    /// dictionary together with the same bytes; absent: each batch is summed as a whole.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Shards { get; init; }

    /// <summary>Adam's learning rate; the paper's 3e-4, constant unless the next two say otherwise.</summary>
    public double LearningRate { get; init; } = 3e-4;

    /// <summary>The share of all steps in which the learning rate grows linearly from 0.</summary>
    public double LearningRateWarmup { get; init; }

    /// <summary>The share of all steps, the last ones, in which the learning rate falls linearly to 0.</summary>
    public double LearningRateDecay { get; init; }

    /// <summary>The largest L2 norm of all gradients together, on scaled vectors: longer ones are shrunk to it; absent: no limit.</summary>
    public double? GradientClip { get; init; }

    /// <summary>
    /// Where b_dec starts: <c>mean</c>, <c>median</c> (geometric, of a sample: a few very long vectors do not move it) or <c>zero</c>.
    /// </summary>
    public BiasStart BiasStart { get; init; }

    /// <summary>Passes over the draws; the paper's 10.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>
    /// The share of all steps in which the penalty's coefficient grows from 0 to its value; no effect where k latents are chosen.
    /// </summary>
    public double SparsityWarmup { get; init; } = 0.05;

    /// <summary>
    /// The coefficient of AuxK, which revives dead latents; 0: none; absent: 1/32 (Gao et al.'s) for TopK, BatchTopK and Matryoshka, none
    /// for others.
    /// </summary>
    public double? Auxiliary { get; init; }

    /// <summary>AuxK: dead latents that reconstruct the error of a vector; absent: half the layer's channels.</summary>
    public int? AuxiliaryK { get; init; }

    /// <summary>AuxK: a latent silent for more than so many training vectors is dead; absent: half a pass, at most ten million.</summary>
    public long? DeadAfter { get; init; }

    /// <summary>Scale the vectors by one number so that their mean squared length is their dimension; folded away at the end.</summary>
    public bool ScaleInputs { get; init; } = true;

    /// <summary>
    /// Vectors longer than this times the median length are shortened to it in training and in its measurements; absent: none are.
    /// </summary>
    public double? Cap { get; init; }

    /// <summary>
    /// What is done to each vector by numbers of its own before it is encoded: <c>layernorm</c> (mean 0 and standard deviation 1) or
    /// <c>constantnorm</c> (length √d), SAELens' layer_norm and constant_norm_rescale. Training and its curves are then of vectors so changed, the numbers at its
    /// end of vectors as they are.
    /// </summary>
    public InputNormalization Normalization { get; init; }

    /// <summary>Vectors that batches are mixed from at a time; absent: 64 MiB of them.</summary>
    public int? MixingVectors { get; init; }

    /// <summary>Points of the curves in each pass; the first pass has more.</summary>
    public int PointsPerEpoch { get; init; } = 1;

    /// <summary>The run's seed.</summary>
    public ulong Seed { get; init; }

    /// <summary>Steps between checkpoints that a killed run continues from; absent: every 30 seconds, more rarely where several are trained
    /// together, every two minutes at most. Without effect on the result.</summary>
    public int? CheckpointEverySteps { get; init; }

    /// <summary>What the dictionary is called.</summary>
    [JsonIgnore]
    public string Title => Name ?? Variant.Architecture;

    /// <summary>The number of latents for vectors of <paramref name="inputSize"/> components.</summary>
    public int LatentsFor(int inputSize) => LatentSize ?? (int)Math.Round(Expansion * inputSize);

    /// <summary>The same with another sparsity setting.</summary>
    /// <param name="sparsity">k or λ, as the variant has it.</param>
    public AutoencoderOptions WithSparsity(double sparsity) => this with { Variant = Variant with { Sparsity = sparsity } };

    /// <summary>How dead latents are revived; here alone what is absent of it gets its value.</summary>
    /// <param name="inputSize">d.</param>
    /// <param name="trainingRows">Vectors of a pass.</param>
    internal AuxiliaryLoss AuxiliaryFor(int inputSize, long trainingRows) =>
        new(Auxiliary ?? AutoencoderVariants.Get(Variant.Architecture).DefaultAuxiliary,
        AuxiliaryK ?? Math.Max(1, inputSize / 2), DeadAfter ?? Math.Min(MostSilentVectors, trainingRows / 2));

    /// <summary>Throws unless every value can be used.</summary>
    /// <exception cref="FoveaException">Configuration: which value and what it may be.</exception>
    public void Validate()
    {
        foreach (var (property, problem) in Problems().Concat(Variant.Problems()))
        {
            if (problem is not null) throw FoveaException.BadConfiguration($"{property} of autoencoder {Title} {problem}.");
        }
    }

    /// <summary>
    /// What is wrong with the values that every variant has: the property and the rest of a sentence about it; null where nothing is.
    /// </summary>
    internal IEnumerable<(string Property, string? Problem)> Problems() =>
    [
        (nameof(Name), Name is null || !string.IsNullOrWhiteSpace(Name) ? null : "is empty: leave it out for the variant's"),
        (nameof(VariantOptions.Sparsity), RuleProblems.Given(Variant.Sparsity, "the variant's default")),
        (nameof(Expansion), RuleProblems.Positive(Expansion)),
        (nameof(LatentSize), RuleProblems.GivenWhole(LatentSize, 1, "expansion × the layer's channels")),
        (nameof(BatchSize), RuleProblems.AtLeast(BatchSize, 1)),
        (nameof(Shards), Shards is null || (FixedTree.Fits(Shards.Value) && Shards <= BatchSize)
            ? null : $"is {Shards}: it must be a power of two, at most the batch size ({BatchSize}); leave it out for none"),
        (nameof(LearningRate), RuleProblems.Positive(LearningRate)),
        (nameof(LearningRateWarmup), RuleProblems.Between(LearningRateWarmup, 0, 1)),
        (nameof(LearningRateDecay), RuleProblems.Between(LearningRateDecay, 0, 1 - LearningRateWarmup)),
        (nameof(GradientClip), RuleProblems.Given(GradientClip, "no limit")),
        (nameof(BiasStart), Enum.IsDefined(BiasStart) ? null : $"is {BiasStart}, which there is not"),
        (nameof(Epochs), RuleProblems.AtLeast(Epochs, 1)),
        (nameof(SparsityWarmup), RuleProblems.Between(SparsityWarmup, 0, 1)),
        (nameof(Auxiliary), Auxiliary is null || (Auxiliary >= 0 && double.IsFinite(Auxiliary.Value))
            ? null : "must be 0 (none) or more: leave it out for the variant's default"),
        (nameof(AuxiliaryK), RuleProblems.GivenWhole(AuxiliaryK, 1, "half the layer's channels")),
        (nameof(DeadAfter), RuleProblems.GivenWhole(DeadAfter, 1, "half a pass")),
        (nameof(Cap), Cap is not null && Normalization != InputNormalization.None
            ? "has no effect on vectors that are each brought to a length: leave it out, or the normalization"
            : RuleProblems.Given(Cap, "none")),
        (nameof(Normalization), Enum.IsDefined(Normalization) ? null : $"is {Normalization}, which there is not"),
        (nameof(MixingVectors), RuleProblems.GivenWhole(MixingVectors, 1, "64 MiB of them")),
        (nameof(PointsPerEpoch), RuleProblems.AtLeast(PointsPerEpoch, 1)),
        (nameof(CheckpointEverySteps), RuleProblems.GivenWhole(CheckpointEverySteps, 1, "as often as time allows")),
    ];
}
