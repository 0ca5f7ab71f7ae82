using Fovea.Imaging;
using Fovea.Runs.Settings;

namespace Fovea.Runs.Stages;

/// <summary>What decides the network of a run and its scores.</summary>
/// <param name="Seed">Of the run.</param>
/// <param name="Training">The fingerprint of the images it is trained on; null where it is not trained.</param>
/// <param name="Validation">The fingerprint of the images it is evaluated on.</param>
/// <param name="Preprocessing">What is done to an image first.</param>
/// <param name="Model">The network, its files named by their SHA-256.</param>
/// <param name="Train">The training, its files by their SHA-256; null where there is none.</param>
internal sealed record ModelInputs(
    ulong Seed, string? Training, string Validation, Preprocessing Preprocessing, ModelSettings Model, TrainSettings? Train)
    : StageInputs(4, Seed);
