namespace Fovea.Interpretation;

/// <summary>The classes of the images of a pass, known before it begins.</summary>
public sealed class ImageLabels
{
    private readonly Dictionary<int, int> _labels = [];

    /// <summary>The label of each image.</summary>
    /// <param name="images">Indices of a source.</param>
    /// <param name="labels">The class of each; one outside 0 … <paramref name="classes"/> − 1 means that the image has none.</param>
    /// <param name="classes">Number of classes.</param>
    /// <exception cref="ArgumentException">There are not as many labels as images.</exception>
    public ImageLabels(IReadOnlyList<int> images, IReadOnlyList<int> labels, int classes)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfNegative(classes);
        if (images.Count != labels.Count) throw new ArgumentException($"{labels.Count} labels for {images.Count} images.", nameof(labels));
        Classes = classes;
        for (int i = 0; i < images.Count; i++)
        {
            if ((uint)labels[i] < (uint)classes) _labels[images[i]] = labels[i];
        }
    }

    /// <summary>Number of classes.</summary>
    public int Classes { get; }

    /// <summary>The labelled images.</summary>
    public IEnumerable<int> Images => _labels.Keys;

    /// <summary>The class of an image, or −1.</summary>
    public int this[int image] => _labels.GetValueOrDefault(image, -1);
}
