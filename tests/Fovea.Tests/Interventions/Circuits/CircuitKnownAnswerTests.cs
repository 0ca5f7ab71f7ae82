using Fovea.Dictionaries.Sparse;
using Fovea.Interpretation;
using Fovea.Interventions.Circuits;
using Fovea.Models;
using Xunit;

namespace Fovea.Tests.Interventions.Circuits;

/// <summary>Circuits of networks written by hand: all of it is known in closed form.</summary>
[Collection(TensorCounts.Name)]
public sealed class CircuitKnownAnswerTests
{
    private const double Near = 1e-5;
    private static readonly (int R, int G, int B)[] Colours = ColourPictures.Some;

    [Theory]
    [InlineData("relu")]
    [InlineData("sigmoid")]
    public void Edges_and_nodes_do_what_the_formula_says_and_a_decoy_is_no_node(string activation)
    {
        var written = new WrittenCircuit(activation);
        CircuitDocument found = Find(written);
        Assert.DoesNotContain(found.Nodes, node => node is { Layer: "first", Unit: 3 });
        // Blue and green speak through units that the class reads; unit 2 of the later layer is read with weight 0.
        Assert.Equal([0, 1, 2], found.Nodes.Where(node => node.Layer == "first").Select(node => node.Unit!.Value).Order());
        Assert.Equal([0, 1], found.Nodes.Where(node => node.Layer == "second").Select(node => node.Unit!.Value).Order());
        foreach (CircuitNodeRecord node in found.Nodes)
        {
            double effect = Mean(colour =>
            {
                double[] a = WrittenCircuit.A(colour), b = written.B(a);
                return WrittenCircuit.Logit(b) - WrittenCircuit.Logit(node.Layer == "first"
                    ? written.B(WrittenCircuit.Without(a, node.Unit!.Value)) : WrittenCircuit.Without(b, node.Unit!.Value));
            });
            Assert.Equal(effect, node.Effect.Mean, Near);
        }
        List<(int, int)> pairs = [];
        foreach (CircuitEdgeRecord edge in found.Edges.Where(edge => edge.To is not null))
        {
            int i = found.Nodes[edge.From].Unit!.Value, j = found.Nodes[edge.To!.Value].Unit!.Value;
            pairs.Add((i, j));
            double effect = Mean(colour =>
            {
                double[] a = WrittenCircuit.A(colour), b = written.B(a), patched = written.B(WrittenCircuit.Without(a, i));
                double[] changed = [.. b.Select((value, k) => k == j ? patched[k] : value)];
                return WrittenCircuit.Logit(b) - WrittenCircuit.Logit(changed);
            });
            Assert.Equal(effect, edge.Effect.Mean, Near);
        }
        // Those that are written, and no other.
        Assert.Equal([(0, 0), (1, 0), (1, 1), (2, 1)], pairs.Order());
        Assert.Equal(1, found.Curves[0].Points[^1].Faithfulness.Mean, 1e-4);
        Assert.Equal(0, found.Curves[0].Points[^1].Completeness.Mean, 1e-4);
        Assert.Equal(1, found.EdgeFaithfulness!.Mean, 1e-4);
        Assert.True(found.Survives, string.Join(", ", found.Findings));
        Assert.Equal(Mean(colour => WrittenCircuit.Logit(written.B(WrittenCircuit.A(colour)))), found.Whole.Mean, Near);
        Assert.Equal(0, found.Nothing.Mean, Near);
    }

    [Fact]
    public void With_edges_cut_each_later_node_sees_its_parents_alone()
    {
        var written = new WrittenCircuit("relu");
        CircuitDocument found = Find(written, new CircuitOptions { Edges = 2 });
        (int From, int To)[] drawn = [.. found.Edges.Where(edge => edge.To is not null)
            .Select(edge => (found.Nodes[edge.From].Unit!.Value, found.Nodes[edge.To!.Value].Unit!.Value))];
        Assert.Equal([(0, 0), (2, 1)], drawn.Order());
        int[] later = [.. found.Nodes.Where(node => node.Layer == "second").Select(node => node.Unit!.Value)];
        double cut = Mean(colour =>
        {
            double[] a = WrittenCircuit.A(colour), b = new double[3];
            foreach (int j in later) b[j] = written.B(WrittenChain.Only(a, [.. drawn.Where(edge => edge.To == j).Select(edge => edge.From)]))[j];
            return WrittenCircuit.Logit(b);
        });
        double expected = cut / Mean(colour => WrittenCircuit.Logit(written.B(WrittenCircuit.A(colour))));
        Assert.InRange(expected, 0.5, 0.75);
        Assert.Equal(expected, found.EdgeFaithfulness!.Mean, 1e-4);
        // All nodes are left, so that without the cut nothing is missing.
        Assert.Equal(1, found.Curves[0].Points[^1].Faithfulness.Mean, 1e-4);
    }

