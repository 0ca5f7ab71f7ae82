using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Models;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models;

public sealed class ModelFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-model").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static ClassList Classes => new([new("n1", "one"), new("n2", "two"), new("n3", "drei — ü")]);

    [Fact]
    public void A_saved_network_comes_back_the_same()
    {
        using var scope = NewDisposeScope();
        using var network = ImageModel.Create("small_cnn", 3, GradientFlow.Modified);
        network.Initialise(4);
        var preprocessing = Preprocessing.ImageNet(72, 64);
        ModelFile.Save(_folder, network.With(preprocessing), Classes);
        using var loaded = ModelFile.Load(_folder);
        Assert.Equal("small_cnn", loaded.Architecture);
        Assert.Equal(GradientFlow.Modified, loaded.Flow);
        Assert.Equal(Classes, loaded.Classes);
        Assert.Equal(preprocessing, loaded.Preprocessing);
        Assert.False(loaded.Training);
        var input = randn(1, 3, 64, 64);
        network.Eval();
        Assert.True(loaded.Forward(input).equal(network.Forward(input)).all().item<bool>());
    }

    [Fact]
    public void Damaged_or_foreign_weights_are_refused()
    {
        using var network = ImageModel.Create("small_cnn", 3, GradientFlow.Standard);
        Assert.Throws<FoveaException>(() => ModelFile.Save(_folder, network.With(Preprocessing.ImageNet(null, 64)), new ClassList([])));
        ModelFile.Save(_folder, network.With(Preprocessing.ImageNet(null, 64)), Classes);
        string weights = Path.Combine(_folder, ModelFile.WeightsName);
        byte[] bytes = File.ReadAllBytes(weights);
        bytes[^1] ^= 1;
        File.WriteAllBytes(weights, bytes);
        Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => ModelFile.Load(_folder)).Kind);
        File.Delete(weights);
        Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => ModelFile.Load(_folder)).Kind);
    }
}
