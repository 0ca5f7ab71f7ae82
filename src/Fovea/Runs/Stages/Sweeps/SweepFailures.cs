namespace Fovea.Runs.Stages.Sweeps;

/// <summary>
/// What of a sweep came to nothing: hours of the others must not be lost for it, and the same numbers would go wrong again. Autoencoders
/// whose numbers go wrong are remembered in their folders, so that a continued sweep does not train them again; plain dictionaries are
/// fitted anew, and fail anew.
/// </summary>
/// <param name="log">Told a line for each.</param>
internal sealed class SweepFailures(Action<string> log)
{
    private readonly List<(SweepFailure Failure, FailureKind Kind)> _all = [];

    /// <summary>In the order in which they were found; null where all is well.</summary>
    public IReadOnlyList<SweepFailure>? All => _all.Count == 0 ? null : [.. _all.Select(one => one.Failure)];

    public bool Include(string id, bool baseline) => _all.Exists(one => one.Failure.Id == id && one.Failure.Baseline == baseline);

    public void Add(SweepFailure failure, FailureKind kind)
    {
        _all.Add((failure, kind));
        log($"{failure.Id} is left out: {failure.Reason}");
    }

    /// <summary>Throws the first failure where nothing else came of the sweep.</summary>
    /// <exception cref="FoveaException">There is no point, and this is why.</exception>
    public void RequireAny(IReadOnlyList<SweepPoint> points)
    {
        if (points.Count == 0 && _all.Count > 0) throw new FoveaException(_all[0].Kind, _all[0].Failure.Reason);
    }
}
