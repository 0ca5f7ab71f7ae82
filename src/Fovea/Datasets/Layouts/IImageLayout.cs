namespace Fovea.Datasets;

/// <summary>A way in which datasets name their files: which file is an image, of which class and of which split.</summary>
public interface IImageLayout
{
    /// <summary>The name it is asked for by.</summary>
    string Name { get; }

    /// <summary>Whether the tree looks like this layout.</summary>
    bool Matches(IFileTree tree);

    /// <summary>All splits of the tree with their labelled images.</summary>
    /// <param name="tree">The files.</param>
    /// <param name="classes">A class list (<see cref="ClassTable"/>) that takes the place of the tree's own; null for its own.</param>
    /// <exception cref="FoveaException">There are no images, or no folders that could be classes.</exception>
    DataReading Read(IFileTree tree, string? classes);
}
