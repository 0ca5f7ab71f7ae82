using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Models.Import;
using Fovea.Training;
using Xunit;

namespace Fovea.Tests.Models;

/// <summary>One network in the forms that exporters give it: what is taken for a pooling, a rectifier, a layer, an accuracy of chance.</summary>
public sealed class ModificationFormsTests
{
    [Fact]
    public void Clamps_that_rectify_and_poolings_to_a_grid_are_modified_too()
    {
        var g = new GraphBuilder();
        Operator clamp = Operators.Get("clamp");
        string x = g.Apply(clamp, new() { ["min"] = 0.0 }, g.Conv("a", g.Input, 3, 4, 3));
        x = g.Apply(clamp, new() { ["min"] = 0.0, ["max"] = 6.0 }, g.Conv("b", x, 4, 4, 3));
        x = g.Apply(clamp, new() { ["min"] = -1.0 }, x);
        x = g.Apply(clamp, new() { ["min"] = 0.0, ["max"] = 1.0 }, x);
        x = g.Apply(Operators.Get("adaptive_max_pool2d"), new() { ["grid"] = new long[] { 1, 2 } }, x);
        NetworkGraph plain = g.Build("forms", x), modified = new GradientFlow(true, 0.1).Apply(plain);
        Assert.Equal(
            ["conv2d", "leaky_relu", "conv2d", "leaky_relu", "clamp", "clamp", "adaptive_avg_pool2d"], modified.Nodes.Select(node => node.Operator.Name));
        Assert.Equal([1, 2], modified.Nodes[^1].Attributes.Ints("grid"));
        Assert.Empty(new GradientFlow(true, 0.1).Idle(plain));
        Assert.Equal(["conv2d", "clamp", "conv2d", "clamp", "clamp", "clamp", "adaptive_max_pool2d"],
            new GradientFlow(false, 0).Apply(plain).Nodes.Select(node => node.Operator.Name));
    }

    [Theory]
    [InlineData("adaptive_avg_pool2d", true)]
    [InlineData("relu", false)]
    public void Branches_put_together_before_pooling_are_a_layer(string after, bool listed)
    {
        static (GraphNode, IReadOnlyList<ModuleCall>) Node(string operation, string[] reads, string makes, params string[] module) =>
            (new GraphNode(Operators.Get(operation), OperatorAttributes.None, reads, [makes]), [.. module.Select(one => new ModuleCall(one, 0))]);
        var layers = new ImportedLayers(
        [
            Node("conv2d", ["x", "a.weight"], "1", "a"), Node("conv2d", ["x", "b.weight"], "2", "b"), Node("cat", ["1", "2"], "cat"),
            Node(after, ["cat"], "3"), Node("flatten", ["3"], "4"), Node("linear", ["4", "fc.weight"], "5", "fc"),
        ], ["5"], value => value is "1" or "2" or "3" or "cat").Layers;
        Assert.Equal(listed, layers.Any(layer => layer.Name == "cat"));
        Assert.Equal(["a", "b", "fc"], layers.Select(layer => layer.Name).Where(name => name.Length < 3 && !char.IsDigit(name[0])));
    }

    [Theory]
    [InlineData(24, 240, 0.05, true)]
    [InlineData(24, 240, 0.08, false)]
    [InlineData(2, 100, 0.59, true)]
    [InlineData(2, 100, 0.61, false)]
    [InlineData(1000, 50, 0.02, false)]
    [InlineData(10, 0, 0, false)]
    public void An_accuracy_of_chance_is_one_that_guessing_gives(int classes, int images, double top1, bool chance) =>
        Assert.Equal(chance, new EvaluationResult(images, top1, 1, 1, 1, [], []).IsChance(classes));
}
