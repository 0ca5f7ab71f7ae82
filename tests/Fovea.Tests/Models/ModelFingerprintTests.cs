using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Models.Graph;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models;

/// <summary>
/// A network is told from another by its graph, its weights and its preprocessing, and not by where it is or how it came there.
/// </summary>
public sealed class ModelFingerprintTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_network_written_and_read_again_has_the_same()
    {
        using ImageModel model = Model();
        string own = ModelFingerprint.Of(model);
        Assert.StartsWith("small_cnn:", own, StringComparison.Ordinal);
        Assert.Equal(own, ModelFingerprint.Of(model));
        ModelFile.Save(_folder, model, new ClassList([.. Enumerable.Range(0, 4).Select(i => new ClassInfo($"{i}", $"{i}"))]));
        using ImageModel read = ModelFile.Load(_folder);
        Assert.Equal(own, ModelFingerprint.Of(read));
        Assert.Equal("small_cnn " + own[10..22], ModelFingerprint.Short(own));
    }

    [Fact]
    public void Each_of_weights_form_and_preprocessing_changes_it()
    {
        using ImageModel model = Model(), seed = Model(seed: 2), modified = Model(GradientFlow.Modified);
        string own = ModelFingerprint.Of(model);
        HashSet<string> all =
            [own, ModelFingerprint.Of(seed), ModelFingerprint.Of(modified),
                ModelFingerprint.Of(model.With(Preprocessing.ImageNet(null, 64)))];
        using (no_grad())
        using (Tensor last = model.State.Values.Last(one => one.is_floating_point()).view(-1)[^1])
            last.add_(1e-3);
        all.Add(ModelFingerprint.Of(model));
        Assert.Equal(5, all.Count);
    }

    /// <summary>The same weights under the same names, put together in another way.</summary>
    [Fact]
    public void The_graph_is_part_of_it()
    {
        using ImageModel one = Strided(1), two = Strided(2);
        foreach (var (name, tensor) in two.State) Assert.True(tensor.equal(one.State[name]).all().item<bool>());
        Assert.NotEqual(ModelFingerprint.Of(one), ModelFingerprint.Of(two));
    }

    private static ImageModel Model(GradientFlow? flow = null, ulong seed = 1) =>
        ImageModel.Create("small_cnn", 4, flow, Preprocessing.ImageNet(null, 32), seed);

    private static ImageModel Strided(int stride)
    {
        var g = new GraphBuilder();
        string layer = g.Relu("layer", g.Conv("conv", g.Input, 3, 4, window: 3, stride: stride, padding: 1, bias: true));
        string pooled = g.Apply(Operators.Flatten, OperatorAttributes.None, g.AveragePositions("pool", layer));
        var model = new ImageModel(g.Build("own", g.Linear("fc", pooled, 4, 2)), Preprocessing.ImageNet(null, 32));
        model.Initialise(1);
        return model;
    }
}
