using Fovea.Dictionaries.Training;

namespace Fovea.Dictionaries.Sparse;

/// <summary>
/// What autoencoder to train and how; the defaults are the paper's (section 8.3) where it names a value.
/// Coefficients, clip, bandwidth and threshold act on scaled vectors (mean squared length = d), so that one value suits every layer.
/// </summary>
public sealed record AutoencoderOptions
{
    /// <summary>The dictionary's name in a run folder and in figures.</summary>
    public string Name { get; init; } = "topk";

    /// <summary>A name of <see cref="AutoencoderVariants"/>.</summary>
    public string Architecture { get; init; } = TopKAutoencoder.VariantName;

    /// <summary>Latents for each input component; the paper's 8. Without effect where <see cref="LatentSize"/> is given.</summary>
    public double Expansion { get; init; } = 8;

    /// <summary>Number of latents, or null: <see cref="Expansion"/> × the vectors' length.</summary>
    public int? LatentSize { get; init; }

    /// <summary>k of TopK, the coefficient of L1, JumpReLU and Gated; null takes the variant's default.</summary>
    public double? Sparsity { get; init; }

    /// <summary>Vectors a step; the paper's 128.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Adam's learning rate; the paper's 3e-4, constant unless the next two say otherwise.</summary>
    public double LearningRate { get; init; } = 3e-4;

    /// <summary>The share of all steps in which the learning rate grows linearly from 0; 0 is none.</summary>
    public double LearningRateWarmup { get; init; }

    /// <summary>The share of all steps, the last ones, in which the learning rate falls linearly to 0; 0 is none.</summary>
    public double LearningRateDecay { get; init; }

    /// <summary>The largest L2 norm of the gradients of all parameters together, on scaled vectors: longer ones are shrunk to it; null: none are.</summary>
    public double? GradientClip { get; init; }

    /// <summary>Where b_dec starts.</summary>
    public BiasStart BiasStart { get; init; }

    /// <summary>Passes over the training vectors; the paper's 10.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>L1: latents below this are zero at inference; the paper's 0.1.</summary>
    public double Clip { get; init; } = 0.1;

    /// <summary>L1: train the biases.</summary>
    public bool Biases { get; init; } = true;

    /// <summary>L1: the encoder is the decoder's transpose (paper, eq. 9), an option; untied finds planted directions better.</summary>
    public bool Tied { get; init; }

    /// <summary>JumpReLU: ε, the width of the window in which thresholds get gradients.</summary>
    public double Bandwidth { get; init; } = JumpReLUAutoencoder.DefaultBandwidth;

    /// <summary>JumpReLU: the thresholds at the start; null is √coefficient, and 1 with <see cref="JumpReLUPenalty.Target"/>.</summary>
    public double? InitialThreshold { get; init; }

    /// <summary>JumpReLU: what is minimised to be sparse.</summary>
    public JumpReLUPenalty Penalty { get; init; }

    /// <summary>JumpReLU with <see cref="JumpReLUPenalty.Target"/>: active latents a vector, on average.</summary>
    public double TargetL0 { get; init; } = JumpReLUAutoencoder.DefaultTargetL0;

    /// <summary>TopK: a second, larger k that training also reconstructs from (Multi-TopK, and the paper's section 8.2.4); null for none.</summary>
    public int? SecondK { get; init; }

    /// <summary>TopK: the weight of the second reconstruction.</summary>
    public double SecondWeight { get; init; } = TopKAutoencoder.DefaultSecondWeight;

    /// <summary>α of AuxK, which revives dead latents; 0 is none; null takes the variant's: Gao et al.'s 1/32 where k latents are chosen, else 0.</summary>
    public double? AuxiliaryCoefficient { get; init; }

    /// <summary>AuxK: dead latents a vector; null takes half the vector's length.</summary>
    public int? AuxiliaryK { get; init; }

    /// <summary>AuxK: a latent silent for more than so many training vectors is dead; null takes half a pass, at most ten million.</summary>
    public long? DeadAfter { get; init; }

    /// <summary>The share of all steps in which the penalty's coefficient grows from 0 to its value; no effect on TopK.</summary>
    public double SparsityWarmup { get; init; } = 0.05;

