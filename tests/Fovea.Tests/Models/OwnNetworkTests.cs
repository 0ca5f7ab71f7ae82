using Fovea.Activations;
using Fovea.Imaging;
using Fovea.Interpretation.Attribution;
using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Numerics;
using Fovea.Tests.Dictionaries;
using Fovea.Tests.Interpretation;
using Fovea.Visualization;
using Fovea.Visualization.Objectives;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models;

/// <summary>
/// A network of a user's own: parallel branches that are concatenated, a gate, an operation of its own, two outputs of one node.
/// </summary>
public sealed class OwnNetworkTests : IDisposable
{
    private static readonly Preprocessing Input = new(null, 24, [0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]);
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-own-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("stem")]
    [InlineData("wide.conv")]
    [InlineData("narrow.relu")]
    [InlineData("joined")]
    [InlineData("gated")]
    public void Its_receptive_fields_are_where_single_pixels_matter(string layer)
    {
        using var scope = NewDisposeScope();
        using var model = Make(GradientFlow.Modified);
        Tensor input = Samples.Normal([1, 3, 24, 20], "own", ScalarType.Float32).requires_grad_(true);
        Tensor maps = model.Forward(input, new Probe(layer))[layer];
        var field = ReceptiveField.Of(model, layer, 24, 20);
        Assert.Equal((maps.shape[2], maps.shape[3]), (field.GridHeight, field.GridWidth));
        foreach (var (y, x) in new[] { (0, field.GridWidth - 1), (field.GridHeight / 2, field.GridWidth / 2) })
        {
            Tensor weights = Samples.Normal([maps.shape[1]], "weights", ScalarType.Float32);
            byte[] touched = Gradients.Of((maps[0, .., y, x] * weights).sum(), input, keep: true).abs().sum([0L, 1L]).ne(0).to(uint8)
                .data<byte>().ToArray();
            PixelBox box = field.Box(y, x);
            for (int i = 0; i < touched.Length; i++)
            {
                bool inside = i / 20 >= box.Top && i / 20 < box.Top + box.Height && i % 20 >= box.Left && i % 20 < box.Left + box.Width;
                Assert.True(inside == (touched[i] != 0), $"{layer} ({y}, {x}): {box}, pixel ({i / 20}, {i % 20})");
            }
        }
    }

    [Fact]
    public void An_operation_whose_reach_is_not_known_may_see_everything()
    {
        using var model = Make(GradientFlow.Standard);
        var field = ReceptiveField.Of(model, "turned", 24, 20);
        Assert.Equal((6, 5), (field.GridHeight, field.GridWidth));
        Assert.Equal(new PixelBox(0, 0, 20, 24), field.Box(2, 2));
    }

    [Fact]
    public void It_goes_on_after_a_cut_where_nothing_passes_by()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = Make(GradientFlow.Standard);
        Tensor input = Samples.Normal([3, 3, 24, 24], "own", ScalarType.Float32);
        string[] alone = [.. model.LayerNames.Where(model.CanContinueAfter)];
        Assert.Equal(["stem.conv", "stem", "joined", "gated", "turned", "last", "pool", "fc"], alone);
        ProbeResult read = model.Forward(input, new Probe(model.LayerNames) { Output = true });
        foreach (string layer in alone) Assert.True(model.ContinueAfter(layer, read[layer]).equal(read.Logits).all().item<bool>(), layer);
        foreach (string layer in model.LayerNames)
        {
            LayerTail.Pass pass = new LayerTail(model, layer).Run(input);
            Tensor edited = model.Forward(input, new Probe().With(layer, x => x * 0.5 + 1)).Logits;
            Assert.True(pass.With(pass.Output * 0.5 + 1).equal(edited).all().item<bool>(), layer);
            Assert.False(edited.equal(read.Logits).all().item<bool>(), layer);
        }
        Assert.Throws<FoveaException>(() => model.ContinueAfter("wide.conv", read["wide.conv"]));
    }

    [Fact]
    public void It_is_modified_like_the_catalogues()
    {
        using var standard = Make(GradientFlow.Standard);
        using var modified = Make(GradientFlow.Modified);
        Assert.Equal(
            ["max_pool2d", "relu", "relu6"], Kinds(standard).Where(kind => kind is "relu" or "relu6" or "max_pool2d").Distinct().Order());
        Assert.DoesNotContain(Kinds(modified), kind => kind is "relu" or "relu6" or "max_pool2d");
        Assert.Equal(standard.LayerNames, modified.LayerNames);
        var graph = new GraphBuilder();
        string x = graph.Layer(
            "pool", Operators.MaxPool2d, new() { ["kernel"] = new long[] { 2, 2 }, ["dilation"] = new long[] { 2, 2 } }, graph.Input);
        Assert.Equal(
            FailureKind.Configuration, Assert.Throws<FoveaException>(() => GradientFlow.Modified.Apply(graph.Build("dilated", x))).Kind);

        static IEnumerable<string> Kinds(ImageModel model) => model.Graph.Layers.Select(layer => layer.Kind);
    }

    [Fact]
    public void Its_head_behind_pooling_is_found_and_an_own_one_is_not()
    {
        using var model = Make(GradientFlow.Standard);
        Assert.Same(model.State["fc.weight"], PooledHead.After(model, "last")!.Weight);
        Assert.Null(PooledHead.After(model, "gated"));
        Assert.Null(PooledHead.After(model, "wide.conv"));
    }

    /// <summary>Layers on parallel branches, with a filter that needs gradients: the process used to end here.</summary>
    [Fact]
    public void Its_parallel_branches_are_harvested_with_gradients()
    {
        using var model = Make(GradientFlow.Modified);
        string[] layers = ["narrow.relu", "wide.conv", "joined", "stem"];
        new Harvester(model, new NoisePictures(6), new HarvestOptions { Layers = layers, Filters = ["gradcam"], BatchSize = 3 })
            .Run([.. Enumerable.Range(0, 6)], _root, cancellation: TestContext.Current.CancellationToken);
        using var scope = NewDisposeScope();
        foreach (string layer in layers)
        {
            using var store = ActivationStore.Open(Path.Combine(_root, layer));
            float[] maps = [.. store.ScoreMaps("gradcam").SelectMany(map => map)];
            for (int image = 0; image < 6; image++)
            {
                var pixels = new float[3 * 24 * 24];
                var source = new NoisePictures(6);
                Input.Apply(source.Read(image), 0, pixels);
                Tensor alone = ClassActivationMaps.Compute(
                    model, layer, tensor(pixels, [1, 3, 24, 24]), [source.Label(image)], ClassActivationMaps.Get("gradcam"))[0].relu();
                float[] expected = (alone / alone.max()).flatten().data<float>()
                    .ToArray(), actual = maps.AsSpan(image * expected.Length, expected.Length).ToArray();
                if (float.IsNaN(expected[0])) Assert.True(float.IsNaN(actual[0]));
                else for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 1e-4f);
            }
        }
    }

    [Fact]
    public void Pictures_of_it_are_rendered_and_an_objective_without_a_gradient_is_refused()
    {
        using var model = Make(GradientFlow.Modified);
        var options = RenderPresets.Get("paper") with { Steps = 3, Size = 24 };
        Assert.Equal(2, FeatureRenderer.Render(model, new UnitObjective("joined", [1, 20]), options).Count);
        var error = Assert.Throws<FoveaException>(() => FeatureRenderer.Render(model, new Flat(), options));
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Contains("no gradient", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Operations_that_work_in_place_elsewhere_do_not_here()
    {
        using var scope = NewDisposeScope();
        Assert.Same(Operators.Relu, Operators.Get("relu_"));
        var g = new GraphBuilder();
        string conv = g.Conv("conv", g.Input, 3, 4, 1), relu = g.Layer("relu", Operators.Get("relu_"), OperatorAttributes.None, conv);
        string twice = g.Layer("twice", Operators.Get("add_"), OperatorAttributes.None, relu, relu);
        using var model = new ImageModel(
            g.Build("in place", g.Apply(Operators.Mean, new() { ["dims"] = new long[] { 2, 3 } }, twice)), Input);
        model.Initialise(1);
        Tensor input = Samples.Normal([2, 3, 24, 24], "own", ScalarType.Float32);
        Tensor alone = model.Forward(input, new Probe("conv"))["conv"];
        ProbeResult all = model.Forward(input, new Probe("conv", "relu", "twice"));
        Assert.True(all["conv"].equal(alone).all().item<bool>());
        Assert.True(alone.lt(0).any().item<bool>());
        Assert.True(all["relu"].equal(alone.relu()).all().item<bool>());
    }

    [Fact]
    public void A_graph_that_cannot_be_run_is_refused()
    {
        GraphNode relu = new(Operators.Relu, OperatorAttributes.None, ["later"], ["y"]), later = new(
            Operators.Relu, OperatorAttributes.None, ["x"], ["later"]);
        Refused(() => new NetworkGraph("order", "x", "y", [relu, later], [], []));
        Refused(() => new NetworkGraph("no output", "x", "z", [later], [], []));
        Refused(() => new NetworkGraph("twice", "x", "later", [later, later], [], []));
        Refused(() => new NetworkGraph("layer", "x", "later", [later], [], [new GraphLayer("a", "b", "relu")]));
        Refused(() => Operators.Get("no such thing"));

        static void Refused(Action make) => Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(make).Kind);
    }

    [Fact]
    public void An_application_adds_an_architecture_and_its_files_are_read()
    {
        Architectures.Add(new Fovea.Models.Architecture("own_network", Graph, 24, null, "joined"));
        Assert.Throws<FoveaException>(() => Architectures.Add(new Fovea.Models.Architecture("own_network", Graph, 24, null, "joined")));
        using var model = ImageModel.Create("own_network", 5, preprocessing: Input);
        ModelFile.Save(_root, model, new NoisePictures(1).Classes);
        using ImageModel read = ModelFile.Load(_root);
        using var scope = NewDisposeScope();
        Tensor input = Samples.Normal([2, 3, 24, 24], "own", ScalarType.Float32);
        Assert.True(read.Forward(input).equal(model.Forward(input)).all().item<bool>());
        Assert.Equal("a", read.ClassName(0));
    }

    private static ImageModel Make(GradientFlow flow)
    {
        var model = new ImageModel(Graph(5), Input, flow: flow);
        model.Initialise(6);
        return model;
    }

    private static NetworkGraph Graph(int classes)
    {
        var turn = new Operator("turn", _ => x => x[0].flip(2));
        var g = new GraphBuilder();
        string stem = g.Relu6("stem", g.Conv("stem.conv", g.Input, 3, 12, 3, 2, 1, bias: true));
        string wide = g.MaxPool("wide.pool", g.Conv("wide.conv", stem, 12, 16, 5, 1, 2), 2, 2);
        string narrow = g.Relu("narrow.relu", g.Conv("narrow.conv", stem, 12, 8, 1, 2));
        string joined = g.Layer("joined", Operators.Concatenate, OperatorAttributes.None, wide, narrow);
        string gate = g.Apply(Operators.Get("sigmoid"), OperatorAttributes.None, joined);
        string gated = g.Layer("gated", Operators.Get("mul"), OperatorAttributes.None, joined, gate);
        string turned = g.Layer("turned", turn, OperatorAttributes.None, gated);
        string last = g.Conv("last", turned, 24, 10, 3, 1, 1, bias: true);
        string pooled = g.Apply(Operators.Flatten, OperatorAttributes.None, g.AveragePositions("pool", last));
        return g.Build("own_network", g.Linear("fc", pooled, 10, classes));
    }

    private sealed class Flat : IObjective
    {
        public string Layer => "joined";

        public IReadOnlyList<string> Layers => ["joined"];

        public IReadOnlyList<PictureKey> Keys { get; } = PictureKey.Number("joined", [0]);

        public IReadOnlyList<int> Units => [0];

        public string Description => "nothing";

        public string Describe(int picture) => Description;

        public bool CanSplitAt(int picture) => true;

        public IObjective Slice(int start, int count) => this;

        public Tensor Evaluate(ProbeResult taps) => taps[Layer].detach().mean([1L, 2, 3]);

        public Tensor Peak(ProbeResult taps) => Evaluate(taps);
    }
}
