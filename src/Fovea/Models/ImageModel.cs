using System.Globalization;
using Fovea.Checkpoints;
using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Models.Graph;
using Fovea.Models.Torch;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Models;

/// <summary>
/// A network and what is needed to use it: a graph with its weights, its classes (or none), what images go through first, where it lives.
/// <c>[N, 3, H, W]</c> → answers <c>[N, <see cref="Outputs"/>]</c>, of networks that are no classifiers in any shape. Everything that
/// studies a network takes one of these and a layer of it. A new one is in evaluation mode and its weights ask for no gradients. One thread
/// at a time.
/// </summary>
public sealed partial class ImageModel : IDisposable
{
    private readonly ModelWeights _weights;
    private readonly TorchEngine _engine;
    private readonly ForwardMode _mode;
    private readonly bool _shared;
    private readonly Reading _reading;
    private static readonly Probe Whole = new() { Output = true };

    // A number that heads, halves and colours seldom are, so that an axis of it is the images'.
    private const int ImagesOfSizes = 5;
    private IReadOnlyList<ModelLayer>? _layers;
    private IReadOnlyList<string>? _names;

    /// <summary>A network of one's own, with weights of zero until <see cref="Initialise"/> or <see cref="CopyFrom"/>.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="preprocessing">What images go through first.</param>
    /// <param name="classes">Its classes in the order of its outputs; null: not known.</param>
    /// <param name="flow">How <paramref name="graph"/> is modified; null: not at all.</param>
    /// <exception cref="FoveaException">An operation cannot be modified so.</exception>
    public ImageModel(NetworkGraph graph, Preprocessing preprocessing, ClassList? classes = null, GradientFlow? flow = null)
        : this(graph, preprocessing, classes, flow, null, null)
    {
    }

