using Fovea.Dictionaries.Sparse;
using Fovea.Interpretation;
using Fovea.Interventions.Circuits;
using Fovea.Numerics;
using Xunit;

namespace Fovea.Tests.Interventions.Circuits;

/// <summary>What a test of a circuit can find, each on a network written by hand that must give it, and nothing else.</summary>
[Collection(TensorCounts.Name)]
public sealed class CircuitFindingsTests
{
    private static readonly (int, int, int)[] Colours = ColourPictures.Some;
    private static readonly CircuitOptions Plain = new() { RandomGraphs = 0, IntegrationSteps = 16 };

    /// <summary>Three parents of the one later node, each a third of it, of which one edge is drawn.</summary>
    [Fact]
    public void Cut_where_what_the_nodes_keep_goes_through_edges_that_are_not_drawn()
    {
        var chain = new WrittenChain([1], new("first", [[1, 1, 0], [0, 1, 1], [1, 0, 1]]), new("second", [[1, 1, 1]]));
        CircuitDocument found = Find(chain, Colours, Plain with { Edges = 1 });
        Assert.Equal([CircuitFindings.Cut], found.Findings);
        Assert.True(found.Survives);
        CircuitEdgeRecord drawn = Assert.Single(found.Edges, edge => edge.To is not null);
        int parent = found.Nodes[drawn.From].Unit!.Value;
        Assert.Equal(1, found.Curves[0].Points[^1].Faithfulness.Mean, 1e-4);
        Assert.Equal(Share(colour => chain.Kept(colour, [parent], [0]), chain, Colours), found.EdgeFaithfulness!.Mean, 1e-4);
        Assert.InRange(found.EdgeFaithfulness.Mean, 0.3, 0.45);
        Assert.Empty(Find(chain, Colours, Plain with { Edges = 3 }).Findings);
    }

    /// <summary>Eight units say the same, and six are drawn.</summary>
    [Fact]
    public void Random_where_any_units_do_and_not_where_the_choice_matters()
    {
        (int, int, int)[] colours = [.. Colours.Select(colour => (255, colour.Item2, colour.Item3))];
        double[][] first = [.. Enumerable.Repeat<double[]>([1, 0, 0], 8)];
        var alike = new WrittenChain([1], new("first", first), new("second", [[.. Enumerable.Repeat(1.0 / 8, 8)]]));
        CircuitDocument found = Find(alike, colours, Plain with { RandomGraphs = 4, Nodes = 7 });
        Assert.Equal([CircuitFindings.Random], found.Findings);
        Assert.False(found.Survives);
        Assert.All(found.Curves, curve => Assert.Equal(0.75, curve.Points[^1].Faithfulness.Mean, 1e-5));
        // The same eight units, of which six alone are read.
        var some = new WrittenChain([1], new("first", first), new("second", [[0, 0, 0.2, 0.2, 0.2, 0.2, 0.1, 0.1]]));
        Assert.Empty(Find(some, colours, Plain with { RandomGraphs = 4, Nodes = 7 }).Findings);
    }

