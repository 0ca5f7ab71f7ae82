using Fovea.Checkpoints;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Checkpoints;

public sealed class StateDictTests
{
    [Fact]
    public void Weights_travel_from_module_to_file_to_module()
    {
        using var folder = new ScratchFolder();
        Dictionary<string, Tensor> first = Network(4), second = Network(4);
        using (StateDict weights = StateDict.Of(first)) weights.Save(folder["w.safetensors"]);
        using StateDict read = StateDict.Load(folder["w.safetensors"]);
        read.CopyTo(second, "Toy", "w.safetensors");
        var (from, to) = (first, second);
        foreach (string name in from.Keys) Assert.Equal(CheckpointFixtures.Values(from[name]), CheckpointFixtures.Values(to[name]));
        Assert.All(second.Where(pair => !pair.Key.Contains("running") && !pair.Key.Contains("num")),
            pair => Assert.True(pair.Value.requires_grad));
    }

    [Fact]
    public void A_snapshot_does_not_follow_the_module()
    {
        Dictionary<string, Tensor> module = Network(2);
        using StateDict snapshot = StateDict.Of(module);
        double[] before = CheckpointFixtures.Values(snapshot["fc.weight"]);
        using (no_grad()) module["fc.weight"].add_(1);
        Assert.Equal(before, CheckpointFixtures.Values(snapshot["fc.weight"]));
    }

    [Fact]
    public void Half_weights_fill_single_precision_networks()
    {
        Dictionary<string, Tensor> module = Network(2);
        using StateDict weights = StateDict.Of(module);
        using var halves = new StateDict(
            weights.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.is_floating_point() ? pair.Value.half() : pair.Value.clone())));
        halves.CopyTo(module, "Toy", "halves");
        Tensor now = module["fc.weight"];
        Assert.Equal(ScalarType.Float32, now.dtype);
        Assert.Equal(CheckpointFixtures.Values(halves["fc.weight"]), CheckpointFixtures.Values(now));
    }

    [Fact]
    public void All_differences_are_listed_at_once_and_nothing_is_copied()
    {
        Dictionary<string, Tensor> module = Network(4);
        double[] before = CheckpointFixtures.Values(module["bn.weight"]);
        using StateDict sound = StateDict.Of(module);
        using var wrong = new StateDict(
            sound.Where(pair => pair.Key != "bn.bias").Select(pair => KeyValuePair.Create(pair.Key, pair.Key switch
            {
                "fc.weight" => zeros(4, 9),
                "bn.running_mean" => zeros(3, dtype: ScalarType.Int64),
                _ => ones_like(pair.Value) * 5,
            })).Append(KeyValuePair.Create("extra.weight", zeros(1))));
        var error = Assert.Throws<FoveaException>(() => wrong.CopyTo(module, "Toy", "toy from wrong.pth"));
        Assert.Equal(FailureKind.Data, error.Kind);
        Assert.Contains("toy from wrong.pth", error.Message, StringComparison.Ordinal);
        Assert.Contains("1 missing: bn.bias", error.Message, StringComparison.Ordinal);
        Assert.Contains("1 unexpected: extra.weight", error.Message, StringComparison.Ordinal);
        Assert.Contains("1 of another shape: fc.weight [4, 9] for [4, 3]", error.Message, StringComparison.Ordinal);
        Assert.Contains("1 of another type: bn.running_mean int64 for float32", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, CheckpointFixtures.Values(module["bn.weight"]));
    }

    [Fact]
    public void A_wrong_class_count_is_called_that()
    {
        Dictionary<string, Tensor> two = Network(2), four = Network(4);
        using StateDict weights = StateDict.Of(two);
        var error = Assert.Throws<FoveaException>(() => weights.CopyTo(four, "Toy", "weights"));
        Assert.Contains("made for 2 classes and the network for 4", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_counter_of_batches_may_be_absent_or_too_much()
    {
        Dictionary<string, Tensor> module = Network(2);
        using StateDict weights = StateDict.Of(module);
        using var without = new StateDict(weights.Where(pair => !pair.Key.EndsWith("num_batches_tracked", StringComparison.Ordinal))
            .Select(pair => KeyValuePair.Create(pair.Key, pair.Value.clone())));
        using var with = new StateDict(weights.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.clone()))
            .Append(KeyValuePair.Create("other.num_batches_tracked", tensor(1L))));
        Assert.True(without.Count < weights.Count);
        Assert.True(without.Compare(module).IsMatch);
        with.CopyTo(module, "Toy", "with");
    }

    [Fact]
    public void Long_lists_are_cut()
    {
        Dictionary<string, Tensor> module = Network(2);
        using var other = new StateDict(Enumerable.Range(0, 40).Select(i => KeyValuePair.Create($"layer{i}", zeros(1))));
        Assert.Contains(
            "layer11 and 28 more", Assert.Throws<FoveaException>(() => other.CopyTo(module, "Toy", "other")).Message,
                StringComparison.Ordinal);
    }

    private static Dictionary<string, Tensor> Network(int classes) => new()
    {
        ["bn.weight"] = ones(3, requires_grad: true),
        ["bn.bias"] = zeros(3, requires_grad: true),
        ["bn.running_mean"] = zeros(3),
        ["bn.running_var"] = ones(3),
        ["bn.num_batches_tracked"] = tensor(0L),
        ["fc.weight"] = randn([classes, 3], requires_grad: true),
        ["fc.bias"] = randn([classes], requires_grad: true),
    };

    /// <summary>What a check before a run needs to know, without reading weights.</summary>
    [Theory]
    [InlineData(".pth")]
    [InlineData(".safetensors")]
    public void Shapes_are_read_without_what_is_in_the_tensors(string ending)
    {
        string path = Path.Combine(Path.GetTempPath(), $"fovea-{Guid.NewGuid():N}{ending}");
        try
        {
            using var model = Fovea.Models.ImageModel.Create("small_cnn", 4);
            using var other = Fovea.Models.ImageModel.Create("small_cnn", 5);
            using (var state = StateDict.Of(model.State)) state.Save(path);
            using (StateDict whole = StateDict.Load(path), shapes = StateDict.LoadShapes(path))
            {
                Assert.Equal(whole.Keys, shapes.Keys);
                Assert.All(whole,
                    pair => Assert.Equal(
                        (pair.Value.dtype, string.Join(",", pair.Value.shape)),
                            (shapes[pair.Key].dtype, string.Join(",", shapes[pair.Key].shape))));
                Assert.All(shapes.Values, tensor => Assert.All(tensor.stride(), stride => Assert.Equal(0, stride))); // one number of memory
                Assert.Empty(shapes.RequireFit(model.State, "small_cnn", path));
                string expected = Assert.Throws<FoveaException>(() => whole.CopyTo(other.State, "small_cnn", path)).Message;
                Assert.Equal(expected, Assert.Throws<FoveaException>(() => shapes.RequireFit(other.State, "small_cnn", path)).Message);
            }
            if (ending == ".safetensors") return; // its tensors have no checksums that would show whether they were read
            byte[] bytes = File.ReadAllBytes(path);
            bytes[bytes.Length / 2] ^= 0x55;
            File.WriteAllBytes(path, bytes);
            Assert.Throws<FoveaException>(() => StateDict.Load(path));
            StateDict.LoadShapes(path).Dispose();
        }
        finally
        {
            File.Delete(path);
        }
    }
}
