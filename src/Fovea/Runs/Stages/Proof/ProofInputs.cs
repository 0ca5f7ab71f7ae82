using Fovea.Runs.Settings;

namespace Fovea.Runs.Stages.Proof;

/// <summary>What decides what is measured of a run's units, beside its network, vectors and dictionaries.</summary>
/// <param name="Seed">Of the run.</param>
/// <param name="Source">The fingerprint of the images that evaluation reads.</param>
/// <param name="Settings">How many units and images.</param>
internal sealed record ProofInputs(ulong Seed, string Source, ProofSettings Settings) : StageInputs(2, Seed);
