using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models;

/// <summary>
/// What a forward pass is asked for beside its answer, as a value: which layers to read, which to edit, what to differentiate by what,
/// where to start. Parts of the network that nothing asked for depends on are not run. Given to
/// <see cref="ImageModel.Forward(Tensor, Probe)"/>; may be used any number of times.
/// </summary>
public sealed class Probe
{
    private ForwardPlan? _plan;

    /// <summary>
    /// Reads some layers and stops when the last of them is there, unless <see cref="Output"/> is set. Without layers the pass runs to its
    /// end.
    /// </summary>
    /// <param name="reads">Names as in <see cref="ImageModel.LayerNames"/>; where no layer has a name, the graph's value of that
    /// name.</param>
    public Probe(params IEnumerable<string> reads)
    {
        ArgumentNullException.ThrowIfNull(reads);
        Reads = [.. reads.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The layers that are read.</summary>
    public IReadOnlyList<string> Reads { get; }

    /// <summary>Whether the network's answer is wanted too.</summary>
    public bool Output { get; init; }

    /// <summary>
    /// By layer: gets its output and returns, as a new tensor of the same shape, what the rest of the network sees in its place; connected
    /// to its argument where gradients shall flow through. What it gets it must not write to.
    /// </summary>
    public IReadOnlyDictionary<string, Func<Tensor, Tensor>> Edits { get; init; } = new Dictionary<string, Func<Tensor, Tensor>>();

    /// <summary>Gradients wanted; null: none.</summary>
    public ProbeGradient? Gradient { get; init; }

    /// <summary>
    /// Layers whose outputs are given with each pass, so that only what follows them is run (<see cref="ImageModel.ContinueAfter"/>).
    /// </summary>
    internal IReadOnlyList<string> Given { get; init; } = [];

    /// <summary>The same with one more edit, or another in the place of the one that layer had.</summary>
    public Probe With(string layer, Func<Tensor, Tensor> edit)
    {
        ArgumentNullException.ThrowIfNull(layer);
        ArgumentNullException.ThrowIfNull(edit);
        return new Probe(Reads)
        {
            Output = Output,
            Gradient = Gradient,
            Given = Given,
            Edits = new Dictionary<string, Func<Tensor, Tensor>>(Edits) { [layer] = edit }
        };
    }

    /// <summary>The same with gradients; which layers stay, so a plan made before serves again.</summary>
    internal Probe Differentiating(ProbeGradient gradient) =>
        new(Reads) { Output = Output, Edits = Edits, Given = Given, Gradient = gradient };

    /// <summary>What has to be run for it.</summary>
    /// <exception cref="FoveaException">A layer does not exist, or what is asked for does not follow from what is given.</exception>
    internal ForwardPlan PlanFor(NetworkGraph graph) => _plan?.Graph == graph ? _plan : _plan = new ForwardPlan(graph, this, fold: true);
}

/// <summary>Gradients that a forward pass ends with.</summary>
/// <param name="Of">From what was read and the network's answer to what is differentiated: a scalar, or values that are summed.</param>
/// <param name="By">By which layers, each read too; the graph's input by its name. Nothing before them is recorded.</param>
public sealed record ProbeGradient(Func<ProbeResult, Tensor> Of, IReadOnlyList<string> By);
