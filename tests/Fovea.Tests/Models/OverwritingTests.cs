using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Numerics;
using Fovea.Tests.Dictionaries;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models;

public sealed class OverwritingTests
{
    public static TheoryData<string, bool> Networks =>
        [.. Architectures.All.SelectMany(
            one => new[] { false, true }, (one, modified) => new TheoryDataRow<string, bool>(one.Name, modified))];

    [Theory]
    [MemberData(nameof(Networks))]
    public void Every_layer_is_the_same_where_its_neighbours_memory_is_used_again(string name, bool modified)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = ImageModel.Create(name, 7, modified ? GradientFlow.Modified : GradientFlow.Standard);
        model.Eval();
        Tensor input = Samples.Normal([2, 3, 64, 64], "overwriting", ScalarType.Float32), kept = input.clone();
        long none = FastPaths.Count(FastPath.OverwriteValue);
        ProbeResult all = model.Forward(input, new Probe(model.LayerNames) { Output = true });
        long first = FastPaths.Count(FastPath.OverwriteValue);
        Same(all.Logits, model.Forward(input));
        // What is read by all is nobody's to overwrite; alone, every activation has its input's memory.
        Assert.True(FastPaths.Count(FastPath.OverwriteValue) - first > first - none);
        foreach (string layer in model.LayerNames) Same(all[layer], model.Forward(input, new Probe(layer))[layer]);
        Same(kept, input);
    }

    [Fact]
    public void What_somebody_else_reads_or_looks_into_stays_as_it_is()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var build = new GraphBuilder();
        string conv = build.Conv("conv", build.Input, 3, 4, 1);
        string view = build.Apply(Operators.Get("identity"), OperatorAttributes.None, conv); // the same memory under another name
        string relu = build.Relu("relu", conv);
        string second = build.Relu("second", view);
        string direct = build.Relu("direct", build.Input);
        string sum = build.Add(build.Add(relu, second), view);
        using var model = new ImageModel(
            build.Build("views", build.Layer("answer", Operators.Concatenate, OperatorAttributes.None, sum, direct)), Preprocessing());
        model.Initialise(3);
        model.Eval();
        Tensor input = Samples.Normal([2, 3, 5, 5], "views", ScalarType.Float32), kept = input.clone();
        Tensor weight = model.State["conv.weight"], value = nn.functional.conv2d(input, weight);
        Tensor answer = model.Forward(input);
        Same(cat([value.relu() + value.relu() + value, input.relu()], 1), answer);
        Same(kept, input);
    }

    [Fact]
    public void Nothing_is_overwritten_that_a_derivative_needs()
    {
        using var scope = NewDisposeScope();
        using var model = ImageModel.Create("resnet18", 7);
        model.Eval();
        Tensor input = Samples.Normal([1, 3, 64, 64], "derivative", ScalarType.Float32).requires_grad_(true);
        long before = FastPaths.Count(FastPath.OverwriteValue);
        Tensor gradient = Gradients.Of(model.Forward(input).sum(), [input])[0];
        Assert.Equal(before, FastPaths.Count(FastPath.OverwriteValue));
        Assert.True(gradient.abs().sum().item<float>() > 0);
    }

    [Fact]
    public void An_edit_and_a_given_value_are_not_overwritten()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = ImageModel.Create("resnet18", 7);
        model.Eval();
        Tensor input = Samples.Normal([1, 3, 64, 64], "edit", ScalarType.Float32);
        Tensor mine = Samples.Normal([1, 64, 32, 32], "mine", ScalarType.Float32), kept = mine.clone();
        model.Forward(
            input, new Probe("layer1") { Output = true, Edits = new Dictionary<string, Func<Tensor, Tensor>> { ["bn1"] = _ => mine } });
        Same(kept, mine);
        Tensor block = Samples.Normal([1, 64, 16, 16], "block", ScalarType.Float32), keptBlock = block.clone();
        model.ContinueAfter("layer1.0", block);
        Same(keptBlock, block);
    }

    private static Fovea.Imaging.Preprocessing Preprocessing() => Fovea.Imaging.Preprocessing.ImageNet(null, 5);

    private static void Same(Tensor expected, Tensor actual) => Assert.True(expected.bytes.SequenceEqual(actual.contiguous().bytes));
}
