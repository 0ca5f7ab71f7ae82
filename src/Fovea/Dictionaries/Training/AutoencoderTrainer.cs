using Fovea.Activations;
using Fovea.Dictionaries.Sparse;
using Fovea.Distributed;
using Fovea.IO;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Training;

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
    /// <param name="progress">Reported to a few times a second at most.</param>
    /// <param name="cancellation">Stops after the step under way, with the state written.</param>
    /// <returns>The autoencoder, acting on raw vectors, with curves and final numbers; the caller disposes it.</returns>
    /// <exception cref="FoveaException">
    /// Configuration: an option cannot be used. Data: there are no rows. Numerical: NaN or infinity, or every latent dead.
    /// </exception>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    public static TrainedAutoencoder Train(
        AutoencoderOptions options, IVectorSource source, RowSet trainRows, RowSet validationRows, string? resumeFolder = null,
        IProgress<AutoencoderProgress>? progress = null, CancellationToken cancellation = default) =>
        Train(new TrainingRequest(options, resumeFolder), source, trainRows, validationRows, progress, cancellation);

    /// <summary>Trains one autoencoder where the request says.</summary>
    /// <param name="request">What to train.</param>
    /// <param name="source">The vectors.</param>
    /// <param name="trainRows">Rows to train on.</param>
    /// <param name="validationRows">Rows held out; may be empty.</param>
    /// <param name="progress">Reported to a few times a second at most.</param>
    /// <param name="cancellation">Stops after the step under way, with the state written.</param>
    /// <returns>The autoencoder in main memory, acting on raw vectors; the caller disposes it.</returns>
    /// <exception cref="FoveaException">As the other form.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    public static TrainedAutoencoder Train(
        TrainingRequest request, IVectorSource source, RowSet trainRows, RowSet validationRows,
        IProgress<AutoencoderProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(request.Options);
        ArgumentNullException.ThrowIfNull(validationRows);
        var forwarded = progress is null ? null : new Forward(progress);
        return TrainMany([request], source, trainRows, [new HeldOut(HeldOut.Main, validationRows)], forwarded, cancellation)[0];
    }

    /// <summary>
    /// Trains several autoencoders on one reading of the vectors; each comes out with the bytes that it has when it is trained alone. All
    /// are in memory at once: parameters, their copy in the order that kernels read, and two moments, four numbers a parameter.
    /// </summary>
    /// <param name="requests">What to train; they must agree in batch size, epochs, seed, cap, normalization and mixing.</param>
    /// <param name="source">The vectors.</param>
    /// <param name="trainRows">Rows to train on.</param>
    /// <param name="heldOut">Sets of rows held out; the first one gives <see cref="AutoencoderReport.Validation"/>. May be empty.</param>
    /// <param name="progress">Reported to a few times a second at most.</param>
    /// <param name="cancellation">Stops after the step under way, with the states written.</param>
    /// <returns>In the order of the requests; the caller disposes them.</returns>
    /// <exception cref="FoveaException">As <c>Train</c>; Configuration also where the requests do not agree.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    public static IReadOnlyList<TrainedAutoencoder> TrainMany(
        IReadOnlyList<TrainingRequest> requests, IVectorSource source, RowSet trainRows, IReadOnlyList<HeldOut> heldOut,
        IProgress<StreamProgress>? progress = null, CancellationToken cancellation = default) =>
        [.. Train(requests, source, trainRows, heldOut, tolerant: false, progress, cancellation).Select(outcome => outcome.Trained!)];

    /// <summary>
    /// As <see cref="TrainMany"/>, but one whose numbers go wrong ends alone: the others come out with the bytes that they have without it.
    /// </summary>
    /// <param name="requests">What to train.</param>
    /// <param name="source">The vectors.</param>
    /// <param name="trainRows">Rows to train on.</param>
    /// <param name="heldOut">Sets of rows held out.</param>
    /// <param name="progress">Reported to a few times a second at most, of those that go on.</param>
    /// <param name="cancellation">Stops after the step under way, with the states written.</param>
    /// <returns>In the order of the requests; the caller disposes what was trained.</returns>
    /// <exception cref="FoveaException">As <see cref="TrainMany"/>, but of the numerical failures only those of the vectors
    /// themselves.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    internal static IReadOnlyList<TrainingOutcome> TrainEach(
        IReadOnlyList<TrainingRequest> requests, IVectorSource source, RowSet trainRows, IReadOnlyList<HeldOut> heldOut,
        IProgress<StreamProgress>? progress = null, CancellationToken cancellation = default) =>
        Train(requests, source, trainRows, heldOut, tolerant: true, progress, cancellation);

    /// <summary>
    /// Trains into a folder of a run: the state is kept in its <c>resume/</c>, the result is written by
    /// <see cref="TrainedAutoencoder.Save"/>, then <c>resume/</c> is deleted.
    /// </summary>
    /// <param name="folder">Made if absent.</param>
    /// <param name="options">Variant and settings.</param>
    /// <param name="source">The vectors.</param>
    /// <param name="trainRows">Rows to train on.</param>
    /// <param name="validationRows">Rows held out; may be empty.</param>
    /// <param name="progress">Reported to a few times a second at most.</param>
    /// <param name="cancellation">Stops after the step under way, with the state written.</param>
    /// <returns>The final numbers, as in <c>metrics.json</c>.</returns>
    /// <exception cref="FoveaException">As <c>Train</c>, or the folder cannot be written.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    public static AutoencoderReport TrainInto(
        string folder, AutoencoderOptions options, IVectorSource source, RowSet trainRows, RowSet validationRows,
        IProgress<AutoencoderProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string resume = Path.Combine(folder, "resume");
        using var trained = Train(options, source, trainRows, validationRows, resume, progress, cancellation);
        trained.Save(folder);
        if (Directory.Exists(resume)) Removal.Of(resume);
        return trained.Report;
    }

    /// <summary>
    /// Takes part in a training that the first process makes by <see cref="Train(TrainingRequest, IVectorSource, RowSet, RowSet, IProgress{AutoencoderProgress}, CancellationToken)"/>
    /// with the same arguments; the result is that one's.
    /// </summary>
    /// <param name="request">What to train; no state is kept here.</param>
    /// <param name="source">The vectors.</param>
    /// <param name="trainRows">Rows to train on.</param>
    /// <param name="validationRows">Rows held out.</param>
    /// <param name="cancellation">Stops all of them after the step under way.</param>
    /// <exception cref="FoveaException">As <c>Train</c>; Data also where this process sees other vectors than the first one.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled, here or in another process.</exception>
    internal static void Help(
        TrainingRequest request, IVectorSource source, RowSet trainRows, RowSet validationRows, CancellationToken cancellation)
    {
        request.Options.Validate();
        trainRows.RequireWithin(source);
        var seen = NormalizedVectors.Of(source, request.Options.Normalization);
        using var session = new TrainingSession(
            request with { ResumeFolder = null }, seen, trainRows, [new HeldOut(HeldOut.Main, validationRows)], () => VectorIdentity.Of(source));
        new TrainingStream(seen, trainRows, [session]).Run(null, cancellation);
    }

    private static IReadOnlyList<TrainingOutcome> Train(
        IReadOnlyList<TrainingRequest> requests, IVectorSource source, RowSet trainRows, IReadOnlyList<HeldOut> heldOut, bool tolerant,
        IProgress<StreamProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(requests);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(trainRows);
        ArgumentNullException.ThrowIfNull(heldOut);
        if (requests.Count == 0) return [];
        foreach (var request in requests) request.Options.Validate();
        if (requests.FirstOrDefault(request => !TrainingPlan.SameBatches(request.Options, requests[0].Options)) is { } odd)
            throw FoveaException.BadConfiguration(
                $"{odd.Options.Title} cannot be trained with {requests[0].Options.Title}: batch size, epochs, seed, cap, "
                    + "normalization or mixing differ.");
        if (requests.Count > 1 && requests.Any(request => request.Ranks.Count > 1))
            throw FoveaException.BadConfiguration("Several processes train one autoencoder at a time.");
        if (trainRows.Count == 0) throw FoveaException.BadData("There are no vectors to train an autoencoder on.");
        trainRows.RequireWithin(source);
        foreach (var set in heldOut) set.Rows.RequireWithin(source);
        var sessions = new List<TrainingSession>();
        var outcomes = new List<TrainingOutcome>();
        bool done = false;
        var normalization = requests[0].Options.Normalization;
        IVectorSource seen = NormalizedVectors.Of(source, normalization);
        try
        {
            var identity = new Lazy<string>(() => VectorIdentity.Of(source));
            foreach (var request in requests) sessions.Add(new TrainingSession(request, seen, trainRows, heldOut, () => identity.Value));
            var vectors = new TrainingStream(seen, trainRows, sessions, tolerant).Run(progress, cancellation);
            // Trained, an autoencoder normalises by itself.
            if (normalization != InputNormalization.None) vectors = source;
            // The sessions see the same batches.
            MixingQuality? mixing = MixingMeasurement.Of(sessions[0].Plan, trainRows, source);
            foreach (var session in sessions) outcomes.Add(Finish(session, vectors, mixing, tolerant));
            done = true;
            return outcomes;
        }
        finally
        {
            // Sessions first: a step lets go of its autoencoder's parameters.
            foreach (var session in sessions) session.Dispose();
            foreach (var outcome in done ? [] : outcomes) outcome.Trained?.Dispose();
        }
    }

    private static TrainingOutcome Finish(TrainingSession session, IVectorSource vectors, MixingQuality? mixing, bool tolerant)
    {
        if (session.Failure is { } failure) return new TrainingOutcome(null, failure);
        try
        {
            return new TrainingOutcome(session.Finish(vectors, mixing), null);
        }
        catch (FoveaException e) when (tolerant && e.Kind == FailureKind.Numerical)
        {
            return new TrainingOutcome(null, e);
        }
    }

    private sealed class Forward(IProgress<AutoencoderProgress> progress) : IProgress<StreamProgress>
    {
        public void Report(StreamProgress value) =>
            progress.Report(new AutoencoderProgress(value.Step, value.Steps, value.Epoch, value.Scores[0], value.VectorsPerSecond) { Start = value.Start });
    }
}

/// <summary>One autoencoder to train.</summary>
/// <param name="Options">Variant and settings.</param>
/// <param name="ResumeFolder">Where the state is kept to go on after an interruption; null keeps none.</param>
/// <param name="Device">Where parameters and batches are in training; null: main memory. The result comes back to main memory; a state may
/// be taken up on another device.</param>
public sealed record TrainingRequest(AutoencoderOptions Options, string? ResumeFolder = null, Device? Device = null)
{
    /// <summary>Steps by libtorch's operations on the CPU too, as other devices make them.</summary>
    internal bool WithoutKernels { get; init; }

    /// <summary>The processes that train it together; the first one keeps the state and has the result.</summary>
    internal IRanks Ranks { get; init; } = SingleRank.Instance;
}

/// <summary>How a training among others ended: with a result, or without one and for what reason.</summary>
/// <param name="Trained">The result; the receiver disposes it.</param>
/// <param name="Failure">What went wrong with its numbers.</param>
internal sealed record TrainingOutcome(TrainedAutoencoder? Trained, FoveaException? Failure);