    /// <summary>Scale the vectors by one number so that their mean squared length is their dimension; folded away at the end.</summary>
    public bool ScaleInputs { get; init; } = true;

    /// <summary>Vectors longer than this times the median length are shortened to it, in training and in its measurements; null: none (see <see cref="VectorOutliers"/>).</summary>
    public double? Cap { get; init; }

    /// <summary>Vectors that batches are mixed from at a time (<see cref="MixingOrder"/>); null: 64 MiB of them.</summary>
    public int? MixingVectors { get; init; }

    /// <summary>Points of the curves in each pass; the first pass has more.</summary>
    public int PointsPerEpoch { get; init; } = 1;

    /// <summary>The run's seed.</summary>
    public ulong Seed { get; init; }

    /// <summary>Steps between checkpoints; null: every 30 seconds, more rarely where several are trained together, every two minutes at most. Without effect on the result.</summary>
    public int? CheckpointEverySteps { get; init; }

    /// <summary>The number of latents for vectors of <paramref name="inputSize"/> components.</summary>
    public int LatentsFor(int inputSize) => LatentSize ?? (int)Math.Round(Expansion * inputSize);

    internal AutoencoderSettings SettingsFor(AutoencoderVariant variant) => new()
    {
        Sparsity = Sparsity ?? variant.DefaultSparsity,
        Clip = Clip,
        Tied = Tied,
        Biases = Biases,
        Bandwidth = Bandwidth,
        InitialThreshold = InitialThreshold,
        Penalty = Penalty,
        TargetL0 = TargetL0,
        SecondK = SecondK,
        SecondWeight = SecondWeight,
    };

    /// <summary>Throws unless every value can be used.</summary>
    /// <exception cref="FoveaException">Configuration: which value and what it may be.</exception>
    public void Validate()
    {
        Require(!string.IsNullOrWhiteSpace(Name), "name", "must not be empty");
        Require(LatentSize is null or > 0, "latentSize", "must be above 0");
        Require(double.IsFinite(Expansion) && Expansion > 0, "expansion", "must be above 0");
        Require(Sparsity is null || (double.IsFinite(Sparsity.Value) && Sparsity >= 0), "sparsity", "must not be below 0");
        Require(BatchSize > 0, "batchSize", "must be above 0");
        Require(double.IsFinite(LearningRate) && LearningRate > 0, "learningRate", "must be above 0");
        Require(Epochs > 0, "epochs", "must be above 0");
        Require(double.IsFinite(SparsityWarmup) && SparsityWarmup is >= 0 and <= 1, "sparsityWarmup", "must be in 0 … 1");
        Require(LearningRateWarmup >= 0 && LearningRateDecay >= 0 && LearningRateWarmup + LearningRateDecay <= 1,
            "learningRateWarmup and learningRateDecay", "must not be below 0 and together at most 1");
        Require(GradientClip is null || (double.IsFinite(GradientClip.Value) && GradientClip > 0), "gradientClip", "must be above 0");
        Require(Enum.IsDefined(BiasStart), "biasStart", "is not one that there is");
        Require(AuxiliaryCoefficient is null || (double.IsFinite(AuxiliaryCoefficient.Value) && AuxiliaryCoefficient >= 0), "auxiliaryCoefficient", "must not be below 0");
        Require(AuxiliaryK is null or > 0, "auxiliaryK", "must be above 0");
        Require(DeadAfter is null or >= 0, "deadAfter", "must not be below 0");
        Require(Cap is null || (double.IsFinite(Cap.Value) && Cap > 0), "cap", "must be above 0");
        Require(MixingVectors is null or > 0, "mixingVectors", "must be above 0");
        Require(PointsPerEpoch > 0, "pointsPerEpoch", "must be above 0");
        Require(CheckpointEverySteps is null or > 0, "checkpointEverySteps", "must be above 0");
        AutoencoderVariants.Get(Architecture);
    }

    private static void Require(bool holds, string name, string rule)
    {
        if (!holds) throw FoveaException.BadConfiguration($"Autoencoder option {name} {rule}.");
    }
}
