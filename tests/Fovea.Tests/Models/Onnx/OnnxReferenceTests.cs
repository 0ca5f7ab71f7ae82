using Fovea.Checkpoints;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Models.Graph;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Onnx;

/// <summary>Networks of both of PyTorch's exporters, against its own answers and inner values.</summary>
public sealed class OnnxReferenceTests
{
    private const double Tolerance = 3e-5;
    private static readonly Preprocessing Any = Preprocessing.ImageNet(null, 32);

    /// <summary>
    /// Where the exporter multiplied a batch normalisation in, its value has the convolution's name in the older one's files.
    /// </summary>
    [Theory]
    [InlineData("resnet_basic", "legacy", "conv1", "layer2.0.downsample", "layer4.0")]
    [InlineData("resnet_basic", "dynamo", "bn1", "layer2.0.downsample", "layer4.0")]
    [InlineData("maxvit", "legacy", "stem.0", "blocks.0.layers.0.layers.MBconv", "blocks.1")]
    [InlineData("maxvit", "dynamo", "stem.0", "blocks.0.layers.0.layers.MBconv", "blocks.1")]
    public void Answers_and_inner_values_are_PyTorchs(string name, string exporter, params string[] inner)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using ImportedNetwork network = Open(name, exporter, out string folder);
        using ImageModel model = network.ToModel(Any, asWritten: true);
        Tensor input = NumpyFile.Read(Path.Combine(folder, "input.npy"));
        Assert.Superset(inner.ToHashSet(), model.LayerNames.ToHashSet());
        ProbeResult read = model.Forward(input, new Probe([.. inner, .. model.LayerNames]) { Output = true });
        Close(NumpyFile.Read(Path.Combine(folder, "output.npy")), read.Logits, "answer");
        for (int i = 0; i < inner.Length; i++)
        {
            Tensor expected = NumpyFile.Read(Path.Combine(folder, $"inner{i}.npy"));
            Close(expected, read[inner[i]], inner[i]);
            Close(expected, model.Forward(input, new Probe(inner[i]))[inner[i]], inner[i] + " alone");
        }
        Close(read.Logits.narrow(0, 1, 1), model.Forward(input.narrow(0, 1, 1)), "one image");
    }

    [Theory]
    [InlineData("resnet_basic", "legacy")]
    [InlineData("resnet_basic", "dynamo")]
    public void Gradients_are_those_of_finite_differences(string name, string exporter)
    {
        using var scope = NewDisposeScope();
        using ImportedNetwork network = Open(name, exporter, out string folder);
        using ImageModel model = network.ToModel(Any, asWritten: true);
        model.ToType(ScalarType.Float64);
        Tensor input = NumpyFile.Read(Path.Combine(folder, "input.npy")).to(float64);
        FiniteDifferences.Agree(model, input, model.Graph.Input, "layer2.0");
    }

    /// <summary>What a normalisation was multiplied into is said, and its weights go into no network that still has it.</summary>
    [Theory]
    [InlineData("legacy")]
    [InlineData("dynamo")]
    public void Folded_normalisation_is_said_and_its_weights_have_names_of_their_own(string exporter)
    {
        using ImportedNetwork folded = Open("resnet_basic", exporter, out string folder);
        using ImportedNetwork whole = NetworkFile.Open(Path.Combine(folder, "resnet_basic.pt2"));
        int normalisations = whole.Graph.Nodes.Count(node => node.Operator == Operators.BatchNorm);
        Assert.Equal(normalisations, folded.NormalisationFolded.Count);
        Assert.Contains(folded.Notes, note => note.Contains("batch normalisation", StringComparison.Ordinal));
        Assert.DoesNotContain(folded.Graph.Nodes, node => node.Operator == Operators.BatchNorm);
        string[] convolutions = [.. whole.Graph.Nodes.Where(node => node.Operator == Operators.Conv2d).Select(node => node.Inputs[1])];
        Assert.Empty(convolutions.Intersect(folded.Weights.Keys));
        // The linear layer is the network's own.
        Tensor head = whole.Weights["fc.weight"], same = folded.Weights["fc.weight"];
        Assert.True(head.allclose(same));
    }

    [Theory]
    [InlineData("legacy")]
    [InlineData("dynamo")]
    public void Layers_have_the_modules_names_and_calls_are_told_apart(string exporter)
    {
        using ImportedNetwork network = Open("resnet_basic", exporter, out string folder);
        using ImportedNetwork whole = NetworkFile.Open(Path.Combine(folder, "resnet_basic.pt2"));
        string[] expected =
            [.. whole.Graph.Layers.Select(layer => layer.Name).Where(name => name.Contains("relu", StringComparison.Ordinal))];
        Assert.Contains(expected, name => name.EndsWith("@1", StringComparison.Ordinal));
        Assert.Superset(expected.ToHashSet(), network.Graph.Layers.Select(layer => layer.Name).ToHashSet());
        using ImageModel one = network.ToModel(Any, asWritten: true), other = whole.ToModel(Any, asWritten: true);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor input = NumpyFile.Read(Path.Combine(folder, "input.npy"));
        foreach (string name in expected)
            Close(other.Forward(input, new Probe(name))[name], one.Forward(input, new Probe(name))[name], name);
    }

    private static ImportedNetwork Open(string name, string exporter, out string folder)
    {
        folder = Path.GetDirectoryName(SharedData.Path($"reference/networks/{name}/reference.json"))!;
        return NetworkFile.Open(Path.Combine(folder, $"{name}-{exporter}.onnx"));
    }

    private static void Close(Tensor expected, Tensor actual, string what)
    {
        Assert.True(expected.shape.SequenceEqual(actual.shape),
            $"{what}: [{string.Join(", ", actual.shape)}] for [{string.Join(", ", expected.shape)}]");
        double difference = BatchCheck.Relative(actual, expected);
        Assert.True(difference <= Tolerance, $"{what}: {difference:E2} of the largest value");
    }
}
