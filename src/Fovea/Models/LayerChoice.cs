using Fovea.Models.Graph;

namespace Fovea.Models;

/// <summary>
/// Which layer of a network to study where nobody says one: the last that still has positions and that the answer depends on.
/// </summary>
/// <param name="Layer">The layer; null where none has positions.</param>
/// <param name="Why">In words.</param>
public sealed record LayerChoice(ModelLayer? Layer, string Why)
{
    /// <summary>The choice for a network.</summary>
    /// <param name="model">The network.</param>
    /// <param name="layers">Its layers with shapes, as <see cref="ImageModel.Shapes"/> gives them.</param>
    public static LayerChoice Of(ImageModel model, IReadOnlyList<ModelLayer> layers)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(layers);
        NetworkGraph graph = model.Graph;
        int last = -1;
        for (int i = 0; i < layers.Count; i++)
            if (layers[i].IsGrid && layers[i].Shape[1] * layers[i].Shape[2] > 1
                && new GraphCut(graph, graph.ValueOf(graph.Layer(layers[i].Name).Value)).Reaches) last = i;
        if (last < 0) return new LayerChoice(null, "no layer has positions (channels × height × width with more than one position)");
        ModelLayer layer = layers[last];
        ModelLayer? next = layers.Skip(last + 1).FirstOrDefault();
        string what = $"the last layer with positions, {string.Join(" × ", layer.Shape)}";
        if (next is null) return new LayerChoice(layer, what);
        string then = $"; {next.Name} ({next.Kind}) makes [{string.Join(", ", next.Shape)}] of it";
        bool tokens = layers.Skip(last + 1).Any(one => one.Shape.Count == 2 && one.Shape[0] > 1);
        return new LayerChoice(layer, what + then + (tokens ? ". What follows works on rows of tokens, which have no grid here" : ""));
    }
}
