namespace Fovea.Tests.Shared;

/// <summary>The kinds of events that moments are counted in.</summary>
public enum EventKind
{
    /// <summary>Progress was reported.</summary>
    Report,

    /// <summary>A file is about to be renamed into place, or a file or folder to be deleted.</summary>
    Change,

    /// <summary>A block is about to be written to a file.</summary>
    Write,
}

/// <summary>Something that happens in a run, on the thread on which it happens.</summary>
/// <param name="Kind">What.</param>
/// <param name="Number">Events of this kind until now in this invocation, this one included.</param>
/// <param name="Steps">Reports and changes together until now, this one included where it is one.</param>
/// <param name="What">Where, for a message: progress, or the path in the folder.</param>
public sealed record RunEvent(EventKind Kind, int Number, int Steps, string What);
