namespace Fovea.Runs.Settings;

/// <summary>The words of <c>[model] classes</c>: what the numbers of a network's answer are.</summary>
public static class NetworkClasses
{
    /// <summary>The network's own classes, which are those of the images.</summary>
    public const string Own = "network";

    /// <summary>The classes of the images: the last layer is a fresh one.</summary>
    public const string Data = "data";

    /// <summary>The network's own classes, which are not those of the images.</summary>
    public const string Other = "other";

    /// <summary>No classes.</summary>
    public const string None = "none";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Own, Data, Other, None];

    /// <summary>Whether the numbers of the answer are of the classes that the images are labelled with: only then is there an accuracy.</summary>
    /// <param name="model">The network's table.</param>
    public static bool AreOfImages(ModelSettings model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Classes is Own or Data;
    }
}