    /// <summary>The same with weights, copies of which are there before anything is run; layers of tokens may stay as they are.</summary>
    internal ImageModel(
        NetworkGraph graph, Preprocessing preprocessing, ClassList? classes, GradientFlow? flow, StateDict? weights, int? outputs,
        bool grids = true)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(preprocessing);
        Flow = flow ?? GradientFlow.Standard;
        (Graph, Preprocessing, Classes) = (Flow.Apply(graph), preprocessing, classes);
        (_mode, _reading) = (new ForwardMode(), new Reading());
        _weights = new ModelWeights(Graph);
        _engine = new TorchEngine(Graph, _weights.All, _mode, _weights.Prepared);
        try
        {
            if (weights is not null) CopyFrom(weights, graph.Name);
            if (grids && WithGrids() is var gridded && gridded != Graph)
                (Graph, _engine) = (gridded, new TorchEngine(gridded, _weights.All, _mode, _weights.Prepared));
            Outputs = outputs ?? OutputsOf(Graph) ?? CountOutputs();
            if (classes is not null && classes.Count != Outputs)
                throw FoveaException.BadConfiguration($"{classes.Count} classes for a network with {Outputs} outputs.");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private ImageModel(ImageModel owner, Preprocessing preprocessing)
    {
        (Graph, Flow, Classes, Outputs, Preprocessing) = (owner.Graph, owner.Flow, owner.Classes, owner.Outputs, preprocessing);
        (_weights, _engine, _mode, _reading, _shared) = (owner._weights, owner._engine, owner._mode, owner._reading, true);
    }

    private ImageModel(ImageModel owner, NetworkGraph graph)
    {
        (Graph, Flow, Classes, Outputs, Preprocessing) = (graph, owner.Flow, owner.Classes, owner.Outputs, owner.Preprocessing);
        (_weights, _mode, _reading, _shared) = (owner._weights, owner._mode, owner._reading, true);
        _engine = new TorchEngine(graph, _weights.All, _mode, _weights.Prepared);
    }

    private ImageModel(ImageModel owner, TorchEngine engine) : this(owner, owner.Preprocessing) => _engine = engine;

    /// <summary>The network as data.</summary>
    public NetworkGraph Graph { get; }

    /// <summary>Its name in <see cref="Architectures"/>, or that of its graph.</summary>
    public string Architecture => Graph.Name;

    /// <summary>As published, or modified for better gradients.</summary>
    public GradientFlow Flow { get; }

    /// <summary>What images go through first.</summary>
    public Preprocessing Preprocessing { get; }

    /// <summary>Its classes in the order of its outputs; null where they are not known.</summary>
    public ClassList? Classes { get; }

    /// <summary>Numbers in an answer: classes, where it is a classifier; of answers <c>[N, 512, 1, 1]</c> 512.</summary>
    public int Outputs { get; }

    /// <summary>Where the weights are; inputs must be there too.</summary>
    public Device Device => _weights.All.Values.FirstOrDefault()?.device ?? CPU;

    /// <summary>What can be asked of it.</summary>
    public EngineAbilities Abilities => _engine.Abilities;

    /// <summary>
    /// Its layers, in the order in which they finish: a block stands after its parts. Shapes are found by one pass of zeros.
    /// </summary>
    public IReadOnlyList<ModelLayer> Layers => _layers ??= Shapes(Preprocessing.OutputSize.Height, Preprocessing.OutputSize.Width);

    /// <summary>The names of <see cref="Layers"/>.</summary>
    public IReadOnlyList<string> LayerNames => _names ??= [.. Graph.Layers.Select(layer => layer.Name)];

    /// <summary>The layer whose output is the answer: the last one (<c>fc</c>, <c>classifier</c>).</summary>
    public string Head => Graph.Layers.LastOrDefault(layer => layer.Value == Graph.Output)?.Name ?? Graph.Output;

    /// <summary>Whether batch normalisation and dropout do as in training.</summary>
    public bool Training => _mode.BatchStatistics || _mode.Dropout;

    /// <summary>All its tensors by name, in the order in which checkpoints list them; they stay its own.</summary>
    public IReadOnlyDictionary<string, Tensor> State => _weights.All;

    /// <summary>Those of <see cref="State"/> that are learned.</summary>
    public IReadOnlyDictionary<string, Tensor> Parameters => _weights.Of(learned: true);

    /// <summary>Those of <see cref="State"/> that are measured.</summary>
    public IReadOnlyDictionary<string, Tensor> Buffers => _weights.Of(learned: false);

    /// <summary>Weights that libtorch's engine has in other forms beside <see cref="State"/>.</summary>
    internal PreparedWeights Prepared => _weights.Prepared;

    /// <summary>Training or evaluation, part by part.</summary>
    internal ForwardMode Mode => _mode;

    /// <summary>
    /// The same network for images that go through something else first. It shares the weights, lives as long as this one and need not be
    /// disposed.
    /// </summary>
    public ImageModel With(Preprocessing preprocessing)
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        return new ImageModel(this, preprocessing);
    }

    /// <summary>
    /// The same network with layers of tokens as they were before they became grids, for other programs. It shares the weights, lives as
    /// long as this one and need not be disposed.
    /// </summary>
    internal ImageModel AsWritten() => GridRewrite.Undo(Graph) is var graph && graph == Graph ? this : new ImageModel(this, graph);

    /// <summary>
    /// The same network with convolutions, and linear layers but the last, in bfloat16: values of three digits, given as float32. It shares
    /// the weights, lives as long as this one and need not be disposed.
    /// </summary>
    internal ImageModel InBFloat16() => new(this, new TorchEngine(Graph, _weights.All, _mode, _weights.Prepared, half: true));

    /// <summary>The layer of this name.</summary>
    /// <exception cref="FoveaException">There is none; the message names the nearest ones.</exception>
    public GraphLayer Layer(string name) => Graph.Layer(name);

    /// <summary>The answers for some images.</summary>
    /// <param name="images"><c>[N, 3, H, W]</c>.</param>
    /// <returns><c>[N, <see cref="Outputs"/>]</c>, differentiable; the caller's.</returns>
    public Tensor Forward(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        return _engine.Run(images, Whole, []).Logits;
    }

