using Fovea.Runs.Settings;

namespace Fovea.Runs.Stages;

/// <summary>What decides an autoencoder of a run, beside its vectors.</summary>
/// <param name="Seed">Of the run.</param>
/// <param name="Settings">The autoencoder and its training.</param>
internal sealed record DictionaryInputs(ulong Seed, DictionarySettings Settings) : StageInputs(2, Seed);
