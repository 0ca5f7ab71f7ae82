using Fovea.Datasets;
using Fovea.Numerics;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Fovea.Models;

/// <summary>
/// An image classifier: <c>[N, 3, H, W]</c> → logits <c>[N, ClassCount]</c>. Parameters carry torchvision's names. Every layer is a module of
/// its own that runs exactly once in a forward pass, so that each can be tapped by its name (<see cref="LayerTaps"/>).
/// A new network derives from this, registers its modules in the order in which they run and ends its constructor with
/// <see cref="Complete"/>.
/// </summary>
public abstract class Network : Module<Tensor, Tensor>
{
    private readonly Dictionary<string, Module<Tensor, Tensor>> _layers = new(StringComparer.Ordinal);
    private readonly List<string> _layerNames = [];
    private Sequence? _body;

    /// <summary>For derived networks.</summary>
    /// <param name="architecture">Its name in <see cref="Architectures"/>.</param>
    /// <param name="classCount">Number of logits.</param>
    /// <param name="flow">As published, or modified for better gradients.</param>
    protected Network(string architecture, int classCount, GradientFlow flow) : base(architecture)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(classCount);
        ArgumentNullException.ThrowIfNull(flow);
        (Architecture, ClassCount, Flow) = (architecture, classCount, flow);
    }

    /// <summary>Its name in <see cref="Architectures"/>.</summary>
    public string Architecture { get; }

    /// <summary>Number of logits.</summary>
    public int ClassCount { get; }

    /// <summary>As published, or modified for better gradients.</summary>
    public GradientFlow Flow { get; }

    /// <summary>Where the weights are; inputs must be there too.</summary>
    public Device Device => parameters().First().device;

    /// <summary>Every layer by its dotted name (<c>layer4.1.conv2</c>), in the order in which they finish: a block stands after its parts.</summary>
    public IReadOnlyList<string> LayerNames => _layerNames;

    /// <summary>The layer whose output is the logits: the last one (<c>fc</c>, <c>classifier</c>).</summary>
    public string Head => _layerNames[^1];

    /// <summary>The layer of this name.</summary>
    /// <exception cref="FoveaException">There is none; the message names the nearest ones.</exception>
    public Module<Tensor, Tensor> Layer(string name) =>
        _layers.TryGetValue(name, out var layer) ? layer : throw FoveaException.BadConfiguration(
            $"{Architecture} has no layer '{name}'. Nearest: {string.Join(", ", Nearest.To(name, _layerNames))}.");

    /// <summary>
    /// Fresh weights, drawn by counter from (seed, parameter name): convolutions normal with variance 2 / (outputs × window) (He et al. 2015,
    /// fan-out, as torchvision), linear layers normal with standard deviation 0.01, biases 0, batch norm the identity.
    /// </summary>
    public void Initialise(ulong seed)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        foreach (var (name, parameter) in named_parameters())
        {
            if (parameter.dim() == 1) parameter.fill_(name.EndsWith("bias", StringComparison.Ordinal) ? 0 : 1);
            else parameter.copy_(Normal(parameter.shape, new CounterRandom(seed, "init/" + name, 0)));
        }
        foreach (var (name, buffer) in named_buffers()) buffer.fill_(name.EndsWith("running_var", StringComparison.Ordinal) ? 1 : 0);
    }

    /// <summary>
    /// The dropout masks of the next forward passes in training mode follow from (seed, item) alone. A training gives the step's number.
    /// </summary>
    public void SeedDropout(ulong seed, long item)
    {
        var random = new CounterRandom(seed, "dropout/layers", item);
        foreach (var dropout in modules().OfType<SeededDropout>()) dropout.Seed(random.NextUInt64());
    }

    /// <summary>Throws unless the network has an output for each class of the source.</summary>
    /// <exception cref="FoveaException">The numbers of classes differ.</exception>
    public void RequireClasses(IImageSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.Classes.Count != ClassCount)
        {
            throw FoveaException.BadData($"{Architecture} has {ClassCount} outputs, {source.Description} has {source.Classes.Count} classes. "
                + "Give the class list the weights were trained with, or weights for these classes.");
        }
    }

    /// <summary>Turns gradients of all parameters on or off. Frozen weights make a backward pass to the input cheaper.</summary>
    public void SetTrainable(bool trainable)
    {
        foreach (var parameter in parameters()) parameter.requires_grad = trainable;
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => _body!.call(input);

    /// <summary>
    /// Whether <see cref="ContinueAfter"/> can go on from a layer: everything that follows must depend on its output alone, which is so for stages, blocks
    /// and whatever else stands in a row; inside a block with a shortcut it is not.
    /// </summary>
    /// <exception cref="FoveaException">There is no such layer.</exception>
    public bool CanContinueAfter(string layer) => _body!.Holds(Layer(layer));

    /// <summary>
    /// The logits when <paramref name="output"/> is what comes out of a layer: only the part of the network after it is run, so that many changes of one layer
    /// cost one pass up to it. Layers before it, and layers that it is a part of, are not called and fire no hook.
    /// </summary>
    /// <param name="layer">A layer that <see cref="CanContinueAfter"/> is true for.</param>
    /// <param name="output">In the layer's shape, e.g. <c>[N, C, H, W]</c>; it stays the caller's.</param>
    /// <returns><c>[N, ClassCount]</c>, differentiable; after the last layer, the output itself.</returns>
    /// <exception cref="FoveaException">There is no such layer, or it is inside a block with a shortcut.</exception>
    public Tensor ContinueAfter(string layer, Tensor output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (!CanContinueAfter(layer))
            throw FoveaException.BadConfiguration($"What follows {layer} of {Architecture} needs more than its output: it is inside a block. Take the block itself.");
        return _body!.After(Layer(layer), output);
    }

    /// <summary>What runs, in order.</summary>
    internal Sequence Body => _body!;

    /// <summary>Registers a module under its name and returns it.</summary>
    protected Module<Tensor, Tensor> Add(string name, Module<Tensor, Tensor> module)
    {
        register_module(name, module);
        return module;
    }

    /// <summary>
    /// The last line of a derived constructor: says in which order the modules run, each on the output of the one before, lists the layers and takes the weights
    /// out of any dispose scope open at the time.
    /// </summary>
    /// <param name="order">Registered modules, and between them others without weights, which are no layers.</param>
    protected void Complete(params Module<Tensor, Tensor>[] order)
    {
        _body = Sequence.Over(order);
        Walk("", this);
        foreach (var parameter in parameters()) parameter.DetachFromDisposeScope();
        foreach (var buffer in buffers()) buffer.DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _body?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Nothing: children are registered by name, not by field.</summary>
    protected sealed override void RegisterComponents()
    {
    }

    private void Walk(string prefix, Module module)
    {
        foreach (var (name, child) in module.named_children())
        {
            string path = prefix + name;
            Walk(path + ".", child);
            _layerNames.Add(path);
            _layers.Add(path, (Module<Tensor, Tensor>)child);
        }
    }

    private static Tensor Normal(long[] shape, CounterRandom random)
    {
        double deviation = shape.Length == 4 ? Math.Sqrt(2.0 / (shape[0] * shape[2] * shape[3])) : 0.01;
        var values = new float[shape.Aggregate(1L, (a, b) => a * b)];
        for (int i = 0; i < values.Length; i++) values[i] = (float)(deviation * random.NextGaussian());
        return tensor(values, shape);
    }
}
