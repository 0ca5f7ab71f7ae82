namespace Fovea.Runs.Settings;

/// <summary>The words of <c>[model] classes</c>: what the numbers of a network's answer are.</summary>
public static class NetworkClasses
{
    /// <summary>The network's own classes, which are those of the images.</summary>
    public const string Own = "network";

    /// <summary>The classes of the images: the last layer is a fresh one.</summary>
    public const string Data = "data";

    /// <summary>No classes.</summary>
    public const string None = "none";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Own, Data, None];
}
