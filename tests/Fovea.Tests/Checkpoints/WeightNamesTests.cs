using Fovea.Checkpoints;
using Fovea.Models;
using Fovea.Tests.Datasets;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Checkpoints;

/// <summary>What wrappers and trainers do to the names of weights comes off alike in every form of file, and is said.</summary>
public sealed class WeightNamesTests
{
    public static TheoryData<string, string> Prefixes
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string ending in new[] { ".pth", ".safetensors" })
            {
                foreach (string prefix in new[] { "module.", "_orig_mod.", "model.", "net.", "backbone.", "encoder.", "model._orig_mod.", "module.model.", "student.backbone.", "anything." })
                    data.Add(prefix, ending);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Prefixes))]
    public void A_prefix_that_all_names_share_comes_off_with_a_note(string prefix, string ending)
    {
        using var folder = new TestImages();
        using Network source = Fresh(1), target = Fresh(2);
        string path = Path.Combine(folder.Root, "w" + ending);
        using (var weights = StateDict.Of(source)) Save(path, weights.Select(pair => (prefix + pair.Key, pair.Key.EndsWith("num_batches_tracked") ? pair.Value.reshape(1) : pair.Value)));
        using var read = StateDict.Load(path);
        string note = string.Join(" ", read.CopyTo(target, path));
        Assert.Contains("taken off", note);
        Assert.Contains(prefix.Split('.')[0], note);
        RequireSame(source, target);
    }

    [Theory]
    [InlineData(".pth")]
    [InlineData(".safetensors")]
    public void Counters_and_losses_beside_the_network_are_dropped_and_a_compiled_block_is_renamed(string ending)
    {
        using var folder = new TestImages();
        using Network source = Fresh(1), target = Fresh(2);
        string path = Path.Combine(folder.Root, "w" + ending);
        using Tensor one = ones(1), two = ones(8);
        using (var weights = StateDict.Of(source))
        {
            Save(path, [("n_averaged", one), ("criterion.weight", two), .. weights.Select(pair => ("model." + pair.Key.Replace("block2.", "block2._orig_mod."), pair.Value))]);
        }
        using var read = StateDict.Load(path);
        read.CopyTo(target, path);
        RequireSame(source, target);
    }

    [Fact]
    public void Averaged_weights_beside_the_last_ones_are_named_and_can_be_asked_for_by_their_prefix()
    {
        using var folder = new TestImages();
        using Network last = Fresh(1), averaged = Fresh(2), target = Fresh(3);
        string path = Path.Combine(folder.Root, "w.safetensors");
        using (StateDict a = StateDict.Of(last), b = StateDict.Of(averaged))
            Save(path, [.. a.Select(pair => ("model." + pair.Key, pair.Value)), .. b.Select(pair => ("ema_model." + pair.Key, pair.Value))]);
        using (var read = StateDict.Load(path)) Assert.Contains("--weights-key ema_model", string.Join(" ", read.CopyTo(target, path)));
        RequireSame(last, target);
        using (var read = StateDict.Load(path, "ema_model")) read.CopyTo(target, path);
        RequireSame(averaged, target);
        Assert.Contains("no weights under nothing", Assert.Throws<FoveaException>(() => StateDict.Load(path, "nothing")).Message);
    }

    [Fact]
    public void A_prefix_whose_rest_does_not_fit_stays_and_is_named()
    {
        using var folder = new TestImages();
        using Network source = Fresh(1), target = Fresh(2);
        string path = Path.Combine(folder.Root, "w.safetensors");
        using (var weights = StateDict.Of(source)) Save(path, weights.Skip(1).Select(pair => ("model." + pair.Key, pair.Value)));
        using var read = StateDict.Load(path);
        Assert.Contains("All names begin with model.", Assert.Throws<FoveaException>(() => read.CopyTo(target, path)).Message);
    }

    [Theory]
    [InlineData("state_dict", "state_dict_ema", "state_dict_ema")]
    [InlineData("model", "model_ema", "model_ema")]
    [InlineData("model_state_dict", "ema.shadow", "ema.shadow")]
    public void Averaged_weights_under_a_key_of_their_own_are_named_and_can_be_asked_for(string usual, string other, string key)
    {
        using var folder = new TestImages();
        string path = NestedCheckpoint.Write(folder, (usual, 1f), (other, 2f));
        using (var read = StateDict.Load(path))
        {
            Assert.Equal(1f, read["weight"].item<float>());
            Assert.Contains($"averaged weights too ({other})", Assert.Single(read.Notes));
        }
        using (var read = StateDict.Load(path, key)) Assert.Equal(2f, read["weight"].item<float>());
        Assert.Contains("no weights under x", Assert.Throws<FoveaException>(() => StateDict.Load(path, "x")).Message);
        WeightsInspection found = WeightsInspection.Open(path);
        Assert.Equal([new StateDictEntry(usual, 1, false), new StateDictEntry(other, 1, true)], found.StateDicts);
        Assert.Equal(usual, found.Chosen);
    }

    private static Network Fresh(ulong seed)
    {
        Network network = Architectures.Create("small_cnn", 8, GradientFlow.Standard);
        network.Initialise(seed);
        return network;
    }

    private static void Save(string path, IEnumerable<(string Name, Tensor Tensor)> tensors)
    {
        var all = new OrderedDictionary<string, Tensor>(tensors.Select(pair => KeyValuePair.Create(pair.Name, pair.Tensor)));
        if (path.EndsWith(".pth", StringComparison.Ordinal)) PyTorchFile.Write(path, all);
        else Safetensors.Write(path, all);
    }

    private static void RequireSame(Network expected, Network actual)
    {
        using StateDict a = StateDict.Of(expected), b = StateDict.Of(actual);
        Assert.All(a, pair => Assert.True(pair.Value.equal(b[pair.Key]).all().item<bool>(), pair.Key));
    }
}
