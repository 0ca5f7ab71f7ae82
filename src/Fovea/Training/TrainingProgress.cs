namespace Fovea.Training;

/// <summary>How far a training is, told after each step and each validation batch.</summary>
/// <param name="Epoch">The epoch under way, from 1.</param>
/// <param name="Epochs">Epochs in all.</param>
/// <param name="Step">Steps done since the start of the training.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="LearningRate">Of the last step.</param>
/// <param name="Loss">Mean over the epoch's images so far.</param>
/// <param name="Top1">Share of the epoch's images so far.</param>
/// <param name="Validation">Null while training; else how far the validation after the epoch is.</param>
public sealed record TrainingProgress(
    int Epoch, int Epochs, long Step, long Steps, double LearningRate, double Loss, double Top1, EvaluationProgress? Validation);