    [Fact]
    public void Attributions_are_the_derivatives_that_finite_differences_give()
    {
        var written = new WrittenCircuit("sigmoid");
        CircuitDocument found = Find(written, new CircuitOptions { IntegrationSteps = 16 });
        const double Step = 1e-5;
        // ∂ through one later node only, at a point of the way.
        double Slope(double[] a, int i, int j) =>
            (written.B([.. a.Select((value, k) => k == i ? value + Step : value)])[j] - written.B([.. a.Select((value, k) => k == i ? value - Step : value)])[j])
            / (2 * Step) * WrittenCircuit.Head[1][j];
        foreach (CircuitEdgeRecord edge in found.Edges.Where(edge => edge.To is not null))
        {
            int i = found.Nodes[edge.From].Unit!.Value, j = found.Nodes[edge.To!.Value].Unit!.Value;
            Assert.Equal(Mean(colour => Slope(WrittenCircuit.A(colour), i, j) * WrittenCircuit.A(colour)[i]), edge.Gradient, Near);
            Assert.Equal(Mean(colour =>
            {
                double[] a = WrittenCircuit.A(colour);
                return Enumerable.Range(0, 16).Average(step => Slope([.. a.Select(value => value * (step + 0.5) / 16)], i, j)) * a[i];
            }), edge.Integrated, Near);
        }
        for (int place = 0; place < found.Nodes.Count; place++)
        {
            // A node's attribution is the sum of its edges'.
            CircuitEdgeRecord[] own = [.. found.Edges.Where(edge => edge.From == place)];
            Assert.Equal(own.Sum(edge => edge.Gradient), found.Nodes[place].Gradient, Near);
            Assert.Equal(own.Sum(edge => edge.Integrated), found.Nodes[place].Integrated, Near);
        }
        // Integrated gradients sum up to what there is between both ends of the way.
        Assert.Equal(
            Mean(colour => WrittenCircuit.Logit(written.B(WrittenCircuit.A(colour))) - WrittenCircuit.Logit(written.B(new double[4]))),
            found.Nodes.Where(node => node.Layer == "first").Sum(node => node.Integrated), 1e-4);
    }

