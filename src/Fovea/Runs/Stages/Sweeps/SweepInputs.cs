using Fovea.Runs.Settings;

namespace Fovea.Runs.Stages.Sweeps;

/// <summary>What decides a sweep, beside its vectors.</summary>
/// <param name="Seed">Of the run.</param>
/// <param name="Settings">Its dictionaries and how they are measured.</param>
internal sealed record SweepInputs(ulong Seed, SweepSettings Settings) : StageInputs(2, Seed);