    /// <summary>One pass with readings, edits and gradients.</summary>
    /// <param name="images"><c>[N, 3, H, W]</c>.</param>
    /// <param name="probe">What is wanted.</param>
    /// <returns>It joins the current dispose scope, or is the caller's.</returns>
    /// <exception cref="FoveaException">A layer does not exist, an edit changes a shape, or a gradient does not exist.</exception>
    public ProbeResult Forward(Tensor images, Probe probe)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(probe);
        return _engine.Run(images, probe, []);
    }

    /// <summary>
    /// Whether <see cref="ContinueAfter"/> can go on from a layer: everything that follows must depend on its output alone, which is so for
    /// stages, blocks and whatever else stands in a row; inside a block with a shortcut it is not.
    /// </summary>
    /// <exception cref="FoveaException">There is no such layer.</exception>
    public bool CanContinueAfter(string layer) => new GraphCut(Graph, Graph.ValueOf(Graph.Layer(layer).Value)).Alone;

    /// <summary>
    /// The answers when <paramref name="output"/> is what comes out of a layer: only the part of the network after it is run, so that many
    /// changes of one layer cost one pass up to it.
    /// </summary>
    /// <param name="layer">A layer that <see cref="CanContinueAfter"/> is true for.</param>
    /// <param name="output">In the layer's shape, e.g. <c>[N, C, H, W]</c>; it stays the caller's.</param>
    /// <returns><c>[N, <see cref="Outputs"/>]</c>, differentiable; after the last layer, the output itself.</returns>
    /// <exception cref="FoveaException">There is no such layer, or it is inside a block with a shortcut.</exception>
    public Tensor ContinueAfter(string layer, Tensor output)
    {
        ArgumentNullException.ThrowIfNull(output);
        return Continue(new Probe { Output = true, Given = [layer] }, output).Logits;
    }

    /// <summary>One pass that starts from the outputs of <see cref="Probe.Given"/>, which stay the caller's.</summary>
    internal ProbeResult Continue(Probe probe, params IReadOnlyList<Tensor> given) => _engine.Run(null, probe, given);

    /// <summary>
    /// Fresh weights, drawn by counter from (seed, parameter name): convolutions normal with variance 2 / (outputs × window) (He et al.
    /// 2015, fan-out, as torchvision), linear layers normal with standard deviation 0.01, biases 0, batch norm the identity.
    /// </summary>
    public void Initialise(ulong seed) => _weights.Initialise(seed);

    /// <summary>As <see cref="Initialise"/>, for some of the weights.</summary>
    internal void Draw(ulong seed, IReadOnlyCollection<string> names) => _weights.Initialise(seed, names);

    /// <summary>
    /// The same network for other classes: its last layer (a linear one, or a 1 × 1 convolution that is pooled) is a fresh one, drawn from
    /// (seed, parameter name) as by <see cref="Initialise"/>, with an output for each class; all other weights are copies of this
    /// network's. Probabilities that are made of the last layer's numbers are left out. It is to be trained before its answers mean
    /// anything.
    /// </summary>
    /// <param name="classes">The classes in the order of the outputs.</param>
    /// <param name="seed">Decides the new weights.</param>
    /// <returns>In evaluation mode, in main memory; the caller's.</returns>
    /// <exception cref="FoveaException">There is no single last layer, or what follows it works for the old number of classes
    /// alone.</exception>
    public ImageModel WithNewHead(ClassList classes, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentOutOfRangeException.ThrowIfZero(classes.Count);
        return NewHead.Of(this, classes, seed);
    }

    /// <summary>Overwrites the weights with those of a checkpoint; nothing is copied unless everything fits.</summary>
    /// <param name="weights">By the names of <see cref="State"/>.</param>
    /// <param name="what">What these weights are, for the message: a path.</param>
    /// <returns>Notes on what was done to their names.</returns>
    /// <exception cref="FoveaException">Tensors are missing, unexpected, or of another shape or type; the message lists all of
    /// them.</exception>
    public IReadOnlyList<string> CopyFrom(StateDict weights, string what)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return weights.CopyTo(State, Architecture, what);
    }

    /// <summary>Moves the weights to a device.</summary>
    public void MoveTo(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        _weights.MoveTo(device);
        _engine.Bind(_weights.All);
    }

    /// <summary>Calculates in another floating-point type from now on.</summary>
    internal void ToType(ScalarType type)
    {
        _weights.ToType(type);
        _engine.Bind(_weights.All);
    }

    /// <summary>Batch normalisation uses and moves batch statistics, dropout drops.</summary>
    /// <param name="on">False: evaluation mode.</param>
    public void Train(bool on = true) => (_mode.BatchStatistics, _mode.Dropout) = (on, on);

    /// <summary>Batch normalisation uses its running statistics, dropout does nothing.</summary>
    public void Eval() => Train(false);

    /// <summary>Turns gradients of all parameters on or off. Frozen weights make a backward pass to the input cheaper.</summary>
    public void SetTrainable(bool trainable)
    {
        foreach (Tensor parameter in Parameters.Values) parameter.requires_grad = trainable;
    }

    /// <summary>
    /// The dropout masks of the next forward passes in training mode follow from (seed, item) alone. A training gives the step's number.
    /// </summary>
    public void SeedDropout(ulong seed, long item)
    {
        var random = new CounterRandom(seed, "dropout/layers", item);
        for (int i = 0; i < Graph.Nodes.Count; i++)
            if (Graph.Nodes[i].Operator == Operators.Dropout) _mode.SeedDropout(i, random.NextUInt64());
    }

    /// <summary>The name of a class, or its number where no names are known.</summary>
    public string ClassName(int output) =>
        Classes is { } classes && output < classes.Count
            ? classes[output].Name : string.Create(CultureInfo.InvariantCulture, $"class {output}");

    /// <summary>The classes.</summary>
    /// <exception cref="FoveaException">They are not known.</exception>
    public ClassList RequireClasses() =>
        Classes ?? throw FoveaException.BadConfiguration($"The classes of {Architecture} are not known; this needs them.");

    /// <summary>Throws unless the network has an output for each class of the source.</summary>
    /// <exception cref="FoveaException">The numbers of classes differ.</exception>
    public void RequireClasses(IImageSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.Classes.Count != Outputs)
        {
            throw FoveaException.BadData($"{Architecture} has {Outputs} outputs, {source.Description} has {source.Classes.Count} classes. "
                + "Give the class list the weights were trained with, or weights for these classes.");
        }
    }

    /// <summary>The layers for images of another size than the preprocessing's.</summary>
    /// <param name="height">Pixels.</param>
    /// <param name="width">Pixels.</param>
    public IReadOnlyList<ModelLayer> Shapes(int height, int width)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        bool training = Training;
        Eval();
        try
        {
            // Two, since a value of one image may hold all images in one row.
            int images = Graph.FixedBatch ?? 2;
            ProbeResult result = Forward(zeros([images, 3, height, width], device: Device), new Probe(LayerNames));
            return [.. Graph.Layers.Select(layer => Shaped(layer, result[layer.Name], images))];
        }
        finally
        {
            Train(training);
        }
    }

    private ModelLayer Shaped(GraphLayer layer, Tensor value, int images)
    {
        bool each = value.dim() > 0 && value.shape[0] % images == 0, numbers = value.is_floating_point();
        return new ModelLayer(
            layer.Name, layer.Kind, [.. (each ? value.shape.Skip(1) : value.shape).Select(size => (int)size)], GridRewrite.Of(Graph, layer.Value))
        {
            HasPositions = layer.HasPositions && numbers && value.dim() > 0 && value.shape[0] == images,
            Together = each ? null : images,
            Type = numbers ? null : ElementTypes.Of(value.dtype).TorchName(),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_shared) return;
        _reading.Dispose();
        _weights.Dispose();
        _mode.Dispose();
    }

    private static int? OutputsOf(NetworkGraph graph)
    {
        if (graph.Producer(graph.Output) is not { } head || head.Operator != Operators.Linear) return null;
        return (int?)graph.Weights.FirstOrDefault(weight => weight.Name == head.Inputs[1])?.Shape[0];
    }

    /// <summary>The sizes of all values of the graph for a few images.</summary>
    internal long[]?[] Sizes(int height, int width)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        bool training = Training;
        Eval();
        try
        {
            return _engine.Sizes(zeros([Graph.FixedBatch ?? ImagesOfSizes, 3, height, width], device: Device));
        }
        finally
        {
            Train(training);
        }
    }

    private int CountOutputs()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        (int height, int width) = Preprocessing.OutputSize;
        return (int)Forward(zeros(1, 3, height, width)).shape.Skip(1).Aggregate(1L, (product, size) => product * size);
    }
}
