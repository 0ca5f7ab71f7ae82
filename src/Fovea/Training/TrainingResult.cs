namespace Fovea.Training;

/// <summary>A finished training; the network holds the last weights.</summary>
/// <param name="History">One entry an epoch.</param>
/// <param name="BestEpoch">The epoch with the highest validation top-1 (then lowest loss, then first), from 1.</param>
/// <param name="Damaged">Images of either source that could not be decoded, by id.</param>
public sealed record TrainingResult(IReadOnlyList<TrainingEpoch> History, int BestEpoch, IReadOnlyList<DamagedImage> Damaged);
