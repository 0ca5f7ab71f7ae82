namespace Fovea.Tests.Shared;

/// <summary>How a run is stopped.</summary>
public enum Interruption
{
    /// <summary>It is cancelled, as by Ctrl+C: it saves what it has and ends.</summary>
    Cancel,

    /// <summary>It is killed (-9): the disk stays as it is at that moment.</summary>
    Kill,

    /// <summary>The disk is full: from one write on, every write of this invocation fails.</summary>
    FullDisk,

    /// <summary>
    /// Rights are taken away: from one change on, no file of the folder can be put into place or deleted in this invocation.
    /// </summary>
    NoPermission,
}