    [Fact]
    public void The_random_curve_is_the_mean_of_a_plain_loop_over_graphs()
    {
        const ulong Seed = 3;
        const int Graphs = 3;
        var chain = new WrittenChain(
            [1, -0.7, 0.4, 0.2],
            new("first", [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.5, 0], [-1, -1, -1], [0.2, -0.1, 0.6], [0, 0.5, 0.5]]),
            new("second", [[1, 0.2, 0, 0.4, 0, 0, 0.1], [0, 0.3, 0.5, 0, 1, 0.2, 0], [0.3, 0, 0, 0, 0, 0.7, 0], [0, 0, 0.4, 0.3, 0, 0, 0.6]]));
        CircuitDocument found = Find(chain, Colours, Plain with { RandomGraphs = Graphs, Nodes = 6, Seed = Seed });
        CircuitCurveRecord random = Assert.Single(found.Curves, curve => curve.Name == "random");
        double[] kept = new double[random.Points.Count], removed = new double[random.Points.Count];
        for (int number = 0; number < Graphs; number++)
        {
            var draw = new CounterRandom(Seed, "circuits/random", number);
            Queue<int> first = Drawn(draw, "first", 7), second = Drawn(draw, "second", 4);
            Assert.DoesNotContain(4, first);
            (bool Later, int Unit)[] graph = [.. found.Nodes.Select(node => node.Layer == "second" ? (true, second.Dequeue()) : (false, first.Dequeue()))];
            for (int i = 0; i < random.Points.Count; i++)
            {
                int[] earlier = Of(graph, random.Points[i].Nodes, false), later = Of(graph, random.Points[i].Nodes, true);
                kept[i] += Share(colour => chain.Kept(colour, earlier, later), chain, Colours) / Graphs;
                removed[i] += Share(colour => chain.Removed(colour, earlier, later), chain, Colours) / Graphs;
            }
        }
        Assert.Equal([1, 2, 4, 6], random.Points.Select(point => point.Nodes));
        for (int i = 0; i < random.Points.Count; i++)
        {
            Assert.Equal(kept[i], random.Points[i].Faithfulness.Mean, 1e-4);
            Assert.Equal(removed[i], random.Points[i].Completeness.Mean, 1e-4);
        }
        Assert.NotEqual(kept[^1], found.Curves[0].Points[^1].Faithfulness.Mean, 1e-2);

        // Units that are 0 on all images are not drawn.
        Queue<int> Drawn(CounterRandom draw, string layer, int units)
        {
            int[] active = [.. Enumerable.Range(0, units).Where(unit => Colours.Any(colour => chain.At(layer, colour)[unit] != 0))];
            return new Queue<int>(draw.Permutation(active.Length).Select(i => active[i]));
        }

