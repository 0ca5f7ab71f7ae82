using Fovea.Dictionaries.Sparse;
using Fovea.Runs.Settings;

namespace Fovea.Runs.Stages;

/// <summary>What a recipe says of an autoencoder, as the trainer takes it; what is absent there is null here, the default.</summary>
internal static class DictionaryOptions
{
    public static AutoencoderOptions ToOptions(this DictionarySettings settings, ulong seed) => Shared(settings, seed) with
    {
        Name = settings.Name,
        Expansion = settings.Expansion,
        BatchSize = settings.BatchSize,
        LearningRate = settings.LearningRate,
        Epochs = settings.Epochs,
        CheckpointEverySteps = settings.CheckpointEverySteps,
    };

    public static AutoencoderOptions ToOptions(this SweepDictionarySettings settings, SweepSettings sweep, ulong seed) => Shared(settings, seed) with
    {
        Expansion = settings.Expansion ?? sweep.Expansion,
        BatchSize = settings.BatchSize ?? sweep.BatchSize,
        LearningRate = settings.LearningRate ?? sweep.LearningRate,
        Epochs = settings.Epochs ?? sweep.Epochs,
        Cap = settings.Cap ?? sweep.Cap,
        PointsPerEpoch = sweep.PointsPerEpoch,
    };

    private static AutoencoderOptions Shared(TrainingSettings settings, ulong seed) => new()
    {
        Architecture = settings.Architecture,
        Sparsity = settings.Sparsity,
        LearningRateWarmup = settings.LearningRateWarmup,
        LearningRateDecay = settings.LearningRateDecay,
        GradientClip = settings.GradientClip,
        BiasStart = Choice<BiasStart>(settings.BiasStart, "bias_start"),
        Clip = settings.Clip,
        Biases = settings.Biases,
        Tied = settings.Tied,
        Penalty = Choice<JumpReLUPenalty>(settings.Penalty, "penalty"),
        TargetL0 = settings.TargetL0,
        SecondK = settings.SecondK,
        SecondWeight = settings.SecondWeight,
        AuxiliaryCoefficient = settings.Auxiliary,
        AuxiliaryK = settings.AuxiliaryK,
        DeadAfter = settings.DeadAfter,
        Cap = settings.Cap,
        Seed = seed,
    };

    private static T Choice<T>(string word, string key) where T : struct, Enum =>
        Enum.TryParse<T>(word, ignoreCase: true, out var value) && Enum.IsDefined(value)
            ? value
            : throw FoveaException.BadConfiguration($"{key} is '{word}': it must be one of {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}.");
}
