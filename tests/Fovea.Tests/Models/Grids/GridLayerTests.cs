using Fovea.Imaging;
using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Numerics;
using Fovea.Tests.Dictionaries;
using Fovea.Tests.Shared;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Grids;

/// <summary>Layers of tokens and of channels that come last are read, edited and differentiated by as grids.</summary>
public sealed class GridLayerTests
{
    internal static readonly Preprocessing Input = new(null, 32, [0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]);

    public static TheoryData<int, int, bool> Transformers =>
        new() { { 1, 0, true }, { 3, 0, true }, { 0, 0, false }, { 2, 3, false }, { 0, 4, false } };

    [Theory]
    [MemberData(nameof(Transformers))]
    public void A_layer_of_tokens_is_a_grid(int before, int after, bool classHead)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = Make(TokenNetworks.Vit(before, after, classHead));
        using var raw = Make(TokenNetworks.Vit(before, after, classHead), grids: false);
        Tensor images = Images(3);
        foreach (ModelLayer layer in model.Layers.Where(layer => layer.Name is not ("patches" or "fc")))
        {
            Tensor tokens = raw.Forward(images, new Probe(layer.Name))[layer.Name];
            Tensor grid = model.Forward(images, new Probe(layer.Name))[layer.Name];
            Assert.Equal(new LayerGrid(LayerGrid.Tokens, 4, 8, before, after), layer.Grid);
            Assert.Equal([tokens.shape[2], 4, 8], grid.shape.Skip(1));
            Assert.Equal([(int)tokens.shape[2], 4, 8], layer.Shape);
            // Number by number, row by row of patches.
            for (int y = 0; y < 4; y++)
                for (int x = 0; x < 8; x++)
                    Assert.True(grid[.., .., y, x].equal(tokens[.., before + 8 * y + x]).all().item<bool>(), $"{layer.Name} ({y}, {x})");
            if (before == 0) continue;
            Tensor one = model.Forward(images, new Probe(layer.Name + "@class"))[layer.Name + "@class"];
            Assert.Equal([3, tokens.shape[2], 1, 1], one.shape);
            Assert.True(one.flatten(1).equal(tokens[.., 0]).all().item<bool>());
        }
        Assert.True(model.Forward(images).equal(raw.Forward(images)).all().item<bool>());
        Assert.Null(model.Layers.Single(layer => layer.Name == "patches").Grid);
    }

    [Fact]
    public void A_layer_with_its_channels_last_is_a_grid()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = Make(TokenNetworks.Swin());
        using var raw = Make(TokenNetworks.Swin(), grids: false);
        Tensor images = Images(3);
        int seen = 0;
        foreach (ModelLayer layer in model.Layers.Where(layer => layer.Grid?.Kind == LayerGrid.ChannelsLast))
        {
            Tensor value = raw.Forward(images, new Probe(layer.Name))[layer.Name];
            Tensor grid = model.Forward(images, new Probe(layer.Name))[layer.Name];
            Assert.True(grid.equal(value.permute(0, 3, 1, 2)).all().item<bool>(), layer.Name);
            seen++;
        }
        Assert.Equal(16, seen);
        Assert.True(model.Forward(images).equal(raw.Forward(images)).all().item<bool>());
        ProbeResult both = model.Forward(images, new Probe("stage1", "turned"));
        Assert.True(both["stage1"].equal(both["turned"]).all().item<bool>());
    }

    /// <summary>A red patch on black must be found where it is, whatever the layer's axes.</summary>
    [Theory]
    [InlineData("tokens", LayerGrid.Tokens)]
    [InlineData("last", LayerGrid.ChannelsLast)]
    [InlineData("windows", LayerGrid.Windows)]
    [InlineData("patches", null)]
    public void A_colour_is_found_at_its_position(string layer, string? kind)
    {
        using var scope = NewDisposeScope();
        using var model = Make(TokenNetworks.Colours());
        Assert.Equal(kind, model.Layers.Single(one => one.Name == layer).Grid?.Kind);
        foreach (var (channel, y, x) in new[] { (0, 1, 5), (1, 3, 0), (2, 0, 7), (0, 2, 2) })
        {
            Tensor images = zeros(2, 3, 32, 32);
            images[1, channel, (8 * y)..(8 * y + 8), (4 * x)..(4 * x + 4)].fill_(1);
            Tensor expected = zeros(2, 3, 4, 8);
            expected[1, channel, y, x].fill_(1);
            Assert.True(model.Forward(images, new Probe(layer))[layer].equal(expected).all().item<bool>(), $"{channel} ({y}, {x})");
            // And the gradient of a pixel's own patch goes back to it alone.
            Tensor input = images.detach().requires_grad_(true);
            Tensor gradient = Gradients.Of(model.Forward(input, new Probe(layer))[layer][1, channel, y, x], input, keep: true);
            Assert.Equal(1, gradient[1, channel, (8 * y)..(8 * y + 8), (4 * x)..(4 * x + 4)].sum().item<float>(), 1e-5f);
            Assert.Equal(1, gradient.abs().sum().item<float>(), 1e-5f);
        }
    }

    [Theory]
    [InlineData("vit", "block0")]
    [InlineData("vit", "block0.attention")]
    [InlineData("vit", "block1.norm1")]
    [InlineData("vit", "block1@class")]
    [InlineData("swin", "stage1")]
    [InlineData("swin", "stage1.windows")]
    [InlineData("swin", "stage2.mlp.wide")]
    [InlineData("swin", "stage1.parts")]
    [InlineData("swin", "stage2.attention.qkv")]
    public void It_is_edited_and_differentiated_by_as_a_grid(string network, string layer)
    {
        using var scope = NewDisposeScope();
        using var model = Make(Network(network));
        model.ToType(ScalarType.Float64);
        Tensor images = Images(2).to(float64);
        // What is put back as it was changes nothing, to the last bit.
        Tensor answers = model.Forward(images);
        Assert.True(model.Forward(images, new Probe().With(layer, x => x.clone())).Logits.equal(answers).all().item<bool>());
        Assert.False(model.Forward(images, new Probe().With(layer, x => x * 2 + 1)).Logits.equal(answers).all().item<bool>());

        ProbeResult pass = model.Forward(images, new Probe(layer)
        {
            Output = true,
            Gradient = new ProbeGradient(read => (read.Logits * Weights(read.Logits)).sum(), [layer]),
        });
        Tensor gradient = pass.Gradient(layer);
        Assert.Equal(pass[layer].shape, gradient.shape);
        Tensor direction = Samples.Normal(gradient.shape, "direction", ScalarType.Float64);
        double expected = (gradient * direction).sum().item<double>(), step = 1e-6;
        double actual = (Moved(step) - Moved(-step)) / (2 * step);
        Assert.True(Math.Abs(expected) > 1e-4, $"{expected}");
        Assert.Equal(expected, actual, 1e-5 * Math.Max(1, Math.Abs(expected)));

        // The same through what follows alone.
        var tail = new LayerTail(model, layer).Run(images);
        Tensor moved = model.Forward(images, new Probe().With(layer, x => x + direction)).Logits;
        Assert.True(BatchCheck.Relative(tail.With(tail.Output + direction).to(float32), moved.to(float32)) < 1e-6);

        double Moved(double by)
        {
            using var quiet = no_grad();
            Tensor logits = model.Forward(images, new Probe().With(layer, x => x + direction * by)).Logits;
            return (logits * Weights(logits)).sum().item<double>();
        }

        static Tensor Weights(Tensor logits) => arange(1, logits.shape[1] + 1, dtype: logits.dtype) * 0.3;
    }

    [Fact]
    public void Gradients_of_several_layers_are_each_their_own()
    {
        using var scope = NewDisposeScope();
        using var model = Make(TokenNetworks.Vit());
        Tensor images = Images(2);
        string[] layers = ["embedded", "block0", "block0@class", "block1.norm1"];
        ProbeResult together = model.Forward(images, Of(layers));
        foreach (string layer in layers)
        {
            ProbeResult alone = model.Forward(images, Of(layer));
            Assert.True(BatchCheck.Relative(together.Gradient(layer), alone.Gradient(layer)) < 1e-5, layer);
        }

        static Probe Of(params string[] layers) => new() { Gradient = new ProbeGradient(read => read.Logits[.., 2].sum(), layers) };
    }

    [Theory]
    [InlineData(0, 1, 32)]
    [InlineData(0, 1, -1)]
    [InlineData(0, 3, -2)]
    [InlineData(2, 2, 1)]
    [InlineData(2, 2, 35)]
    public void Nor_where_the_token_that_the_head_reads_stands_behind_them(int before, int after, int read)
    {
        using var model = Make(TokenNetworks.Vit(before, after, read: read));
        Assert.Equal("block1.attention.qkv", LayerChoice.Of(model, model.Layers).Layer!.Name);
        Assert.Throws<FoveaException>(() => LayerChoice.RequireReach(model, "norm"));
        // What it says is so: the derivative at those positions is nothing.
        Tensor slope = model.Forward(Images(1), new Probe { Gradient = new ProbeGradient(seen => seen.Logits.sum(), ["norm"]) }).Gradient("norm");
        Assert.Equal(0, slope.abs().max().item<float>());
        // A head on one of the positions reads them.
        using var other = Make(TokenNetworks.Vit(before, after, read: before));
        LayerChoice.RequireReach(other, "norm");
        using var last = Make(TokenNetworks.Vit(before, after, read: -1 - after));
        LayerChoice.RequireReach(last, "norm");
    }

    [Fact]
    public void The_answer_does_not_depend_on_positions_that_no_head_reads()
    {
        using var model = Make(TokenNetworks.Vit());
        LayerChoice choice = LayerChoice.Of(model, model.Layers);
        Assert.Equal("block1.attention.qkv", choice.Layer!.Name);
        Assert.Contains("reads tokens of no position alone", choice.Why, StringComparison.Ordinal);
        foreach (string layer in (string[])["block1.mlp.wide", "block1", "norm"])
        {
            var error = Assert.Throws<FoveaException>(() => LayerChoice.RequireReach(model, layer));
            Assert.Equal(FailureKind.Configuration, error.Kind);
            Assert.Contains($"{layer}@class", error.Message, StringComparison.Ordinal);
            Assert.Throws<FoveaException>(() => new LayerTail(model, layer));
            using var scope = NewDisposeScope();
            var probe = new Probe { Gradient = new ProbeGradient(read => read.Logits.sum(), [layer]) };
            Assert.Equal(0, model.Forward(Images(2), probe).Gradient(layer).abs().max().item<float>());
            LayerChoice.RequireReach(model, layer + "@class");
        }
        foreach (string layer in (string[])["embedded", "block0", "block0.mlp", "block1.norm1"]) LayerChoice.RequireReach(model, layer);
        using var mean = Make(TokenNetworks.Vit(classHead: false));
        Assert.Equal("norm", LayerChoice.Of(mean, mean.Layers).Layer!.Name);
    }

    [Fact]
    public void A_cut_goes_on_where_no_token_is_left_beside_it()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var swin = Make(TokenNetworks.Swin());
        using var patches = Make(TokenNetworks.Vit(before: 0, classHead: false));
        using var vit = Make(TokenNetworks.Vit());
        Tensor images = Images(3);
        foreach (var (model, layer) in new[] { (swin, "stage1"), (swin, "stage2"), (patches, "block0"), (patches, "norm") })
        {
            Assert.True(model.CanContinueAfter(layer), layer);
            ProbeResult read = model.Forward(images, new Probe(layer) { Output = true });
            Assert.True(BatchCheck.Relative(model.ContinueAfter(layer, read[layer]), read.Logits) < 1e-6);
        }
        Assert.False(vit.CanContinueAfter("block0"));
        Assert.EndsWith("@class", Assert.Single(new LayerTail(vit, "block0").Beside), StringComparison.Ordinal);
    }

    [Fact]
    public void Images_turned_round_are_no_layer_to_harvest()
    {
        using var scope = NewDisposeScope();
        var g = new GraphBuilder();
        string x = g.Layer("conv", Operators.Get("conv2d"), new() { ["stride"] = new[] { 8L, 8 } }, g.Input,
            g.Weight("conv.weight", WeightKind.Parameter, 4, 3, 8, 8));
        // Nothing with positions comes later, and the answer depends on it.
        string turned = g.Layer("turned", Operators.Get("flip"), new() { ["dims"] = new[] { 3L } }, g.Input);
        OperatorAttributes positions = new() { ["dims"] = new long[] { 2, 3 } };
        x = g.Apply(Operators.Concatenate, new() { ["dim"] = 1 }, [g.Apply(Operators.Mean, positions, x), g.Apply(Operators.Mean, positions, turned)]);
        using ImageModel model = Make(g.Build("mirrored", x));
        Assert.Contains(model.Layers, layer => layer.Name == "turned" && layer.IsGrid);
        Assert.Equal("conv", LayerChoice.Of(model, model.Layers).Layer!.Name);
    }

    [Fact]
    public void Told_grids_are_taken_and_those_that_cannot_be_are_not()
    {
        NetworkGraph graph = TokenNetworks.Vit(before: 2);
        using var told = Make(new NetworkGraph(graph.Name, graph.Input, graph.Output, graph.Nodes, graph.Weights, graph.Layers)
        {
            Tokens = TokenGrid.Parse("8x4"),
        });
        Assert.Equal(new LayerGrid(LayerGrid.Tokens, 8, 4, 2), told.Layers.Single(layer => layer.Name == "block0").Grid);
        Assert.Contains(
            "tokens, 4 × 8 after 2 of no position, and they are read as they were told, tokens, 8 × 4 after 2 of no position",
            told.TokensNote, StringComparison.Ordinal);
        using var same = Make(new NetworkGraph(graph.Name, graph.Input, graph.Output, graph.Nodes, graph.Weights, graph.Layers)
        {
            Tokens = TokenGrid.Parse("4x8"),
        });
        Assert.Null(same.TokensNote);
        Assert.Equal(new TokenGrid(3, 5, 2), TokenGrid.Parse("3x5", 2));
        foreach (string bad in (string[])["", "14", "14x", "0x4", "-1x4", "4x4x4", "99999x99999", "a x b"])
            Assert.Equal(FailureKind.Configuration, Assert.Throws<FoveaException>(() => TokenGrid.Parse(bad)).Kind);
        Assert.Null(new TokenGrid(14, 14).Fits(195));
        Assert.Null(new TokenGrid(14, 14, 2).Fits(197));
        Assert.Equal(1, new TokenGrid(14, 14, 1).Fits(201));
    }

    [Fact]
    public void A_stored_network_keeps_its_grids()
    {
        string folder = Directory.CreateTempSubdirectory("fovea-grids-").FullName;
        try
        {
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            foreach (NetworkGraph graph in (NetworkGraph[])[TokenNetworks.Vit(2, 1, false), TokenNetworks.Swin()])
            {
                using var model = Make(graph);
                ModelFile.Save(folder, model, new Interpretation.NoisePictures(1).Classes);
                using ImageModel read = ModelFile.Load(folder);
                Assert.Equal(model.Layers.Select(layer => (layer.Name, layer.Grid)), read.Layers.Select(layer => (layer.Name, layer.Grid)));
                Assert.Equal(ModelFingerprint.Of(model), ModelFingerprint.Of(read));
                NetworkGraph undone = GridRewrite.Undo(model.Graph);
                Assert.Equal(graph.Nodes.Select(node => (node.Operator, string.Join(',', node.Inputs), string.Join(',', node.Outputs))),
                    undone.Nodes.Select(node => (node.Operator, string.Join(',', node.Inputs), string.Join(',', node.Outputs))));
                Assert.Equal(graph.Layers, undone.Layers);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>
    /// Where nothing mixes positions the field is exact, by pixels whose gradient is not 0; behind attention it is everything.
    /// </summary>
    [Theory]
    [InlineData("vit", "embedded", true)]
    [InlineData("vit", "block0.attention.qkv", true)]
    [InlineData("vit", "block0", false)]
    [InlineData("vit", "block1.mlp.wide", false)]
    [InlineData("swin", "stage1.norm1", true)]
    [InlineData("swin", "stage1.parts", true)]
    [InlineData("swin", "stage1", false)]
    [InlineData("colours", "tokens", true)]
    [InlineData("colours", "windows", true)]
    public void Receptive_fields_are_exact_or_everything(string network, string layer, bool local)
    {
        using var scope = NewDisposeScope();
        using var model = Make(network == "colours" ? TokenNetworks.Colours() : Network(network));
        var field = ReceptiveField.Of(model, layer, 32, 32);
        Assert.Equal((4, 8, local), (field.GridHeight, field.GridWidth, field.IsLocal));
        Tensor input = Images(1).requires_grad_(true);
        Tensor grid = model.Forward(input, new Probe(layer))[layer];
        foreach (var (y, x) in new[] { (0, 7), (2, 3), (3, 0) })
        {
            Tensor weights = Samples.Normal([grid.shape[1]], "weights", ScalarType.Float32);
            byte[] touched = Gradients.Of((grid[0, .., y, x] * weights).sum(), input, keep: true).abs().sum([0L, 1L]).ne(0).to(uint8)
                .data<byte>().ToArray();
            PixelBox box = field.Box(y, x);
            Assert.Equal(local ? new PixelBox(4 * x, 8 * y, 4, 8) : new PixelBox(0, 0, 32, 32), box);
            for (int i = 0; i < touched.Length; i++)
            {
                bool inside = i / 32 >= box.Top && i / 32 < box.Top + box.Height && i % 32 >= box.Left && i % 32 < box.Left + box.Width;
                Assert.True(inside || touched[i] == 0, $"pixel ({i / 32}, {i % 32}) is not in {box}");
                Assert.True(touched[i] != 0 || !inside || !local, $"pixel ({i / 32}, {i % 32}) of {box} does not matter");
            }
        }
    }

    [Fact]
    public void A_network_of_convolutions_is_left_alone()
    {
        foreach (Fovea.Models.Architecture one in Architectures.All) Assert.False(GridRewrite.MayApply(one.Build(10)), one.Name);
    }

    private static NetworkGraph Network(string name) =>
        name == "vit" ? TokenNetworks.Vit() : TokenNetworks.Swin();

    internal static ImageModel Make(NetworkGraph graph, bool grids = true)
    {
        var model = new ImageModel(graph, Input, null, null, null, null, grids);
        model.Initialise(5);
        using var quiet = no_grad();
        // Weights that make a difference: linear layers begin with a deviation of 0.01.
        foreach (Tensor weight in model.Parameters.Values.Where(weight => weight.dim() is 2 or 3)) weight.mul_(30);
        return model;
    }

    internal static Tensor Images(int count) => Samples.Normal([count, 3, 32, 32], "images", ScalarType.Float32);
}
