using System.Globalization;

namespace Fovea.Runs.Stages.Features;

/// <summary>What the parts of a layer are called: by its place in the recipe, as names of layers are not names of files.</summary>
/// <param name="Place">The layer's place.</param>
internal sealed record LayerParts(int Place)
{
    /// <summary>All that needs every group; its scratch holds the pictures.</summary>
    public string Layer => Named("layer");

    /// <summary>The groups against the truth of the images.</summary>
    public string Truth => Named("truth");

    /// <summary>Neurons through two networks.</summary>
    public string Flow => Named("flow");

    /// <summary>What the stored vectors say of a group.</summary>
    public string Evidence(int group) => Named("evidence", group);

    /// <summary>Some pictures of a group.</summary>
    public string Pictures(int group, int part) => Named("pictures", group, part);

    /// <summary>A group's results.</summary>
    public string Group(int group) => Named("units", group);

    private string Named(string word, params int[] places) =>
        string.Join('-', places.Prepend(Place).Select(place => place.ToString(CultureInfo.InvariantCulture)).Prepend(word));
}