        static int[] Of((bool Later, int Unit)[] graph, int size, bool later) =>
            [.. graph.Take(size).Where(node => node.Later == later).Select(node => node.Unit)];
    }

    /// <summary>
    /// b = r − 3 max(r − g, 0): with g a little below r more red makes less of it, yet without a third of the red there is less. Each third
    /// of the red is a unit.
    /// </summary>
    [Fact]
    public void Edges_and_opposite_where_the_derivative_has_the_wrong_sign()
    {
        (int R, int G, int B)[] colours = [(200, 190, 0), (250, 240, 9), (180, 170, 70), (240, 230, 0), (100, 95, 0), (220, 210, 200)];
        const double Third = 1.0 / 3;
        var chain = new WrittenChain(
            [1], new("first", [[Third, 0, 0], [Third, 0, 0], [Third, 0, 0], [0, 1, 0]]), new("hidden", [[1, 1, 1, 0], [1, 1, 1, -1]]),
            new("second", [[1, -3]]));
        CircuitDocument found = Find(chain, colours, Plain with { RankByIntegrated = false });
        Assert.Equal([CircuitFindings.Edges], found.Findings);
        Assert.False(found.Survives);
        CircuitEdgeRecord[] red = [.. found.Edges.Where(edge => edge.To is not null && found.Nodes[edge.From].Unit < 3)];
        Assert.Equal(3, red.Length);
        foreach (CircuitEdgeRecord edge in red)
        {
            Assert.Equal(CircuitVerdicts.Opposite, edge.Verdict);
            Assert.Equal(CircuitVerdicts.Opposite, found.Nodes[edge.From].Verdict);
            Assert.Equal(colours.Average(colour => -2 * colour.R / 255.0 / 3), edge.Gradient, 1e-5);
            Assert.Equal(colours.Average(colour => (colour.R - 3 * (colour.R - colour.G) - 2 * colour.R / 3.0) / 255), edge.Effect.Mean, 1e-5);
        }
        Assert.All(found.Edges.Except(red), edge => Assert.Equal(CircuitVerdicts.Confirmed, edge.Verdict));
    }

    /// <summary>min(b₀ + b₁, 6), each enough alone: nothing is lost without either, edge by edge or as a whole.</summary>
    [Fact]
    public void Incomplete_where_other_units_can_do_the_same()
    {
        (int, int, int)[] colours = [(200, 190, 0), (250, 240, 9), (180, 170, 70), (240, 230, 0), (200, 195, 0), (220, 210, 200)];
        var chain = new WrittenChain(
            [1], new("first", [[1, 0, 0], [0, 1, 0]]), new("second", [[10, 0], [0, 10]]), new("last", [[1, 1]], "relu6"));
        CircuitDocument found = Find(chain, colours, Plain with { Nodes = 2 });
        Assert.Equal([("first", 0), ("second", 0)], found.Nodes.Select(node => (node.Layer, node.Unit!.Value)).Order());
        Assert.Equal([CircuitFindings.Edges, CircuitFindings.Incomplete], found.Findings);
        Assert.Equal((1d, 1d), (found.Curves[0].Points[^1].Faithfulness.Mean, found.Curves[0].Points[^1].Completeness.Mean));
        Assert.All(found.Edges, edge => Assert.Equal((0d, CircuitVerdicts.Unclear), (edge.Effect.Mean, edge.Verdict)));
    }

    /// <summary>A dictionary that splits the one neuron that counts into three latents.</summary>
    [Fact]
    public void Neurons_where_as_many_of_them_come_nearer()
    {
        var chain = new WrittenChain([1], new("first", [[1, 0, 0], [0, 1, 0]]), new("second", [[1, 0]]));
        const double Third = 1.0 / 3;
        using TopKAutoencoder split = WrittenCircuit.Dictionary([[Third, Third, Third, 0], [0, 0, 0, 1]], [[1, 0], [1, 0], [1, 0], [0, 1]]);
        CircuitDocument found = Find(chain, Colours, Plain with { Nodes = 2 }, new CircuitLayer(UnitGroup.Latents("first", "split", split)));
        Assert.Equal([CircuitFindings.Unfaithful, CircuitFindings.Neurons], found.Findings);
        Assert.Equal(Third, found.Curves[0].Points[^1].Faithfulness.Mean, 1e-5);
        Assert.Equal(1, Assert.Single(found.Curves, curve => curve.Name == "neurons").Points[^1].Faithfulness.Mean, 1e-5);
        Assert.DoesNotContain(CircuitFindings.Neurons, Find(chain, Colours, Plain with { Nodes = 4 },
            new CircuitLayer(UnitGroup.Latents("first", "split", split))).Findings);
    }

    /// <summary>Ablation to the mean of the very images that it is judged on: on average a linear network loses nothing.</summary>
    [Fact]
    public void Nothing_where_ablating_all_changes_nothing_on_average()
    {
        (int, int, int)[] bright = [(250, 20, 10), (240, 30, 10), (255, 10, 5)];
        var chain = new WrittenChain([1], new("first", [[1, 0, 0], [0, 1, 0]]), new("second", [[1, 0.5]]));
        CircuitLayer Layer(string name, int units) => WrittenCircuit.Neurons(name) with
        {
            VectorMean = [.. Enumerable.Range(0, units).Select(unit => (float)Colours.Average(colour => chain.At(name, colour)[unit]))],
        };
        CircuitDocument found = Find(
            chain, [.. bright, .. Colours], Plain with { ChosenOn = [0, 1, 2], JudgedOn = [.. Enumerable.Range(3, Colours.Length)] },
            Layer("first", 2), Layer("second", 1));
        Assert.Equal([CircuitFindings.Nothing], found.Findings);
        Assert.False(found.Survives);
        Assert.Equal(found.Whole.Mean, found.Nothing.Mean, 1e-5);
        // Judged on others there is something.
        Assert.DoesNotContain(CircuitFindings.Nothing, Find(
            chain, [.. bright, .. Colours], Plain with { ChosenOn = [0, 1, 2], JudgedOn = [0, 1, 2] }, Layer("first", 2), Layer("second", 1)).Findings);
    }

    private static CircuitDocument Find(
        WrittenChain chain, (int, int, int)[] colours, CircuitOptions options, CircuitLayer? from = null, CircuitLayer? to = null) =>
        chain.Find(colours, options, TestContext.Current.CancellationToken, from, to);

    /// <summary>What is left, as a share of all; with everything taken out these networks say 0.</summary>
    private static double Share(Func<(int, int, int), double> left, WrittenChain chain, (int, int, int)[] colours) =>
        colours.Average(left) / colours.Average(colour => chain.Logit(chain.At("second", colour), "second"));
}