    /// <summary>Three atoms for red, green and blue: the decoy is what the dictionary leaves. Two atoms that are not orthogonal later.</summary>
    [Fact]
    public void With_dictionaries_the_error_terms_are_nodes_of_their_own()
    {
        var written = new WrittenCircuit("relu", [[1, 0.5, 0.6, 0], [0, 0.4, 0.3, 0], [0.3, 0.3, 0.3, 0]]);
        using ImageModel model = written.Model();
        using TopKAutoencoder first = WrittenCircuit.Dictionary(
            [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]], [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]);
        // b = (b₀ − ¾ b₁) (1, 0, 0) + 1¼ b₁ (0.6, 0.8, 0) + (0, 0, b₂).
        using TopKAutoencoder second = WrittenCircuit.Dictionary([[1, 0], [-0.75, 1.25], [0, 0]], [[1, 0, 0], [0.6, 0.8, 0]]);
        using var source = new ColourPictures(Colours);
        CircuitDocument found = CircuitStudy.Find(
            model, new CircuitLayer(UnitGroup.Latents("first", "atoms", first)), new CircuitLayer(UnitGroup.Latents("second", "atoms", second)),
            CircuitTarget.OfClass(1), WrittenCircuit.Words, source, cancellation: TestContext.Current.CancellationToken);
        // Neither error says anything of the class: the decoy, and a unit that is read with weight 0.
        Assert.All(found.Nodes, node => Assert.NotNull(node.Unit));
        double[] Latents(double[] b) => [b[0] - 0.75 * b[1], 1.25 * b[1]];
        double[] reads = [WrittenCircuit.Head[1][0], 0.6 * WrittenCircuit.Head[1][0] + 0.8 * WrittenCircuit.Head[1][1]];
        Assert.Equal([(0, 0), (1, 0), (1, 1), (2, 0), (2, 1)], found.Edges.Where(edge => edge.To is not null)
            .Select(edge => (found.Nodes[edge.From].Unit!.Value, found.Nodes[edge.To!.Value].Unit!.Value)).Order());
        foreach (CircuitEdgeRecord edge in found.Edges.Where(edge => edge.To is not null))
        {
            int i = found.Nodes[edge.From].Unit!.Value, j = found.Nodes[edge.To!.Value].Unit!.Value;
            Assert.Equal(Mean(colour =>
            {
                double[] a = WrittenCircuit.A(colour), own = Latents(written.B(a)), patched = Latents(written.B(WrittenCircuit.Without(a, i)));
                return reads[j] * (own[j] - Math.Max(0, patched[j]));
            }), edge.Effect.Mean, Near);
        }
        Assert.Equal(1, found.Curves[0].Points[^1].Faithfulness.Mean, 1e-4);
        Assert.Contains(found.Curves, curve => curve.Name == "neurons");
    }

    /// <summary>Red saturates: its derivative is 0 where the images stand, though nearly all of the class comes of it.</summary>
    [Fact]
    public void Where_the_derivative_lies_the_test_says_so()
    {
        var written = new WrittenCircuit("relu6", [[40, 0, 0, 0], [0, 0.4, 0.3, 0], [0.3, 0.3, 0.3, 0]]);
        CircuitDocument found = Find(written, new CircuitOptions { RankByIntegrated = false });
        Assert.Equal("gradient", found.Ranking);
        Assert.DoesNotContain(found.Nodes, node => node is { Layer: "first", Unit: 0 });
        Assert.Contains(CircuitFindings.Unfaithful, found.Findings);
        Assert.False(found.Survives);
        Assert.InRange(found.Curves[0].Points[^1].Faithfulness.Mean, -0.3, 0.1);
        // Integrated gradients see it, and unless asked otherwise they choose.
        CircuitDocument other = Find(written, new CircuitOptions { IntegrationSteps = 64 });
        Assert.Equal("integrated", other.Ranking);
        Assert.Contains(other.Nodes, node => node is { Layer: "first", Unit: 0 });
        Assert.DoesNotContain(CircuitFindings.Unfaithful, other.Findings);
        CircuitEdgeRecord red = Assert.Single(other.Edges, edge => other.Nodes[edge.From] is { Layer: "first", Unit: 0 } && edge.To is not null);
        Assert.Equal(0, red.Gradient, 1e-6);
        Assert.Equal(6 * WrittenCircuit.Head[1][0], red.Effect.Mean, 1e-4);
    }

    [Fact]
    public void A_unit_is_explained_by_what_feeds_it()
    {
        var written = new WrittenCircuit("relu");
        using ImageModel model = written.Model();
        using var source = new ColourPictures(Colours);
        CircuitDocument found = CircuitStudy.Find(
            model, WrittenCircuit.Neurons("first"), WrittenCircuit.Neurons("second"), CircuitTarget.OfUnit(0),
            new CircuitTargetRecord("unit", "unit 0", null, null, null, 0), source);
        Assert.Equal([(int?)0, 1], found.Nodes.Select(node => node.Unit).Order());
        Assert.All(found.Nodes, node => Assert.Equal("first", node.Layer));
        Assert.All(found.Edges, edge => Assert.Null(edge.To));
        Assert.Null(found.EdgeFaithfulness);
        double[] weights = [1, 0.5];
        foreach (CircuitEdgeRecord edge in found.Edges)
        {
            int unit = found.Nodes[edge.From].Unit!.Value;
            double expected = Mean(colour => weights[unit] * WrittenCircuit.A(colour)[unit]);
            Assert.Equal((expected, expected, expected), (edge.Effect.Mean, edge.Gradient, edge.Integrated), (x, y) =>
                Math.Abs(x.Item1 - y.Item1) + Math.Abs(x.Item2 - y.Item2) + Math.Abs(x.Item3 - y.Item3) < 3 * Near);
        }
        Assert.Equal(1, found.Curves[0].Points[^1].Faithfulness.Mean, 1e-4);
    }

    [Fact]
    public void A_difference_of_logits_is_explained_by_the_difference_of_the_heads_rows()
    {
        var written = new WrittenCircuit("relu");
        using ImageModel model = written.Model();
        using var source = new ColourPictures(Colours);
        CircuitDocument found = CircuitStudy.Find(
            model, WrittenCircuit.Neurons("first"), WrittenCircuit.Neurons("second"), CircuitTarget.OfClass(1, 0), WrittenCircuit.Words, source);
        foreach (CircuitEdgeRecord edge in found.Edges.Where(edge => edge.To is null))
        {
            int j = found.Nodes[edge.From].Unit!.Value;
            Assert.Equal(Mean(colour => (WrittenCircuit.Head[1][j] - WrittenCircuit.Head[0][j]) * written.B(WrittenCircuit.A(colour))[j]),
                edge.Effect.Mean, Near);
        }
        Assert.Equal(3, found.Edges.Count(edge => edge.To is null));
    }

    private static double Mean(Func<(int, int, int), double> of) => Colours.Average(of);

    private static CircuitDocument Find(WrittenCircuit written, CircuitOptions? options = null)
    {
        using ImageModel model = written.Model();
        using var source = new ColourPictures(Colours);
        return CircuitStudy.Find(
            model, WrittenCircuit.Neurons("first"), WrittenCircuit.Neurons("second"), CircuitTarget.OfClass(1), WrittenCircuit.Words, source,
            (options ?? new CircuitOptions()) with { RandomGraphs = 0 }, null, TestContext.Current.CancellationToken);
    }
}
