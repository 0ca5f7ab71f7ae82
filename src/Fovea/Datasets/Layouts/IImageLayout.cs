namespace Fovea.Datasets;

/// <summary>A way in which datasets name their files: which file is an image, of which class and of which split.</summary>
public interface IImageLayout
{
    /// <summary>The name it is asked for by.</summary>
    string Name { get; }

    /// <summary>Whether the tree looks like this layout.</summary>
    bool Matches(IFileTree tree);

    /// <summary>The images of a split, labelled; the source owns the tree from then on.</summary>
    /// <exception cref="FoveaException">The source is empty or mislabelled, or lacks the split.</exception>
    IImageSource Open(IFileTree tree, ImageSourceOptions options);
}
