namespace Fovea.Tests.Shared;

/// <summary>What interrupting a run again and again came to.</summary>
/// <param name="Files">Files compared.</param>
/// <param name="Bytes">Bytes compared.</param>
/// <param name="Different">Files that differ, are missing, are there in one run only, or were left half written.</param>
/// <param name="Moments">Where the run was stopped.</param>
/// <param name="Failures">What it ended with each time that it was not killed.</param>
public sealed record InterruptionReport(
    int Files, long Bytes, IReadOnlyList<string> Different, IReadOnlyList<string> Moments, IReadOnlyList<Exception> Failures)
{
    /// <summary>How, each time.</summary>
    public IReadOnlyList<Interruption> Kinds { get; init; } = [];

    /// <summary>How often it was stopped.</summary>
    public int Interruptions => Moments.Count;

    /// <summary>For the message of a test.</summary>
    public override string ToString() =>
        $"{Different.Count} of {Files} files differ after "
            + $"{Interruptions} interruptions: {string.Join(", ", Different.Take(20))} ({string.Join("; ", Moments)})";
}
