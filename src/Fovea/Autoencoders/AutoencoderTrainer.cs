using Fovea.Activations;

namespace Fovea.Autoencoders;

/// <summary>
/// Trains sparse autoencoders (paper, sections 5.3 and 8.3). Same options, vectors, machine and thread count give the same bytes; so does
/// a training that was interrupted at any moment, kill -9 included, and called again with the same resume folder.
/// </summary>
public static class AutoencoderTrainer
{
    /// <summary>Trains one autoencoder.</summary>
    /// <param name="options">Variant and settings.</param>
    /// <param name="source">The vectors.</param>
    /// <param name="trainRows">Rows to train on; each pass takes all of them in a new random order.</param>
    /// <param name="validationRows">Rows held out; may be empty.</param>
    /// <param name="resumeFolder">Where the state is kept to go on after an interruption; null keeps none.</param>
    /// <param name="progress">Told a few times a second at most.</param>
    /// <param name="cancellation">Stops after the step under way, with the state written.</param>
    /// <returns>The autoencoder, acting on raw vectors, with curves and final numbers; the caller disposes it.</returns>
    /// <exception cref="FoveaException">
    /// Configuration: an option cannot be used. Data: there are no rows. Numerical: NaN or infinity, or every latent dead.
    /// </exception>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    public static TrainedAutoencoder Train(
        AutoencoderOptions options, IVectorSource source, long[] trainRows, long[] validationRows, string? resumeFolder = null,
        IProgress<AutoencoderProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(trainRows);
        ArgumentNullException.ThrowIfNull(validationRows);
        options.Validate();
        if (trainRows.Length == 0) throw FoveaException.BadData("There are no vectors to train an autoencoder on.");
        foreach (long row in trainRows.Concat(validationRows))
        {
            if (row < 0 || row >= source.Count) throw new ArgumentOutOfRangeException(nameof(trainRows), row, $"The source has {source.Count} rows.");
        }
        using var session = new TrainingSession(options, source, trainRows, validationRows, resumeFolder);
        return session.Run(progress, cancellation);
    }

    /// <summary>
    /// Trains into a folder of a run: the state is kept in its <c>resume/</c>, the result is written by <see cref="TrainedAutoencoder.Save"/>,
    /// then <c>resume/</c> is deleted.
    /// </summary>
    /// <param name="folder">Made if absent.</param>
    /// <param name="options">Variant and settings.</param>
    /// <param name="source">The vectors.</param>
    /// <param name="trainRows">Rows to train on.</param>
    /// <param name="validationRows">Rows held out; may be empty.</param>
    /// <param name="progress">Told a few times a second at most.</param>
    /// <param name="cancellation">Stops after the step under way, with the state written.</param>
    /// <returns>The final numbers, as in <c>metrics.json</c>.</returns>
    /// <exception cref="FoveaException">As <see cref="Train"/>, or the folder cannot be written.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    public static AutoencoderReport TrainInto(
        string folder, AutoencoderOptions options, IVectorSource source, long[] trainRows, long[] validationRows,
        IProgress<AutoencoderProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string resume = Path.Combine(folder, "resume");
        using var trained = Train(options, source, trainRows, validationRows, resume, progress, cancellation);
        trained.Save(folder);
        if (Directory.Exists(resume)) Directory.Delete(resume, recursive: true);
        return trained.Report;
    }
}
