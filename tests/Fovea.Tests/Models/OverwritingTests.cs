using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Models.Torch;
using Fovea.Numerics;
using Fovea.Tests.Dictionaries;
using Fovea.Tests.Models.Torch;
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
        Tensor input = Samples.Normal([2, 3, 32, 32], "overwriting", ScalarType.Float32), kept = input.clone();
        long none = FastPaths.Count(FastPath.OverwriteValue);
        // Without folding, which rounds otherwise.
        ProbeResult all = PlainRun.Of(model, input, new Probe(model.LayerNames) { Output = true });
        long first = FastPaths.Count(FastPath.OverwriteValue);
        Same(all.Logits, PlainRun.Of(model, input, new Probe { Output = true }).Logits);
        // What is read by all is nobody's to overwrite; alone, every activation has its input's memory.
        Assert.True(FastPaths.Count(FastPath.OverwriteValue) - first > first - none);
        foreach (string layer in model.LayerNames) Same(all[layer], PlainRun.Of(model, input, new Probe(layer))[layer]);
        long folded = FastPaths.Count(FastPath.OverwriteValue);
        model.Forward(input);
        Assert.True(FastPaths.Count(FastPath.OverwriteValue) - folded > first - none);
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
        Tensor answer = model.Forward(input);
        // After it, and in the same order of memory: where oneDNN is found wrong, it is switched off before the first network runs, and
        // libtorch's own loops sum in another order with channels first.
        Tensor weight = model.State["conv.weight"], value = nn.functional.conv2d(ChannelsLast.Of(input), weight);
        Same(cat([value.relu() + value.relu() + value, input.relu()], 1), answer);
        Same(kept, input);
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Derivatives_are_the_same_where_memory_is_used_again(string name, bool modified)
    {
        using var scope = NewDisposeScope();
        using var model = ImageModel.Create(name, 7, modified ? GradientFlow.Modified : GradientFlow.Standard);
        foreach (bool training in new[] { false, true })
        {
            model.Train(training);
            model.SetTrainable(training);
            Tensor input = Samples.Normal([2, 3, 48, 48], "derivative", ScalarType.Float32).requires_grad_(true);
            long before = FastPaths.Count(FastPath.OverwriteValue);
            Tensor[] reused = Derivatives(model, input, new Probe { Output = true });
            Assert.True(FastPaths.Count(FastPath.OverwriteValue) > before);
            before = FastPaths.Count(FastPath.OverwriteValue);
            // Of a network of which every value is read nothing is overwritten.
            Tensor[] kept = Derivatives(model, input, new Probe(model.LayerNames.Concat(model.Graph.Nodes.SelectMany(
                node => node.Outputs)))
            { Output = true });
            Assert.Equal(before, FastPaths.Count(FastPath.OverwriteValue));
            for (int i = 0; i < kept.Length; i++) Same(kept[i], reused[i]);
            Assert.True(kept[0].abs().sum().item<float>() > 0);
        }
    }

    [Fact]
    public void What_a_derivative_is_worked_out_from_is_not_overwritten()
    {
        using var scope = NewDisposeScope();
        var build = new GraphBuilder();
        string conv = build.Conv("conv", build.Input, 3, 4, 1);
        // A ReLU's derivative is that of its result: what follows must not write there.
        string last = build.Relu6("third", build.Relu("second", build.Relu("first", conv)));
        string sum = build.Add(build.Relu("fourth", build.Conv("other", last, 4, 4, 1)), build.Conv("more", last, 4, 4, 1));
        using var model = new ImageModel(build.Build("results", sum), Preprocessing());
        model.Initialise(3);
        Tensor input = Samples.Normal([2, 3, 5, 5], "results", ScalarType.Float32).requires_grad_(true);
        Tensor first = nn.functional.conv2d(input, model.State["conv.weight"]).relu().relu().relu6();
        Tensor expected = nn.functional.conv2d(first, model.State["other.weight"]).relu() + nn.functional.conv2d(
            first, model.State["more.weight"]);
        Tensor reference = Gradients.Of(expected.square().sum(), input), own = Gradients.Of(model.Forward(input).square().sum(), input);
        PlainRun.Close(reference, own, "gradient");
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

    private static Tensor[] Derivatives(ImageModel model, Tensor input, Probe probe)
    {
        // Not folded, so that what is read changes no rounding.
        model.SeedDropout(1, 2);
        Tensor[] by = [input, .. model.Parameters.Values.Where(weight => weight.requires_grad)];
        Tensor[] found = Gradients.Of(PlainRun.Of(model, input, probe).Logits.square().sum(), by);
        return found;
    }

    private static Fovea.Imaging.Preprocessing Preprocessing() => Fovea.Imaging.Preprocessing.ImageNet(null, 5);

    private static void Same(Tensor expected, Tensor actual) => Assert.True(expected.bytes.SequenceEqual(actual.contiguous().bytes));
}
