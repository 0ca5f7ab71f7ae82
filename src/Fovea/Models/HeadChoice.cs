namespace Fovea.Models;

/// <summary>
/// The layer of a network that gives each class its number, which <see cref="ImageModel.WithNewHead"/> would replace; none where the
/// answer is an embedding or several layers make it.
/// </summary>
/// <param name="Layer">The layer's name; null where there is none.</param>
/// <param name="Why">In words: what makes the numbers, or why no layer is the last.</param>
public sealed record HeadChoice(string? Layer, string Why)
{
    /// <summary>The choice for a network.</summary>
    public static HeadChoice Of(ImageModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        try
        {
            ClassifierHead head = ClassifierHead.Of(model.Graph);
            string kind = head.IsConvolution ? "a 1 × 1 convolution whose map is pooled" : "a linear layer";
            string after = head.Dropped.Count == 0 ? "" : $", of which {string.Join(", ", head.Dropped)} makes probabilities";
            return new HeadChoice(head.NameIn(model.Graph), $"{kind} to {model.Outputs} numbers{after}");
        }
        catch (FoveaException none)
        {
            return new HeadChoice(null, none.Message);
        }
    }
}
