using Fovea.Datasets;
using Fovea.Dictionaries;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Training;
using Fovea.Visualization;

namespace Fovea.Interventions.Circuits;

/// <summary>
/// Which units of a layer make a class's logit, or a unit, through which units of a later layer: nodes and edges by attribution patching,
/// each put to the test by taking it out, and the graph as a whole by taking out everything else. Faithfulness and completeness as Marks et
/// al. 2024: with m(C) what is explained where the nodes C alone are left, M all nodes and ∅ none,
/// <code>faithfulness = (m(C) − m(∅)) / (m(M) − m(∅)),  completeness = (m(M∖C) − m(∅)) / (m(M) − m(∅))</code>
/// as ratios of means over images. Memory grows with neither nodes nor images, but for the results.
/// </summary>
public static class CircuitStudy
{
    /// <summary>Finds a circuit and puts it to the test.</summary>
    /// <param name="model">The network; evaluation mode for the time of the call.</param>
    /// <param name="from">The earlier layer and its units.</param>
    /// <param name="to">The later one, through which every way from the earlier one to the answer leads.</param>
    /// <param name="target">What is explained.</param>
    /// <param name="words">The target for people.</param>
    /// <param name="images">The images.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="progress">Reported to after each batch of each pass over the images.</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="FoveaException">Configuration: no such layer, unit or class, the order of the layers is wrong, a way leads around
    /// the later one, units of another layer or network, one layer with means and one without, or none of the units adds anything. Data: too
    /// many damaged images, or none. Numerical: an answer is not finite.</exception>
    public static CircuitDocument Find(
        ImageModel model, CircuitLayer from, CircuitLayer to, CircuitTarget target, CircuitTargetRecord words, IImageSource images,
        CircuitOptions? options = null, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(words);
        ArgumentNullException.ThrowIfNull(images);
        options ??= new CircuitOptions();
        CircuitNetwork network = Network(model, from.Units, to.Units);
        Check(from, to, options);
        using var frozen = new FrozenNetwork(model);
        using CircuitSide earlier = Side(model, from), later = Side(model, to);
        using CircuitSide earlierNeurons = Side(model, from.Neurons()), laterNeurons = Side(model, to.Neurons());
        Check(model, target, later);
        IReadOnlyList<int> chosenOn = options.ChosenOn ?? [.. Enumerable.Range(0, images.Count)];
        IReadOnlyList<int> judgedOn = options.JudgedOn ?? chosenOn;
        bool beside = earlier.HasError || later.HasError && target.Unit is null, edged = target.Unit is null;
        int total = chosenOn.Count * (1 + (beside ? 1 : 0) + (edged ? 1 : 0)) + judgedOn.Count, done = 0;
        var context = new CircuitContext(model, network, target, later, images, options, count =>
        {
            done += count;
            progress?.Report(new EvaluationProgress(Math.Min(done, total), total));
        }, cancellation);

        NodeAttributions found = NodeAttributions.Of(context, earlier, later, chosenOn);
        CircuitGraph graph = CircuitGraph.Choose(found, options.Nodes, options.RankByIntegrated);
        if (graph.Nodes.Count == 0)
            throw FoveaException.BadConfiguration("No unit adds anything to what is to be explained on these images: there is no circuit.");
        int[] fromNodes = graph.Of(later: false), toNodes = graph.Of(later: true);
        EdgeAttributions? between = edged ? EdgeAttributions.Of(context, earlier, fromNodes, later, toNodes, chosenOn) : null;
        var edges = Edges(between, fromNodes, toNodes, options);
        int[] sizes = CircuitGraph.Sizes(graph.Nodes.Count);
        List<CircuitCurve> curves = [new("circuit", earlier, later, [graph], sizes)];
        if (beside)
        {
            NodeAttributions neurons = NodeAttributions.Of(context, earlierNeurons, laterNeurons, chosenOn);
            CircuitGraph other = CircuitGraph.Choose(neurons, graph.Nodes.Count, options.RankByIntegrated);
            curves.Add(new CircuitCurve("neurons", earlierNeurons, laterNeurons, [other], CircuitGraph.Sizes(other.Nodes.Count)));
        }
        if (options.RandomGraphs > 0)
        {
            curves.Add(new CircuitCurve("random", earlier, later,
                [.. Enumerable.Range(0, options.RandomGraphs)
                    .Select(i => graph.AtRandom(found, earlier.Units, later.Units, options.Seed, i))], sizes));
        }
        CircuitChecks checks = CircuitChecks.Of(context, earlier, later, graph, edges, curves, judgedOn);
        return new CircuitReport(context, earlier, later, found, between, graph, edges, curves, checks).Document(words, chosenOn, judgedOn);
    }

