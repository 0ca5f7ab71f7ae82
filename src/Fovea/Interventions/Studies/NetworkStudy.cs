using Fovea.Imaging;
using Fovea.Models;
using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Interventions.Studies;

/// <summary>
/// A network and some of its layers, ready for image after image to be looked at and changed: what has to be kept of a pass so that a
/// change of a layer costs only what follows it. Used by one thread at a time; the network stays the caller's and must not change.
/// </summary>
public sealed class NetworkStudy
{
    private readonly Dictionary<string, LayerCut> _cuts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Probe> _probes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PooledHead?> _heads = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<string, Func<Tensor, Tensor>> _edits = new Dictionary<string, Func<Tensor, Tensor>>();

    /// <summary>Prepares a network.</summary>
    /// <param name="model">In evaluation mode.</param>
    /// <param name="layers">Layers with positions, or vectors.</param>
    /// <exception cref="FoveaException">Configuration: there is no such layer, or the answer does not depend on it.</exception>
    public NetworkStudy(ImageModel model, params IReadOnlyList<string> layers)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(layers);
        Model = model;
        Layers = [.. layers.Distinct().OrderBy(layer => layer, Comparer<string>.Create(Compare))];
        foreach (string layer in Layers) _cuts[layer] = new LayerCut(model.Graph, layer);
        Whole = new Probe(Layers.Concat(Layers.SelectMany(layer => _cuts[layer].Beside))) { Output = true };
    }

    /// <summary>The network.</summary>
    public ImageModel Model { get; }

    /// <summary>The layers, in the order in which the network makes them; of two names of one value the part's before the block's.</summary>
    public IReadOnlyList<string> Layers { get; }

    /// <summary>What is read of each image.</summary>
    internal Probe Whole { get; }

    /// <summary>Reads an image.</summary>
    /// <param name="image">As decoded.</param>
    /// <returns>The caller's; one image at a time is at work, any number may be kept.</returns>
    /// <exception cref="FoveaException">The image cannot be made an input, or the answer is not finite.</exception>
    public ImageStudy Read(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return ReadSeen(Model.Preprocessing.ApplyToPixels(image));
    }

    /// <summary>Reads an image that is resized and cropped as the network sees it (<see cref="Preprocessing.ApplyToPixels"/>).</summary>
    /// <inheritdoc cref="Read"/>
    public ImageStudy ReadSeen(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        (int height, int width) = Model.Preprocessing.OutputSize;
        if ((image.Height, image.Width) != (height, width))
        {
            throw FoveaException.BadData(
                $"A picture becomes {image.Width}×{image.Height} and not {width}×{height}: set preprocessing.crop to the network's input "
                    + "size.");
        }
        var pixels = new float[checked(3 * height * width)];
        Model.Preprocessing.Normalise(image.Pixels, pixels);
        return new ImageStudy(this, pixels, height, width);
    }

    /// <summary>The linear head behind a layer; null where something else follows.</summary>
    internal PooledHead? Head(string layer)
    {
        if (!_heads.TryGetValue(layer, out PooledHead? head)) _heads[layer] = head = PooledHead.After(Model, layer);
        return head;
    }

    /// <exception cref="FoveaException">Configuration: the layer is none of these.</exception>
    internal void Require(string layer)
    {
        if (_cuts.ContainsKey(layer)) return;
        throw FoveaException.BadConfiguration(
            $"'{layer}' is no layer that is looked at here.{Suggestions.Sentence(layer, [.. Layers])}");
    }

    /// <summary>
    /// The answer with some layers changed, exactly: what follows the first of them, with the later ones changed on the way, where they all
    /// depend on it; else the whole network.
    /// </summary>
    /// <param name="input"><c>[1, 3, H, W]</c>.</param>
    /// <param name="kept">Values of a pass: the layers' and those beside them.</param>
    /// <param name="edits">By layer.</param>
    /// <returns>The answer, in the current dispose scope.</returns>
    internal Tensor Answer(
        Tensor input, IReadOnlyDictionary<string, Tensor> kept, IReadOnlyDictionary<string, Func<Tensor, Tensor>> edits)
    {
        string[] layers = [.. Layers.Where(edits.ContainsKey)];
        LayerCut cut = _cuts[layers[0]];
        bool tail = layers.All(layer => cut.Follows(ValueOf(layer)));
        string key = string.Join('\n', layers);
        if (!_probes.TryGetValue(key, out Probe? probe))
        {
            // The plan is made once for each set of layers; what they become is looked up in each pass.
            probe = new Probe
            {
                Output = true,
                Given = tail ? [layers[0], .. cut.Beside] : [],
                Edits = layers.ToDictionary(
                    layer => layer, layer => new Func<Tensor, Tensor>(output => _edits[layer](output)), StringComparer.Ordinal),
            };
            _probes[key] = probe;
        }
        _edits = edits;
        try
        {
            return tail
                ? Model.Continue(probe, [kept[layers[0]], .. cut.Beside.Select(value => kept[value])]).Logits
                : Model.Forward(input, probe).Logits;
        }
        finally
        {
            _edits = new Dictionary<string, Func<Tensor, Tensor>>();
        }
    }

    private int ValueOf(string layer) => Model.Graph.ValueOf(Model.Graph.Layer(layer).Value);

    private int Compare(string one, string other)
    {
        NetworkGraph graph = Model.Graph;
        int first = graph.ProducerOf(ValueOf(one)), second = graph.ProducerOf(ValueOf(other));
        return first != second ? first.CompareTo(second) : graph.OrderOf(one).CompareTo(graph.OrderOf(other));
    }

    /// <summary>What follows a layer, and what that reads beside it.</summary>
    private sealed class LayerCut
    {
        private readonly HashSet<int> _following;

        public LayerCut(NetworkGraph graph, string layer)
        {
            int value = graph.ValueOf(graph.Layer(layer).Value);
            var cut = new GraphCut(graph, value);
            if (!cut.Reaches) throw FoveaException.BadConfiguration($"The answer of {graph.Name} does not depend on {layer}.");
            Beside = [.. cut.Beside.Select(one => one == 0 ? graph.Input : graph.NameOf(one))];
            _following = [value, .. cut.Nodes.SelectMany(node => node.Outputs).Where(name => name.Length > 0).Select(graph.ValueOf)];
        }

        public IReadOnlyList<string> Beside { get; }

        public bool Follows(int value) => _following.Contains(value);
    }
}
