using Fovea.Dictionaries.Sparse;

namespace Fovea.Dictionaries.Training;

/// <summary>
/// The learning rate of each step: η, with a linear warm-up from 0 and a linear decay to 0 that no step reaches:
/// <code>
/// η_t = η · min(1, (t + 1)/(W + 1), (S − t)/(D + 1))        t = 0 … S − 1, of S steps the first W and the last D are not at full rate
/// </code>
/// </summary>
internal readonly struct LearningRateSchedule(AutoencoderOptions options, long steps)
{
    /// <summary>η of step number <paramref name="step"/>, from 0.</summary>
    public double At(long step)
    {
        long warmup = (long)(steps * options.LearningRateWarmup), decay = (long)(steps * options.LearningRateDecay);
        double rising = (step + 1.0) / (warmup + 1), falling = (double)(steps - step) / (decay + 1);
        return options.LearningRate * Math.Min(1, Math.Min(rising, falling));
    }
}
