using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Fovea.IO;

namespace Fovea.Runs.Graph;

/// <summary>
/// The parts of a stage as one worker gets them: it asks for the next until none is left that is neither done nor another's. Each part that
/// it got is claimed until it is done; what is not done when the queue is disposed is given back. A part that is made after others is not
/// given out before they are done. Safe to use from several threads.
/// </summary>
internal sealed class PartQueue : IDisposable
{
    private readonly Lock _gate = new();
    private readonly StageScratch _scratch;
    private readonly IReadOnlyList<StagePart> _all;
    private readonly List<StagePart> _left;
    private readonly PartOrder _order;
    private readonly Dictionary<StagePart, (ClaimFile Claim, Stopwatch Clock)> _held = [];
    private readonly TimeSpan _lease;
    private readonly Func<bool> _isOver;
    private readonly CancellationToken _cancellation;
    private int _at;

    /// <param name="parts">Of the stage.</param>
    /// <param name="scratch">Of the stage.</param>
    /// <param name="worker">Where to start, and how long claims hold.</param>
    /// <param name="isOver">Whether another process has completed the stage.</param>
    /// <param name="cancellation">No part is given out after it.</param>
    public PartQueue(
        IReadOnlyList<StagePart> parts, StageScratch scratch, RunWorker worker, Func<bool> isOver, CancellationToken cancellation)
    {
        (_scratch, _lease, _isOver, _cancellation) = (scratch, worker.Lease, isOver, cancellation);
        (_all, _order) = (parts, new PartOrder(parts, scratch.IsDone));
        int first = worker.FirstOf(parts.Count);
        _left = [.. parts.Skip(first), .. parts.Take(first)];
    }

    /// <summary>Parts that this worker has made.</summary>
    public int Made { get; private set; }

    /// <summary>
    /// The next part to make, claimed; null where all that are not done are being made by others, or are made after such.
    /// </summary>
    /// <exception cref="OperationCanceledException">The worker was asked to end.</exception>
    public StagePart? Next()
    {
        lock (_gate)
        {
            for (int tried = 0; tried < _left.Count;)
            {
                _cancellation.ThrowIfCancellationRequested();
                if (_at >= _left.Count) _at = 0;
                StagePart part = _left[_at];
                if (_held.ContainsKey(part) || !_order.IsReady(part))
                {
                    (_at, tried) = (_at + 1, tried + 1);
                    continue;
                }
                if (!_scratch.IsDone(part) && _scratch.Claim(part, _lease, out _) is { } claim)
                {
                    _held.Add(part, (claim, Stopwatch.StartNew()));
                    // Whoever had it before may have come to its end in between.
                    if (!_scratch.IsDone(part))
                    {
                        if (!_isOver()) return part;
                        GiveBack(part);
                        return null;
                    }
                    GiveBack(part);
                }
                if (_scratch.IsDone(part)) _left.RemoveAt(_at);
                else (_at, tried) = (_at + 1, tried + 1);
            }
            return null;
        }
    }

    /// <summary>Whether the part of a place among all of the stage is done.</summary>
    public bool IsDone(int place) => _scratch.IsDone(_all[place]);

    /// <summary>Which part of the stage it is, from 1, and how many there are.</summary>
    public (int Place, int Count) PlaceOf(StagePart part) => (1 + _all.TakeWhile(one => one != part).Count(), _all.Count);

    /// <summary>The part's own folder of scratch.</summary>
    public string Scratch(StagePart part) => _scratch.Of(part);

    /// <summary>
    /// Whether the part is still this worker's. It is not where the worker was stopped for so long that another took the part over: what it
    /// would write is there already.
    /// </summary>
    public bool Owns(StagePart part)
    {
        lock (_gate) return _held.TryGetValue(part, out var held) && !held.Claim.IsLost && !_isOver();
    }

    /// <summary>Says that the part's results are there.</summary>
    /// <param name="part">The part.</param>
    /// <param name="hashes">What is in its files (<see cref="PartRecord.Hashes"/>).</param>
    public void Done(StagePart part, IReadOnlyDictionary<string, string>? hashes = null)
    {
        bool owned = Owns(part);
        lock (_gate)
        {
            double seconds = Math.Round(_held[part].Clock.Elapsed.TotalSeconds, 3);
            if (owned) _scratch.MarkDone(part, new PartRecord(ProcessIdentity.Current, DateTime.UtcNow, seconds) { Hashes = hashes });
            Made++;
            GiveBack(part);
        }
    }

    /// <summary>Notes what the parts that are not done ended with.</summary>
    public void NoteFailure(string message)
    {
        lock (_gate)
        {
            foreach (var (part, held) in _held)
                _scratch.MarkFailed(
                    part,
                    new PartRecord(ProcessIdentity.Current, DateTime.UtcNow, Math.Round(held.Clock.Elapsed.TotalSeconds, 3)) { Error = message });
        }
    }

    /// <summary>Gives back what is not done.</summary>
    public void Dispose()
    {
        ExceptionDispatchInfo? failure = null;
        lock (_gate)
        {
            _left.Clear();
            foreach (StagePart part in _held.Keys.ToArray())
            {
                try { GiveBack(part); }
                catch (Exception e) { failure ??= ExceptionDispatchInfo.Capture(e); } // the others are given back all the same
            }
        }
        failure?.Throw();
    }

    private void GiveBack(StagePart part)
    {
        _held.Remove(part, out var held);
        held.Claim.Dispose();
    }
}
