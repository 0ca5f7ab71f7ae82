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
                foreach (string prefix in new[] { "module.", "_orig_mod.", "model.", "net.", "backbone.", "encoder.", "model._orig_mod.",
                    "module.model.", "student.backbone.", "anything." })
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
        using ImageModel source = Fresh(1), target = Fresh(2);
        string path = Path.Combine(folder.Root, "w" + ending);
        using (var weights = StateDict.Of(source.State)) Save(
            path, weights.Select(
                pair => (prefix + pair.Key, pair.Key.EndsWith("num_batches_tracked") ? pair.Value.reshape(1) : pair.Value)));
        using var read = StateDict.Load(path);
        string note = string.Join(" ", target.CopyFrom(read, path));
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
        using ImageModel source = Fresh(1), target = Fresh(2);
        string path = Path.Combine(folder.Root, "w" + ending);
        using Tensor one = ones(1), two = ones(8);
        using (var weights = StateDict.Of(source.State))
        {
            Save(path, [("n_averaged", one), ("criterion.weight", two),
                .. weights.Select(pair => ("model." + pair.Key.Replace("block2.", "block2._orig_mod."), pair.Value))]);
        }
        using var read = StateDict.Load(path);
        target.CopyFrom(read, path);
        RequireSame(source, target);
    }

    [Fact]
    public void Averaged_weights_beside_the_last_ones_are_named_and_can_be_asked_for_by_their_prefix()
    {
        using var folder = new TestImages();
        using ImageModel last = Fresh(1), averaged = Fresh(2), target = Fresh(3);
        string path = Path.Combine(folder.Root, "w.safetensors");
        using (StateDict a = StateDict.Of(last.State), b = StateDict.Of(averaged.State))
            Save(path, [.. a.Select(pair => ("model." + pair.Key, pair.Value)),
                .. b.Select(pair => ("ema_model." + pair.Key, pair.Value))]);
        using (var read = StateDict.Load(path)) Assert.Contains("--weights-key ema_model", string.Join(" ", target.CopyFrom(read, path)));
        RequireSame(last, target);
        using (var read = StateDict.Load(path, "ema_model")) target.CopyFrom(read, path);
        RequireSame(averaged, target);
        Assert.Contains("no weights under nothing", Assert.Throws<FoveaException>(() => StateDict.Load(path, "nothing")).Message);
    }

    [Fact]
    public void A_prefix_whose_rest_does_not_fit_stays_and_is_named()
    {
        using var folder = new TestImages();
        using ImageModel source = Fresh(1), target = Fresh(2);
        string path = Path.Combine(folder.Root, "w.safetensors");
        using (var weights = StateDict.Of(source.State)) Save(path, weights.Skip(1).Select(pair => ("model." + pair.Key, pair.Value)));
        using var read = StateDict.Load(path);
        Assert.Contains("All names begin with model.", Assert.Throws<FoveaException>(() => target.CopyFrom(read, path)).Message);
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

    /// <summary>As training scripts save: the best accuracy is a tensor, and stands beside the weights.</summary>
    [Theory]
    [InlineData("=best_acc1", "state_dict")]
    [InlineData("=epoch", "model")]
    public void Tensors_beside_a_set_of_weights_are_not_taken_for_weights(string loose, string key)
    {
        using var folder = new TestImages();
        string path = NestedCheckpoint.Write(folder, (loose, 71.5f), (key, 2f));
        using var read = StateDict.Load(path);
        Assert.Equal(2f, Assert.Single(read).Value.item<float>());
        Assert.Empty(read.Notes);
    }

    [Theory]
    [InlineData("ema")]
    [InlineData("averaged_model")]
    [InlineData("ema.module")]
    public void Averaged_weights_that_are_the_only_ones_are_taken_and_it_is_said(string key)
    {
        using var folder = new TestImages();
        using var read = StateDict.Load(NestedCheckpoint.Write(folder, (key, 2f)));
        Assert.Equal(2f, read["weight"].item<float>());
        Assert.Contains($"averaged ones ({key})", Assert.Single(read.Notes));
    }

    [Theory]
    [InlineData(".pth")]
    [InlineData(".safetensors")]
    public void Of_two_whole_sets_none_is_guessed(string ending)
    {
        using var folder = new TestImages();
        using ImageModel student = Fresh(1), teacher = Fresh(2), target = Fresh(3);
        string path = Path.Combine(folder.Root, "w" + ending);
        using (StateDict a = StateDict.Of(student.State), b = StateDict.Of(teacher.State))
            Save(path, [.. a.Select(pair => ("student." + pair.Key, pair.Value)),
                .. b.Select(pair => ("teacher." + pair.Key, pair.Value))]);
        using (var read = StateDict.Load(path))
            Assert.Contains(
                "several whole sets of weights for small_cnn, under student., teacher.: say which with --weights-key student",
                    Assert.Throws<FoveaException>(() => target.CopyFrom(read, path)).Message);
        using (var read = StateDict.Load(path, "teacher")) target.CopyFrom(read, path);
        RequireSame(teacher, target);
    }

    private static ImageModel Fresh(ulong seed)
    {
        ImageModel network = ImageModel.Create("small_cnn", 8, GradientFlow.Standard);
        network.Initialise(seed);
        return network;
    }

    private static void Save(string path, IEnumerable<(string Name, Tensor Tensor)> tensors)
    {
        var all = new OrderedDictionary<string, Tensor>(tensors.Select(pair => KeyValuePair.Create(pair.Name, pair.Tensor)));
        if (path.EndsWith(".pth", StringComparison.Ordinal)) PyTorchFile.Write(path, all);
        else Safetensors.Write(path, all);
    }

    private static void RequireSame(ImageModel expected, ImageModel actual)
    {
        using StateDict a = StateDict.Of(expected.State), b = StateDict.Of(actual.State);
        Assert.All(a, pair => Assert.True(pair.Value.equal(b[pair.Key]).all().item<bool>(), pair.Key));
    }
}
