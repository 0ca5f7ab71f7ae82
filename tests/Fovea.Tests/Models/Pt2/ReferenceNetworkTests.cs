using System.IO.Compression;
using System.Text.Json;
using Fovea.Checkpoints;
using Fovea.Imaging;
using Fovea.Models;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Pt2;

/// <summary>Five networks that PyTorch 2.14 and 2.6 exported, against PyTorch's own answers and inner values.</summary>
public sealed class ReferenceNetworkTests
{
    private const double Tolerance = 3e-5;
    private static readonly Preprocessing Any = Preprocessing.ImageNet(null, 32);

    public static TheoryData<string> Networks =>
        ["resnet_basic", "squeeze_fire", "regnet_se", "maxvit", "two_heads", "torch26/squeeze_fire", "torch26/two_heads"];

    [Theory]
    [MemberData(nameof(Networks))]
    public void Its_answers_and_inner_values_are_PyTorchs(string name)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var reference = new Reference(name);
        using ImportedNetwork network = NetworkFile.Open(reference.File);
        using ImageModel model = network.ToModel(Any, asWritten: true);
        string[] inner = [.. reference.Inner.Select(one => one.Layer)];
        // Everything is read at once: a tap keeps its numbers whatever is done to them afterwards.
        ProbeResult read = model.Forward(
            reference.Input, new Probe([.. inner, .. network.Outputs.Select(one => one.Value), .. model.LayerNames]) { Output = true });
        foreach (var (output, expected) in reference.Outputs) Close(
            expected, read[network.Outputs.Single(one => one.Name == output).Value], output);
        foreach (var (layer, expected) in reference.Inner)
        {
            Assert.Contains(layer, model.LayerNames);
            Close(expected, read[layer], layer);
            Close(expected, model.Forward(reference.Input, new Probe(layer))[layer], layer + " alone");
        }
        Tensor one = model.Forward(reference.Input.narrow(0, 0, 1));
        Close(read.Logits.narrow(0, 0, 1), one, "one image");
        if (reference.Other is { } other) Close(other.Output, model.Forward(other.Input), "another batch");
    }

    [Theory]
    [InlineData("resnet_basic", "layer2.0")]
    [InlineData("maxvit", "blocks.0.layers.0.layers.MBconv")]
    [InlineData("two_heads", "relu@1")]
    public void Its_gradients_are_those_of_finite_differences(string name, string layer)
    {
        using var scope = NewDisposeScope();
        using var reference = new Reference(name);
        using ImportedNetwork network = NetworkFile.Open(reference.File);
        using ImageModel model = network.ToModel(Any, asWritten: true);
        model.ToType(ScalarType.Float64);
        Tensor input = reference.Input.to(float64);
        FiniteDifferences.Agree(model, input, model.Graph.Input, layer);
    }

    [Fact]
    public void The_answer_can_be_chosen_among_several_outputs()
    {
        using var reference = new Reference("two_heads");
        using ImportedNetwork first = NetworkFile.Open(reference.File), second = NetworkFile.Open(
            reference.File, "output1"), fitting = NetworkFile.Open(reference.File, classes: 8);
        Assert.Equal(("output0", "output1", "output1"), (first.Answer, second.Answer, fitting.Answer));
        Assert.Contains(first.Notes, note => note.Contains("output0 is taken", StringComparison.Ordinal));
        using ImageModel one = first.ToModel(Any, asWritten: true), other = second.ToModel(Any, asWritten: true);
        Assert.Equal((5, 8), (one.Outputs, other.Outputs));
        Assert.Equal(FailureKind.Configuration, Assert.Throws<FoveaException>(() => NetworkFile.Open(reference.File, "no such")).Kind);
    }

    [Fact]
    public void Training_mode_and_fixed_batches_are_said()
    {
        using var trained = new Reference("regnet_se");
        using var baked = new Reference("squeeze_fire");
        using ImportedNetwork regnet = NetworkFile.Open(trained.File), squeeze = NetworkFile.Open(baked.File);
        Assert.Contains(regnet.Notes, note => note.Contains("training mode", StringComparison.Ordinal));
        Assert.Equal((2, (int?)null), (squeeze.ExportedBatch!.Value, squeeze.Graph.FixedBatch));
        Assert.Equal((45, 39), squeeze.ImageSize);
    }

    /// <summary>Between the two forms, PyTorch kept the newer archive with weights as one pickle; made here from a file of 2.6.</summary>
    [Fact]
    public void Weights_as_one_pickle_in_the_newer_archive_are_read()
    {
        using var scope = NewDisposeScope();
        using var reference = new Reference("torch26/two_heads");
        string folder = Directory.CreateTempSubdirectory("fovea-pickled-").FullName, path = Path.Combine(folder, "between.pt2");
        try
        {
            using (ZipArchive old = ZipFile.OpenRead(reference.File), zip = new(System.IO.File.Create(path), ZipArchiveMode.Create))
            {
                Copy("serialized_exported_program.json", "models/model.json");
                Copy("serialized_state_dict.pt", "data/weights/model.pt");
                Copy("serialized_constants.pt", "data/constants/model.pt");
                using (Stream mark = zip.CreateEntry("net/archive_format", CompressionLevel.NoCompression).Open()) mark.Write("pt2"u8);

                void Copy(string from, string to)
                {
                    using Stream source = old.GetEntry(from)!.Open(), target = zip.CreateEntry("net/" + to, CompressionLevel.NoCompression)
                        .Open();
                    source.CopyTo(target);
                }
            }
            using ImportedNetwork network = NetworkFile.Open(path);
            using ImageModel model = network.ToModel(Any, asWritten: true);
            Close(reference.Outputs[0].Value, model.Forward(reference.Input), "output0");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Close(Tensor expected, Tensor actual, string what)
    {
        Assert.True(expected.shape.SequenceEqual(actual.shape),
            $"{what}: [{string.Join(", ", actual.shape)}] for [{string.Join(", ", expected.shape)}]");
        double difference = BatchCheck.Relative(actual, expected);
        Assert.True(difference <= Tolerance, $"{what}: {difference:E2} of the largest value");
    }

    private sealed class Reference : IDisposable
    {
        private readonly string _folder;
        private readonly List<Tensor> _owned = [];

        public Reference(string name)
        {
            string description = SharedData.Path($"reference/networks/{name}/reference.json");
            _folder = Path.GetDirectoryName(description)!;
            JsonElement json = JsonDocument.Parse(System.IO.File.ReadAllText(description)).RootElement;
            File = Path.Combine(_folder, json.GetProperty("file").GetString()!);
            Input = Read(json.GetProperty("input").GetProperty("file").GetString()!);
            Outputs = [.. json.GetProperty("outputs").EnumerateArray()
                .Select(one => (one.GetProperty("name").GetString()!, Read(one.GetProperty("file").GetString()!)))];
            Inner = [.. json.GetProperty("inner").EnumerateArray().Select(one => (
                one.GetProperty("module")
                    .GetString() + (one.GetProperty("call").GetInt32() is > 0 and var call ? $"@{call}" : ""),
                        Read(one.GetProperty("file").GetString()!)))];
            if (json.TryGetProperty("other_batch", out JsonElement other))
                Other = (Read(other.GetProperty("input").GetString()!), Read(other.GetProperty("output").GetString()!));
        }

        public string File { get; }

        public Tensor Input { get; }

        public IReadOnlyList<(string Name, Tensor Value)> Outputs { get; }

        public IReadOnlyList<(string Layer, Tensor Value)> Inner { get; }

        public (Tensor Input, Tensor Output)? Other { get; }

        public void Dispose() => _owned.ForEach(tensor => tensor.Dispose());

        private Tensor Read(string file)
        {
            Tensor tensor = NumpyFile.Read(Path.Combine(_folder, file));
            tensor.DetachFromDisposeScope();
            _owned.Add(tensor);
            return tensor;
        }
    }
}
