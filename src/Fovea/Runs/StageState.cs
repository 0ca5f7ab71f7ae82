namespace Fovea.Runs;

/// <summary>How far a stage is: the words of <see cref="StageStatus.State"/>.</summary>
public static class StageState
{
    /// <summary>Nobody has begun it.</summary>
    public const string Waiting = "waiting";

    /// <summary>Somebody is at it.</summary>
    public const string Running = "running";

    /// <summary>It was begun, and nobody is at it.</summary>
    public const string Interrupted = "interrupted";

    /// <summary>Nobody is at it, and a part failed the last time.</summary>
    public const string Failed = "failed";

    /// <summary>Its record, or a document or tensors that it made, are there and cannot be read.</summary>
    public const string Damaged = "damaged";

    /// <summary>Everything of it is there.</summary>
    public const string Complete = "complete";
}
