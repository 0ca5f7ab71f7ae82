namespace Fovea.Runs.Graph;

/// <summary>What making a stage takes, about.</summary>
/// <param name="Seconds">On this machine when it is idle.</param>
/// <param name="Images">Images it reads, one for each time that it reads it.</param>
/// <param name="Vectors">Vectors it stores.</param>
/// <param name="Bytes">Bytes it writes.</param>
internal sealed record StageCost(double Seconds, long Images = 0, long Vectors = 0, long Bytes = 0);
