namespace Fovea.Dictionaries.Training;

/// <summary>How training goes on; averages are over the batches since the last history line.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Epoch">Passes done, a fraction inside a pass.</param>
/// <param name="Scores">Averages on the batches as trained.</param>
/// <param name="VectorsPerSecond">Speed since training started or was resumed, evaluations included.</param>
public sealed record AutoencoderProgress(long Step, long Steps, double Epoch, AutoencoderScores Scores, double VectorsPerSecond)
{
    /// <summary>Before the first step: what is looked up in the vectors (centroids drawn, vectors read), how much, of how much at most; null:
    /// training goes on.</summary>
    public (string Unit, long Done, long Total)? Start { get; init; }
}

/// <summary>How a training of many goes on.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Epoch">Passes done, a fraction inside a pass.</param>
/// <param name="VectorsPerSecond">Vectors that all have learned from, a second, since training started or was resumed.</param>
/// <param name="Scores">Averages on the batches as trained, since the last history line: one for each autoencoder that is in training, in
/// their order.</param>
public sealed record StreamProgress(long Step, long Steps, double Epoch, double VectorsPerSecond, IReadOnlyList<AutoencoderScores> Scores)
{
    /// <summary>Before the first step: what is looked up in the vectors, how much, of how much at most; null: training goes on.</summary>
    public (string Unit, long Done, long Total)? Start { get; init; }
}
