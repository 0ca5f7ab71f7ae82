using System.Text.Json;
using Fovea.Dictionaries.Sparse;
using Fovea.Interpretation;
using Fovea.Interventions;
using Fovea.Interventions.Circuits;
using Fovea.Models;
using Fovea.Models.Edits;
using Fovea.Tests.Interpretation;
using Fovea.Tests.Interventions.Effects;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Interventions.Circuits;

/// <summary>Circuits of usual networks against whole passes with hooks, one change at a time.</summary>
[Collection(TensorCounts.Name)]
public sealed class CircuitSlowLoopTests
{
    private const int Class = 2;

    public static TheoryData<string, string, string, bool> Networks => new()
    {
        { "small_cnn", "block2", "block3", true }, { "small_cnn", "block3", "block4", false }, { "resnet18", "layer3", "layer4", true },
        { "mobilenet_v2", "features.15", "features.18", true }, { "resnet18", "layer2", "layer3", false },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void Everything_measured_is_what_whole_passes_with_hooks_give(string network, string from, string to, bool mean)
    {
        using ImageModel model = EffectNetworks.Make(network, "");
        using var source = new NoisePictures(EffectNetworks.Images);
        using TopKAutoencoder first = Dictionary(model, from), second = Dictionary(model, to);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor images = EffectNetworks.Batch(model, source, Enumerable.Range(0, EffectNetworks.Images));
        Side a = new(model, from, first, images, mean), b = new(model, to, second, images, mean);
        var options = new CircuitOptions { Nodes = 9, Edges = 12, IntegrationSteps = 2, RandomGraphs = 1, BatchSize = 4 };
        CircuitDocument found = CircuitStudy.Find(
            model, a.Layer, b.Layer, CircuitTarget.OfClass(Class), WrittenCircuit.Words, source, options, null,
            TestContext.Current.CancellationToken);
        Assert.Equal(9, found.Nodes.Count);
        Tensor own = model.Forward(images).select(1, Class);
        double size = Math.Max(1, own.abs().max().item<float>());
        void Same(Tensor changed, double effect) => Assert.Equal((own - changed).mean().item<float>() / size, effect / size, 1e-5);
        Tensor Hooked(Func<Tensor, Tensor>? edit, Func<Tensor, Tensor>? later)
        {
            var probe = new Probe { Output = true };
            if (edit is not null) probe = probe.With(from, edit);
            if (later is not null) probe = probe.With(to, later);
            return model.Forward(images, probe).Logits.select(1, Class);
        }
        Tensor plain = model.Forward(images, new Probe(to))[to];
        foreach (CircuitNodeRecord node in found.Nodes)
            Same(node.Layer == from ? Hooked(a.Out(node.Unit), null) : Hooked(null, b.Out(node.Unit)), node.Effect.Mean);
        foreach (CircuitEdgeRecord edge in found.Edges.Where(edge => edge.To is not null))
        {
            // The later layer as it is without the node, of which one node's value alone is taken over.
            var probe = new Probe(to).With(from, a.Out(found.Nodes[edge.From].Unit));
            Tensor patched = model.Forward(images, probe)[to];
            Same(Hooked(null, _ => b.TakeOver(plain, patched, found.Nodes[edge.To!.Value].Unit)), edge.Effect.Mean);
        }
        foreach (CircuitPoint point in found.Curves[0].Points)
        {
            int?[] earlier = Units(point.Nodes, from), later = Units(point.Nodes, to);
            Tensor none = Hooked(a.Keep([]), b.Keep([]));
            double whole = (own - none).mean().item<float>();
            double near = 4e-5 * size / Math.Abs(whole);
            Assert.Equal((Hooked(a.Keep(earlier), b.Keep(later)) - none).mean().item<float>() / whole, point.Faithfulness.Mean, near);
            Assert.Equal((Hooked(a.Drop(earlier), b.Drop(later)) - none).mean().item<float>() / whole, point.Completeness.Mean, near);
        }

        int?[] Units(int size, string layer) => [.. found.Nodes.Take(size).Where(node => node.Layer == layer).Select(node => node.Unit)];
    }

    [Fact]
    public void It_is_the_same_each_time_whatever_the_batches_and_leaves_no_tensor()
    {
        using ImageModel model = EffectNetworks.Make("small_cnn", "");
        using var source = new NoisePictures(EffectNetworks.Images);
        using TopKAutoencoder first = Dictionary(model, "block2"), second = Dictionary(model, "block3");
        string Once(int batch) => JsonSerializer.Serialize(CircuitStudy.Find(
            model, new CircuitLayer(UnitGroup.Latents("block2", "topk", first)), new CircuitLayer(UnitGroup.Latents("block3", "topk", second)),
            CircuitTarget.OfClass(Class), WrittenCircuit.Words, source,
            new CircuitOptions { Nodes = 6, IntegrationSteps = 2, ChosenOn = [0, 2, 4, 6], JudgedOn = [1, 3, 5], BatchSize = batch }), DocumentJson.Options);
        string one = Once(32);
        long before = TensorCounts.Settled();
        Assert.Equal(one, Once(32));
        Assert.Equal(before, TensorCounts.Settled());
        CircuitDocument whole = DocumentFile.Parse<CircuitDocument>(System.Text.Encoding.UTF8.GetBytes(one), "one"),
            pieces = DocumentFile.Parse<CircuitDocument>(System.Text.Encoding.UTF8.GetBytes(Once(2)), "pieces");
        Assert.Equal((4, 3, true), (whole.ChosenOn, whole.Images, whole.HeldOut));
        Assert.Equal(whole.Nodes.Select(node => (node.Layer, node.Unit)), pieces.Nodes.Select(node => (node.Layer, node.Unit)));
        Assert.All(whole.Nodes.Zip(pieces.Nodes), pair => Assert.Equal(pair.First.Effect.Mean, pair.Second.Effect.Mean, 1e-4));
        Assert.All(whole.Curves[0].Points, point => Assert.InRange(point.Faithfulness.Mean, point.Faithfulness.Lower, point.Faithfulness.Upper));
    }

    [Fact]
    public void One_image_has_effects_and_no_intervals()
    {
        using ImageModel model = EffectNetworks.Make("small_cnn", "");
        using var noise = new NoisePictures(1);
        using var source = CircuitImages.Of("one", noise.Read(0));
        Assert.InRange(CircuitImages.Predicted(model, source), 0, 4);
        CircuitDocument found = CircuitStudy.Find(
            model, WrittenCircuit.Neurons("block2"), WrittenCircuit.Neurons("block3"), CircuitTarget.OfClass(Class), WrittenCircuit.Words, source,
            new CircuitOptions { Nodes = 6, IntegrationSteps = 2 });
        Assert.Equal((1, false), (found.Images, found.HeldOut));
        Assert.All(found.Nodes, node => Assert.True(double.IsNaN(node.Effect.Lower)));
        Assert.All(found.Edges, edge => Assert.Contains(edge.Verdict, CircuitVerdicts.All));
    }

    [Theory]
    [InlineData("layer4", "layer3", "Swap them")]
    [InlineData("layer1", "layer2.0.conv1", "a way leads around")]
    [InlineData("layer3", "layer3", "one and the same")]
    [InlineData("layer3", "layer9", "layer9")]
    [InlineData("layer2.0.conv1", "layer2.0.downsample.0", "depend")]
    public void Layers_without_a_circuit_are_refused(string from, string to, string says)
    {
        using ImageModel model = EffectNetworks.Make("resnet18", "");
        FoveaException error = Assert.Throws<FoveaException>(() => CircuitStudy.Require(model, UnitGroup.Neurons(from), UnitGroup.Neurons(to)));
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dictionary_that_normalises_is_refused_before_images_are_read()
    {
        using ImageModel model = EffectNetworks.Make("small_cnn", "");
        using TopKAutoencoder scaled = Dictionary(model, "block2");
        scaled.Normalization = InputNormalization.LayerNorm;
        FoveaException error = Assert.Throws<FoveaException>(
            () => CircuitStudy.Require(model, UnitGroup.Latents("block2", "topk", scaled), UnitGroup.Neurons("block3")));
        Assert.Contains("without normalisation", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        using ImageModel model = EffectNetworks.Make("small_cnn", "");
        using var source = new NoisePictures(4);
        using TopKAutoencoder other = Dictionary(model, "block4");
        using TopKAutoencoder scaled = Dictionary(model, "block2");
        scaled.Normalization = InputNormalization.LayerNorm;
        CircuitLayer early = WrittenCircuit.Neurons("block2"), to = WrittenCircuit.Neurons("block3");
        void Refused(CircuitLayer first, CircuitLayer second, CircuitTarget target, CircuitOptions? options = null) =>
            Assert.Equal(FailureKind.Configuration, Assert.Throws<FoveaException>(
                () => CircuitStudy.Find(model, first, second, target, WrittenCircuit.Words, source, options)).Kind);
        Refused(early, to, CircuitTarget.OfClass(5));
        Refused(early, to, CircuitTarget.OfClass(1, 9));
        Refused(early, to, CircuitTarget.OfUnit(100_000));
        Refused(early, to, CircuitTarget.OfClass(1), new CircuitOptions { Nodes = 1 });
        Refused(early with { VectorMean = [1, 2] }, to with { VectorMean = [1] }, CircuitTarget.OfClass(1));
        Refused(early with { VectorMean = [1, 2] }, to, CircuitTarget.OfClass(1));
        Refused(new CircuitLayer(new UnitGroup("topk", "block2", other)), to, CircuitTarget.OfClass(1));
        Refused(new CircuitLayer(new UnitGroup("topk", "block2", scaled)), to, CircuitTarget.OfClass(1));
        Assert.Throws<FoveaException>(() => CircuitTarget.OfClass(1, 1));
        Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(
            () => CircuitImages.OfClass(model, source, [0, 1, 2, 3], 4, 10, predicted: false, 1)).Kind);
    }

    private static TopKAutoencoder Dictionary(ImageModel model, string layer)
    {
        var dictionary = new TopKAutoencoder(model.Layers.First(one => one.Name == layer).Shape[0], 24, 6);
        dictionary.Initialize(2);
        return dictionary;
    }

    /// <summary>A layer in the plainest way: codes, reconstructions and errors of whole outputs.</summary>
    private sealed class Side
    {
        private readonly TopKAutoencoder _dictionary;
        private readonly Tensor _mean, _codes, _error;

        public Side(ImageModel model, string layer, TopKAutoencoder dictionary, Tensor images, bool mean)
        {
            _dictionary = dictionary;
            Tensor rows = Rows(model.Forward(images, new Probe(layer))[layer]);
            // Not the mean of these images: before a linear head there would be nothing to explain.
            _mean = mean ? rows.mean([0L]) * 0.5 : zeros(rows.shape[1]);
            _codes = mean ? dictionary.EncodeDense(rows).mean([0L]) * 0.5 : zeros(dictionary.LatentSize);
            _error = mean ? _mean - dictionary.DecodeDense(_codes.unsqueeze(0)).squeeze(0) : zeros(rows.shape[1]);
            Layer = new CircuitLayer(UnitGroup.Latents(layer, "topk", dictionary))
            {
                VectorMean = mean ? _mean.data<float>().ToArray() : null,
                UnitMeans = mean ? _codes.data<float>().ToArray() : null,
            };
        }

        public CircuitLayer Layer { get; }

        /// <summary>One node taken out: of a latent as an intervention does it.</summary>
        public Func<Tensor, Tensor> Out(int? unit) => output => unit is { } latent
            ? new Intervention(Layer.Units.Layer, new Latents(_dictionary, DictionaryError.Kept, latent),
                UnitOperation.Set(_codes[latent].item<float>())).Apply(output)
            : Put(output, rows => _dictionary.DecodeDense(_dictionary.EncodeDense(rows)) + _error);

        public Func<Tensor, Tensor> Keep(int?[] units) => output => Put(output, rows => Sum(rows, units, kept: true));

        public Func<Tensor, Tensor> Drop(int?[] units) => output => Put(output, rows => Sum(rows, units, kept: false));

        public Tensor TakeOver(Tensor output, Tensor from, int? unit) => Put(output, rows =>
        {
            Tensor other = Rows(from), own = _dictionary.EncodeDense(rows), theirs = _dictionary.EncodeDense(other);
            if (unit is not { } latent) return _dictionary.DecodeDense(own) + (other - _dictionary.DecodeDense(theirs));
            Tensor codes = own.clone();
            codes.select(1, latent).copy_(theirs.select(1, latent));
            return _dictionary.DecodeDense(codes) + (rows - _dictionary.DecodeDense(own));
        });

        private Tensor Sum(Tensor rows, int?[] units, bool kept)
        {
            Tensor own = _dictionary.EncodeDense(rows), error = rows - _dictionary.DecodeDense(own);
            Tensor codes = kept ? _codes.expand(own.shape).clone() : own.clone();
            foreach (int latent in units.OfType<int>())
            {
                if (kept) codes.select(1, latent).copy_(own.select(1, latent));
                else codes.select(1, latent).fill_(_codes[latent].item<float>());
            }
            return _dictionary.DecodeDense(codes) + (units.Contains(null) == kept ? error : _error);
        }

        private static Tensor Rows(Tensor output) => output.movedim([1], [-1]).reshape(-1, output.shape[1]);

        private static Tensor Put(Tensor output, Func<Tensor, Tensor> change)
        {
            Tensor last = output.movedim([1], [-1]);
            return change(last.reshape(-1, output.shape[1])).reshape(last.shape).movedim([-1], [1]).contiguous();
        }
    }
}
