using Fovea.Checkpoints;
using Fovea.Models.Graph;
using static TorchSharp.torch;

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
        int last = -1;
        bool passed = false;
        HashSet<string> learned = Learned(model.Graph);
        for (int i = layers.Count - 1; i >= 0 && last < 0; i--)
        {
            if (!layers[i].IsGrid || layers[i].Shape[1] * layers[i].Shape[2] <= 1) continue;
            // The images themselves, turned round or scaled, say nothing of the network.
            if (learned.Count > 0 && !learned.Contains(model.Graph.Layer(layers[i].Name).Value)) continue;
            if (Reaches(model, layers[i].Name)) last = i;
            else passed = true;
        }
        if (last < 0) return new LayerChoice(null, "no layer has positions (channels × height × width with more than one position)");
        ModelLayer layer = layers[last];
        string what = $"the last layer with positions{(passed ? " that the answer depends on" : "")}, {string.Join(" × ", layer.Shape)}";
        if (layer.Grid is { } grid) what += $" ({grid.InWords})";
        if (passed)
        {
            return new LayerChoice(layer, what + (layer.Grid is { Kind: LayerGrid.Tokens }
                ? "; after it the head reads tokens of no position alone" : "; it does not depend on those after it"));
        }
        return layers.Skip(last + 1).FirstOrDefault() is { } next
            ? new LayerChoice(layer, $"{what}; {next.Name} ({next.Kind}) makes [{string.Join(", ", next.Shape)}] of it")
            : new LayerChoice(layer, what);
    }

    /// <summary>
    /// Refuses a layer whose positions the answer does not depend on: nothing about the network could be learned at them.
    /// </summary>
    /// <exception cref="FoveaException">Configuration: it is such a layer, or there is none of that name.</exception>
    internal static void RequireReach(ImageModel model, string layer)
    {
        if (Reaches(model, layer)) return;
        string classToken = GridRewrite.ClassToken(model.Graph, model.Graph.Layer(layer).Value) is null
            ? "" : $", or the class token alone, {layer}{LayerGrid.ClassSuffix}";
        string earlier = Of(model, model.Layers).Layer is { } choice ? $"Take an earlier one, such as {choice.Name}{classToken}." : "";
        throw FoveaException.BadConfiguration(
            $"The answer of {model.Architecture} does not depend on the positions of {layer}: what follows reads other values. {earlier}");
    }

    /// <summary>Refuses a layer whose value is not a grid of vectors, or is not known to be one.</summary>
    /// <param name="model">The network.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="value">Its value for some images.</param>
    /// <param name="images">How many.</param>
    /// <exception cref="FoveaException">Configuration: so it is.</exception>
    internal static void RequireGrid(ImageModel model, string layer, Tensor value, long images)
    {
        if (!value.is_floating_point()) throw NoNumbers(layer, value.dtype);
        if (value.dim() == 4 && value.shape[0] != images)
            throw FoveaException.BadConfiguration(
                $"Layer {layer} gives [{string.Join(", ", value.shape)}] for {images} images: it has no value of each image. Choose another "
                    + "layer (fovea model inspect lists them).");
        if (value.dim() != 4 || !model.Graph.Layer(layer).HasPositions) throw NoGrid(layer, value.shape);
    }

    /// <summary>The refusal of a layer of whole numbers or flags.</summary>
    internal static FoveaException NoNumbers(string layer, ScalarType type) => FoveaException.BadConfiguration(
        $"Layer {layer} holds {ElementTypes.Of(type).TorchName()}, not numbers with fractions: there is nothing to take apart and no "
            + "gradient. Choose another layer, such as a convolution (fovea model inspect lists them).");

    /// <summary>The refusal of a layer without positions.</summary>
    /// <param name="layer">Its name.</param>
    /// <param name="shape">The shape of its value for some images.</param>
    private static FoveaException NoGrid(string layer, IReadOnlyList<long> shape) => FoveaException.BadConfiguration(
        $"Layer {layer} gives [{string.Join(", ", shape)}], not a grid of vectors [N, C, H, W]. "
            + (shape.Count == 3
                ? "If these are tokens that are positions of the image, say their grid in [model]: tokens = \"14x14\", and prefix = 1 "
                    + "where the first of them is none. Else choose a layer with positions (fovea model inspect lists them)."
                : (shape.Count == 4 ? "Which of its axes are rows and columns is not known. " : "")
                    + "Choose a layer with positions, such as a convolution (fovea model inspect lists them)."));

    /// <summary>Values that depend on what was learned; none where nothing was.</summary>
    private static HashSet<string> Learned(NetworkGraph graph)
    {
        HashSet<string> found = [.. graph.Weights.Where(weight => weight.Kind == WeightKind.Parameter).Select(weight => weight.Name)];
        foreach (GraphNode node in graph.Nodes)
            if (node.Inputs.Any(found.Contains)) found.UnionWith(node.Outputs.Where(value => value.Length > 0));
        return found;
    }

    private static bool Reaches(ImageModel model, string layer) =>
        new GraphCut(model.Graph, model.Graph.ValueOf(model.Graph.Layer(layer).Value)).Reaches;
}
