using Fovea.Dictionaries.Sparse;
using Fovea.Runs.Settings;

namespace Fovea.Runs.Stages;

/// <summary>What a recipe says of an autoencoder, as the trainer takes it: 0 and less stand for "the default" in recipes, null in options.</summary>
internal static class DictionaryOptions
{
    public static AutoencoderOptions ToOptions(this TrainingSettings settings, ulong seed) => new()
    {
        Architecture = settings.Architecture,
        Expansion = settings.Expansion,
        Sparsity = settings.Sparsity > 0 ? settings.Sparsity : null,
        BatchSize = settings.BatchSize,
        LearningRate = settings.LearningRate,
        LearningRateWarmup = settings.LearningRateWarmup,
        LearningRateDecay = settings.LearningRateDecay,
        GradientClip = settings.GradientClip,
        BiasStart = Choice<BiasStart>(settings.BiasStart, "bias_start"),
        Epochs = settings.Epochs,
        Clip = settings.Clip,
        Biases = settings.Biases,
        Tied = settings.Tied,
        Penalty = Choice<JumpReLUPenalty>(settings.Penalty, "penalty"),
        TargetL0 = settings.TargetL0,
        SecondK = settings.SecondK > 0 ? settings.SecondK : null,
        SecondWeight = settings.SecondWeight,
        AuxiliaryCoefficient = settings.Auxiliary >= 0 ? settings.Auxiliary : null,
        AuxiliaryK = settings.AuxiliaryK > 0 ? settings.AuxiliaryK : null,
        DeadAfter = settings.DeadAfter > 0 ? settings.DeadAfter : null,
        Cap = settings.Cap > 0 ? settings.Cap : null,
        Seed = seed,
    };

    private static T Choice<T>(string word, string key) where T : struct, Enum =>
        Enum.TryParse<T>(word, ignoreCase: true, out var value) && Enum.IsDefined(value)
            ? value
            : throw FoveaException.BadConfiguration($"{key} is '{word}': it must be one of {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}.");
}
