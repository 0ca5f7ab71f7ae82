using System.Diagnostics;
using Fovea.Activations;
using Fovea.Distributed;
using Fovea.Numerics;

namespace Fovea.Dictionaries.Training;

/// <summary>
/// One reading of the vectors that trains any number of autoencoders: each batch is read once, on another thread while the one before is
/// learned from, and given to every session. Sessions that were interrupted at different steps meet again: a session sits out the batches
/// it has had.
/// </summary>
/// <param name="source">The vectors as they are.</param>
/// <param name="trainRows">Rows to train on.</param>
/// <param name="sessions">At least one; they see the same batches (<see cref="TrainingPlan.SameBatches"/>).</param>
/// <param name="tolerant">Whether a session whose numbers go wrong ends alone (<see cref="TrainingSession.Failure"/>).</param>
internal sealed class TrainingStream(IVectorSource source, RowSet trainRows, IReadOnlyList<TrainingSession> sessions, bool tolerant = false)
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>A checkpoint costs a write of everything that is in training: the more there is, the rarer.</summary>
    private readonly TimeSpan _checkpointInterval = TimeSpan.FromSeconds(Math.Min(30 + 5 * (sessions.Count - 1), 120));

    private readonly TrainingPlan _plan = sessions[0].Plan;
    private readonly int? _checkpointEvery = sessions[0].Options.CheckpointEverySteps;

    /// <summary>The processes that train together; several train one autoencoder.</summary>
    private readonly IRanks _ranks = sessions[0].Ranks;

    /// <summary>Those that go on.</summary>
    private IEnumerable<TrainingSession> Active => sessions.Where(session => session.Failure is null);

    /// <summary>Trains every session to its end.</summary>
    /// <returns>The vectors as the sessions saw them.</returns>
    /// <exception cref="OperationCanceledException">Cancelled, with the states written.</exception>
    public IVectorSource Run(IProgress<StreamProgress>? progress, CancellationToken cancellation)
    {
        StartOrResume(Told(progress), cancellation);
        var vectors = sessions[0].MaximumLength is { } longest ? new CappedVectors(source, longest) : source;
        // Declared first: it ends after the reader that reads from it.
        using WindowReader? windows = WindowReader.Serves(vectors, _plan) ? new WindowReader(vectors, _plan) : null;
        using var reader = new BatchReader(vectors, sessions[0].Options.BatchSize);
        var clock = Stopwatch.StartNew();
        TimeSpan saved = TimeSpan.Zero, reported = TimeSpan.Zero;
        long first = sessions.Min(session => session.Steps), window = _plan.WindowOf(first);
        if (first < _plan.Steps) Begin(first);
        for (long step = first; step < _plan.Steps && Active.Any();)
        {
            if (sessions[0].Leaves(cancellation.IsCancellationRequested))
            {
                Checkpoint();
                throw new OperationCanceledException(
                    $"Training of {string.Join(", ", sessions.Select(session => session.Options.Title))} was cancelled after "
                        + $"{step} of {_plan.Steps} steps.", cancellation);
            }
            var batch = reader.Take();
            if (step + 1 < _plan.Steps) Begin(step + 1);
            foreach (var session in sessions)
            {
                if (session.Steps == step && session.Failure is null) Step(session, batch.Span, vectors);
            }
            step++;
            if (step < _plan.Steps && _plan.WindowOf(step) is var current && current != window)
            {
                window = current;
                source.Release();
            }
            if (progress is not null && Active.Any() && (clock.Elapsed - reported > ProgressInterval || step == _plan.Steps))
            {
                reported = clock.Elapsed;
                double speed = (_plan.Vectors(step) - _plan.Vectors(first)) / Math.Max(reported.TotalSeconds, 1e-9);
                progress.Report(
                    new StreamProgress(step, _plan.Steps, _plan.Epochs(step), speed, [.. Active.Select(session => session.Running)]));
            }
            if (_checkpointEvery is { } every ? step % every == 0 : clock.Elapsed - saved > _checkpointInterval)
            {
                Checkpoint();
                saved = clock.Elapsed;
            }
        }
        return vectors;

        void Begin(long step)
        {
            var (first, count) = sessions[0].Share(step);
            if (windows is null)
            {
                reader.Begin(rows => _plan.RowsOf(step, rows, first), count);
                return;
            }
            FastPaths.Ran(FastPath.WindowBatch);
            reader.Begin(count, batch => windows.Read(step, first, batch));
        }
    }

    private void Step(TrainingSession session, ReadOnlySpan<float> batch, IVectorSource vectors)
    {
        try
        {
            session.Step(batch, vectors);
        }
        catch (FoveaException e) when (tolerant && e.Kind == FailureKind.Numerical)
        {
            session.Failure = e;
        }
    }

    /// <summary>How far the start is, as often as is worth it: a variant may look through the vectors for minutes before its first step.</summary>
    private Action<string, long, long>? Told(IProgress<StreamProgress>? progress)
    {
        if (progress is null) return null;
        var clock = Stopwatch.StartNew();
        TimeSpan reported = TimeSpan.Zero;
        string counted = "";
        return (unit, done, total) =>
        {
            if (unit == counted && done < total && clock.Elapsed - reported < ProgressInterval) return;
            (reported, counted) = (clock.Elapsed, unit);
            progress.Report(new StreamProgress(0, _plan.Steps, 0, 0, [.. Active.Select(session => session.Running)]) { Start = (unit, done, total) });
        };
    }

    private void StartOrResume(Action<string, long, long>? told, CancellationToken cancellation)
    {
        var statistics = new Dictionary<int, InputStatistics>();
        foreach (var session in sessions)
        {
            bool resumed = _ranks.Rank == 0 && session.Resume();
            if (!_ranks.Any(resumed))
            {
                int shards = session.Shards?.Count ?? 0;
                if (!statistics.TryGetValue(shards, out var found))
                    statistics[shards] = found = InputStatistics.Measure(source, trainRows, session.Options.Cap, cancellation, session.Shards);
                if (_ranks.Rank == 0) session.Start(found, trainRows, told, cancellation);
            }
            session.ShareStart();
        }
    }

    private void Checkpoint()
    {
        // What a failed one has is not worth going on from: continued from before, it fails again.
        foreach (var session in Active) session.Checkpoint();
    }
}
