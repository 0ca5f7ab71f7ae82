using System.Text.Json;
using Fovea.Checkpoints;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Checkpoints;

public sealed class PyTorchFileTests
{
    [Theory]
    [InlineData("every_type")]
    [InlineData("strided")]
    [InlineData("training_checkpoint")]
    [InlineData("parameters")]
    [InlineData("protocol4")]
    public void Reads_what_PyTorch_reads(string name)
    {
        var expected = CheckpointFixtures.Json("expected.json")[name];
        using StateDict weights = PyTorchFile.Read(CheckpointFixtures.Path(name + ".pth"));
        Assert.Equal(expected.Keys, weights.Keys);
        foreach (var (key, row) in expected)
        {
            Tensor tensor = weights[key];
            Assert.Equal(row[0].GetString(), ElementTypes.Of(tensor.dtype).TorchName());
            Assert.Equal(row[1].Deserialize<long[]>(), tensor.shape);
            Assert.Equal(row[2].Deserialize<double[]>(), CheckpointFixtures.Values(tensor));
            Assert.True(tensor.is_contiguous(), $"{key} is not contiguous");
        }
    }

    [Fact]
    public void Tied_weights_stay_tied()
    {
        using StateDict weights = PyTorchFile.Read(CheckpointFixtures.Path("strided.pth"));
        using (no_grad()) weights["tied"].fill_(1000);
        Assert.All(CheckpointFixtures.Values(weights["base"]), value => Assert.Equal(1000, value));
        Assert.DoesNotContain(1000, CheckpointFixtures.Values(weights["transposed"]));
    }

    [Theory]
    [InlineData("mobilenet_v2-imagenet.pth")]
    [InlineData("resnet18-tiny-imagenet.pth")]
    public void Reads_real_weights_as_PyTorch_does(string name)
    {
        var expected = CheckpointFixtures.Json("sums.json")[name];
        using StateDict weights = StateDict.Load(SharedData.Path("data/" + name));
        Assert.Equal(expected.Keys, weights.Keys);
        foreach (var (key, row) in expected)
        {
            Assert.Equal(row[0].GetString(), ElementTypes.Of(weights[key].dtype).TorchName());
            Assert.Equal(row[1].Deserialize<long[]>(), weights[key].shape);
            double[] values = CheckpointFixtures.Values(weights[key]);
            double squares = values.Sum(value => value * value);
            Assert.Equal(row[3].GetDouble(), squares, 1e-9 * (1 + squares));
            Assert.Equal(row[2].GetDouble(), values.Sum(), 1e-9 * (1 + values.Sum(Math.Abs)));
        }
    }

    [Fact]
    public void Tensors_outlive_the_scope_they_were_read_in()
    {
        StateDict weights;
        using (NewDisposeScope()) weights = PyTorchFile.Read(CheckpointFixtures.Path("parameters.pth"));
        using (weights) Assert.Equal(4, weights["weight"].numel());
        Assert.True(weights["weight"].IsInvalid);
    }

    [Theory]
    [InlineData("whole_module.pth", "torch.nn.modules.linear.Linear")]
    [InlineData("expected.json", "neither a PyTorch checkpoint")]
    [InlineData("absent.pth", "Cannot read")]
    public void Other_files_are_refused_with_a_reason(string name, string reason)
    {
        var error = Assert.Throws<FoveaException>(() => StateDict.Load(CheckpointFixtures.Path(name)));
        Assert.Equal(FailureKind.Data, error.Kind);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_truncated_file_is_refused_wherever_it_ends()
    {
        using var folder = new ScratchFolder();
        byte[] whole = File.ReadAllBytes(CheckpointFixtures.Path("strided.pth"));
        for (int length = 0; length < whole.Length; length += 97)
        {
            File.WriteAllBytes(folder["cut.pth"], whole[..length]);
            var error = Assert.Throws<FoveaException>(() => StateDict.Load(folder["cut.pth"]));
            Assert.Equal(FailureKind.Data, error.Kind);
        }
    }
}
