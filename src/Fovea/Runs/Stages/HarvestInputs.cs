using Fovea.Imaging;
using Fovea.Runs.Settings;

namespace Fovea.Runs.Stages;

/// <summary>What decides the vectors of a run, beside its network.</summary>
/// <param name="Seed">Of the run.</param>
/// <param name="Source">The fingerprint of the images.</param>
/// <param name="Preprocessing">What is done to an image first.</param>
/// <param name="Settings">Layers, filters and how many images.</param>
internal sealed record HarvestInputs(ulong Seed, string Source, Preprocessing Preprocessing, HarvestSettings Settings)
    : StageInputs(4, Seed);