    /// <summary>Refuses two layers, or units of them, that have no circuit, before anything is read.</summary>
    /// <param name="model">The network.</param>
    /// <param name="from">Units of the earlier layer.</param>
    /// <param name="to">Units of the later layer.</param>
    /// <exception cref="FoveaException">Configuration: no such layer, the order is wrong, a way leads around the later one, units of another
    /// network, or a dictionary that normalises its input.</exception>
    public static void Require(ImageModel model, UnitGroup from, UnitGroup to) => _ = Network(model, from, to);

    private static CircuitNetwork Network(ImageModel model, UnitGroup from, UnitGroup to)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        var network = new CircuitNetwork(model, from.Layer, to.Layer);
        foreach (UnitGroup group in (UnitGroup[])[from, to])
        {
            CircuitSide.RequireSum(group);
            if (group.Autoencoder is { } dictionary) ((IFeatureDictionary[])[dictionary]).RequireNetwork(model);
        }
        return network;
    }

    private static CircuitSide Side(ImageModel model, CircuitLayer layer) =>
        new(layer, model.Layers.First(one => one.Name == layer.Units.Layer).Shape[0], model.Device);

    /// <summary>The edges between the layers with the largest attributions.</summary>
    private static List<(int From, int To)> Edges(EdgeAttributions? between, int[] from, int[] to, CircuitOptions options)
    {
        if (between is null) return [];
        var all = from.SelectMany((node, i) => to.Select((other, j) => (Edge: (node, other),
            Size: Math.Abs(options.RankByIntegrated ? between.Integrated(i, j) : between.Gradient(i, j))))).ToArray();
        double least = CircuitGraph.Rounding * all.Select(one => one.Size).DefaultIfEmpty(0).Max();
        return [.. all.Where(one => one.Size > least).OrderByDescending(one => one.Size).Take(options.Edges).Select(one => one.Edge)];
    }

    private static void Check(CircuitLayer from, CircuitLayer to, CircuitOptions options)
    {
        if (from.VectorMean is null != to.VectorMean is null)
            throw FoveaException.BadConfiguration("Ablated nodes of both layers become means, or those of both become 0.");
        if (options.Nodes < 2) throw FoveaException.BadConfiguration($"A circuit has at least 2 nodes, not {options.Nodes}.");
        if (options.Edges < 1 || options.IntegrationSteps < 1 || options.RandomGraphs < 0 || options.BatchSize < 1)
            throw FoveaException.BadConfiguration("Edges, integration steps and images a batch are at least 1, random graphs at least 0.");
    }

    private static void Check(ImageModel model, CircuitTarget target, CircuitSide later)
    {
        if (target.Unit is { } unit)
        {
            if (unit >= later.Units)
                throw FoveaException.BadConfiguration($"Unit {unit} does not exist: {later.Layer.Units.Layer} has {later.Units}, from 0.");
            return;
        }
        foreach (int output in ((int?[])[target.Class, target.Versus]).OfType<int>())
        {
            if (output >= model.Outputs)
                throw FoveaException.BadConfiguration($"Class {output} does not exist: the network has {model.Outputs}, from 0.");
        }
    }
}
