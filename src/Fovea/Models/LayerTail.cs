using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models;

/// <summary>
/// What a network makes of a layer's output, as it is and changed. The pass up to the layer is made once a batch; a change costs only the
/// nodes that depend on the layer. Inside a block with a shortcut they read values beside it too, which are kept from that pass.
/// </summary>
internal sealed class LayerTail
{
    private readonly ImageModel _model;
    private readonly string _layer;
    private readonly string[] _beside;
    private readonly Probe _first, _rest, _differentiated;
    private Func<Tensor, Tensor>? _number;

    /// <exception cref="FoveaException">There is no such layer, or the network's answer does not depend on it.</exception>
    public LayerTail(ImageModel model, string layer)
    {
        (_model, _layer) = (model, layer);
        NetworkGraph graph = model.Graph;
        Cut = new GraphCut(graph, graph.ValueOf(graph.Layer(layer).Value));
        if (!Cut.Reaches) throw FoveaException.BadConfiguration($"The answer of {graph.Name} does not depend on {layer}.");
        _beside = [.. Cut.Beside.Select(value => value == 0 ? graph.Input : graph.NameOf(value))];
        _first = new Probe([layer, .. _beside]) { Output = true };
        _rest = new Probe { Output = true, Given = [layer, .. _beside] };
        _differentiated = new Probe(layer)
        {
            Output = true,
            Given = [layer, .. _beside],
            Gradient = new ProbeGradient(answers => _number!(answers.Logits.flatten(1)), [layer]),
        };
    }

    /// <summary>What follows the layer.</summary>
    public GraphCut Cut { get; }

    /// <summary>Values that have to be read beside the layer.</summary>
    public IReadOnlyList<string> Beside => _beside;

    /// <summary>A pass that somebody else made, reading the layer, <see cref="Beside"/> and the answer.</summary>
    public Pass Of(ProbeResult result) => new(this, result);

    /// <summary>A probe of a later layer's output where this one's, and what stands beside it, is given.</summary>
    public Probe Until(string later) => new(later) { Given = [_layer, .. _beside] };

    /// <summary>The unchanged pass.</summary>
    /// <param name="input"><c>[N, 3, H, W]</c>.</param>
    /// <returns>What changes of the layer start from; it joins the current dispose scope.</returns>
    public Pass Run(Tensor input) => new(this, _model.Forward(input, _first));

    /// <summary>One batch.</summary>
    internal sealed class Pass(LayerTail tail, ProbeResult result)
    {
        /// <summary>The layer's output, <c>[N, C, H, W]</c> or <c>[N, C]</c>.</summary>
        public Tensor Output => result[tail._layer];

        /// <summary>What the pass read.</summary>
        public ProbeResult Result => result;

        /// <summary>The unchanged answers, <c>[N, outputs]</c>.</summary>
        public Tensor Logits => result.Logits;

        /// <summary>The answers with the layer's output as it is, where the pass ended at the layer.</summary>
        public Tensor Unchanged() => With(Output);

        /// <summary>The answers with another output of the layer.</summary>
        /// <param name="output">Outputs, in the layer's shape.</param>
        /// <param name="images">Which image of the batch each output stands for, <c>[P]</c>, int64; null: one each, in their order.</param>
        public Tensor With(Tensor output, Tensor? images = null)
        {
            using var scope = NewDisposeScope();
            Tensor[] beside = [.. tail._beside.Select(value => images is null ? result[value] : result[value].index_select(0, images))];
            return tail._model.Continue(tail._rest, [output, .. beside]).Logits.MoveToOuterDisposeScope();
        }

        /// <summary>A later layer's output with another output of this one; differentiable by it.</summary>
        /// <param name="until">Made by <see cref="LayerTail.Until"/>.</param>
        /// <param name="output">One an image, in the layer's shape.</param>
        /// <returns>What that layer makes of it, in the current dispose scope.</returns>
        public Tensor Until(Probe until, Tensor output) =>
            tail._model.Continue(until, [output, .. tail._beside.Select(value => result[value])])[until.Reads[0]];

        /// <summary>∂ one number of each answer / ∂ the layer's output, at some output; what stands beside it stays.</summary>
        /// <param name="output">One an image, in the layer's shape.</param>
        /// <param name="number">Of answers, <c>[N, outputs]</c>, the numbers: <c>[N, 1]</c>.</param>
        /// <returns>In the output's shape, in the current dispose scope.</returns>
        public Tensor Gradient(Tensor output, Func<Tensor, Tensor> number)
        {
            using var scope = NewDisposeScope();
            tail._number = number;
            try
            {
                ProbeResult answers = tail._model.Continue(
                    tail._differentiated, [output, .. tail._beside.Select(value => result[value])]);
                return answers.Gradient(tail._layer).MoveToOuterDisposeScope();
            }
            finally
            {
                tail._number = null;
            }
        }
    }
}
