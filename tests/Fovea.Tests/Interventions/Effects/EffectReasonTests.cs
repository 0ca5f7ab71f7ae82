using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Interventions.Effects;
using Fovea.Models;
using Fovea.Models.Edits;
using Fovea.Models.Graph;
using Fovea.Tests.Dictionaries;
using Fovea.Tests.Interpretation;
using Fovea.Tests.Shared;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Interventions.Effects;

/// <summary>Why predictions fail: networks in which it is known, and the rule that with everything held predictions hold.</summary>
[Collection(TensorCounts.Name)]
public sealed class EffectReasonTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    /// <summary>
    /// A layer of four units, the first with values from 1 to 3, then what stands between, and a logit. Of the first unit it is known by
    /// construction why its derivative does not say what its absence does.
    /// </summary>
    [Theory]
    [InlineData("relu6", EffectDisagreements.Saturation)]
    [InlineData("sigmoid", EffectDisagreements.Saturation)]
    [InlineData("layer_norm", EffectDisagreements.Normalisation)]
    [InlineData("leaky_relu", EffectDisagreements.Rectifier)]
    [InlineData("gelu", EffectDisagreements.Rectifier)]
    [InlineData("relu, closed", EffectDisagreements.Rectifier)]
    [InlineData("backup", EffectDisagreements.Compensation)]
    [InlineData("leaky backup", EffectDisagreements.Compensation)]
    [InlineData("mul", EffectDisagreements.Products)]
    [InlineData("relu and mul", EffectDisagreements.Several)]
    public void The_reason_is_the_one_that_was_built_in(string between, string expected)
    {
        using ImageModel model = Built(between);
        using var source = new Shades([120, 160, 200, 255]);
        var (document, rows) = EffectStudy.Measure(
            model, "units", "neurons", null, source, new EffectStudyOptions { Chosen = [0], IntegrationSteps = 0 });
        Assert.False(document.Exact);
        Assert.True(rows[0].GradientError > 0.5, $"predicted {rows[0].Gradient}, measured {rows[0].Logit}");
        Assert.Equal(expected, rows[0].Disagreement);
        Assert.Equal(1, document.Agreement[0].Disagreements[expected]);
        Assert.Equal(EffectDisagreements.All.Order(), document.Agreement[0].Disagreements.Keys.Order());
    }

    /// <summary>Held operations are the tangents of the network at the images: the derivative, by another way.</summary>
    [Theory]
    [InlineData("resnet18", "layer3", false)]
    [InlineData("resnet18", "layer2", true)]
    [InlineData("mobilenet_v2", "features.15", false)]
    [InlineData("pt2", "conv1", false)]
    [InlineData("vit", "block0", false)]
    [InlineData("swin", "stage0", false)]
    public void With_all_kinds_held_changes_do_what_the_derivative_says(string name, string layer, bool leaky)
    {
        using ImageModel model = name switch
        {
            "vit" => Tokens(TokenNetworks.Vit()),
            "swin" => Tokens(TokenNetworks.Swin()),
            _ => EffectNetworks.Make(name, _folder, leaky ? GradientFlow.Modified : null),
        };
        if (!model.Layers.Any(one => one.Name == layer)) layer = model.Layers.First(one => one.Shape.Count == 3).Name;
        using var source = new NoisePictures(EffectNetworks.Images);
        EffectUnits units = EffectUnits.Neurons(layer);
        var options = new EffectOptions
        {
            Sets = [[0], [1], [2, 3]],
            IntegrationSteps = 0,
            BatchSize = EffectNetworks.BatchSize,
            OfPredictedClass = true,
        };
        NonlinearKind all = NonlinearKind.Rectifier | NonlinearKind.Saturation | NonlinearKind.Normalisation | NonlinearKind.Product;
        using var held = new HeldAnswers(units, HeldOperations.Behind(model, layer, all));
        List<(double Predicted, double Measured)> plain = [], linear = [];
        EffectEvaluator.Evaluate(model, units, UnitOperation.Scale(4), source, options, one => plain.Add((one.Gradient, one.LogitChange)));
        EffectEvaluator.EvaluateBy(
            held, model, units, UnitOperation.Scale(4), source, options, one => linear.Add((one.Gradient, one.LogitChange)), null, default);
        double size = plain.Max(one => Math.Abs(one.Predicted));
        Assert.True(size > 1e-3, $"{size}");
        Assert.All(linear, one => Assert.Equal(one.Predicted, one.Measured, 2e-3 * size));
        // The network itself is not linear.
        Assert.Contains(plain, one => Math.Abs(one.Predicted - one.Measured) > 2e-2 * size);
    }

    [Fact]
    public void A_network_of_a_fixed_number_of_images_has_no_reason_named()
    {
        using ImageModel model = Built("relu6", fixedBatch: 2);
        using var source = new Shades([120, 160, 200, 255]);
        var (_, rows) = EffectStudy.Measure(
            model, "units", "neurons", null, source, new EffectStudyOptions { Chosen = [0], IntegrationSteps = 0 });
        Assert.Equal(EffectDisagreements.Several, rows[0].Disagreement);
    }

    private static ImageModel Tokens(NetworkGraph graph)
    {
        var model = new ImageModel(graph, new Preprocessing(null, 32, [0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]));
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        foreach (var (name, weight) in model.Parameters) weight.copy_(Samples.Normal(weight.shape, name, float32) * 0.3);
        return model;
    }

    /// <summary>Four pooled units: the first is three times an image's red, the others are 1, ½ and −½.</summary>
    private static ImageModel Built(string between, int? fixedBatch = null)
    {
        var graph = new GraphBuilder();
        string x = graph.Conv("raw", graph.Input, 3, 4, 1, bias: true);
        x = graph.AveragePositions("pool", x);
        x = graph.Apply(Operators.Flatten, OperatorAttributes.None, x);
        x = graph.Block("units", x);
        Dictionary<string, float[]> weights = new()
        {
            ["raw.weight"] = [3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            ["raw.bias"] = [0, 1, 0.5f, -0.5f],
        };
        int wide = 4;
        switch (between)
        {
            case "relu6":
                // 6 is passed at a third of the unit's least value.
                x = graph.Relu6("between", Mixed("mix", x, [20, 0, 0, 0], [0]));
                wide = 1;
                weights["out.weight"] = [0, 1];
                break;
            case "sigmoid":
                x = graph.Layer("between", Operators.Get("sigmoid"), OperatorAttributes.None, Mixed("mix", x, [10, 0, 0, 0], [-4]));
                wide = 1;
                weights["out.weight"] = [0, 1];
                break;
            case "layer_norm":
                x = graph.Layer("between", Operators.LayerNorm, new() { ["shape"] = (long[])[4] }, x, "", "");
                weights["out.weight"] = [0, 0, 0, 0, 1, 0, 0, 0];
                break;
            case "leaky_relu":
                // On its steep side with the unit, far on the flat side without.
                x = graph.Layer("between", Operators.LeakyRelu, new() { ["slope"] = 0.01 }, Mixed("mix", x, [1, 0, 0, 0], [-1]));
                wide = 1;
                weights["out.weight"] = [0, 1];
                break;
            case "gelu":
                x = graph.Layer("between", Operators.Get("gelu"), OperatorAttributes.None, Mixed("mix", x, [4, 0, 0, 0], [-4]));
                wide = 1;
                weights["out.weight"] = [0, 1];
                break;
            case "relu, closed":
                // Closed by the unit: the derivative is 0, and without the unit it opens.
                x = graph.Relu("between", Mixed("mix", x, [-1, 0, 0, 0], [1]));
                wide = 1;
                weights["out.weight"] = [0, 1];
                break;
            case "backup":
                // The logit reads the unit, and a backup that the unit keeps closed.
                x = graph.Relu("between", Mixed("mix", x, [1, 0, 0, 0, -1, 0, 0, 0], [0, 1.2f]));
                wide = 2;
                weights["out.weight"] = [0, 0, 1, 1];
                break;
            case "leaky backup":
                x = graph.Layer("between", Operators.LeakyRelu, new() { ["slope"] = 0.01 },
                    Mixed("mix", x, [1, 0, 0, 0, -1, 0, 0, 0], [0, 1.2f]));
                wide = 2;
                weights["out.weight"] = [0, 0, 1, 1];
                break;
            case "mul":
                x = graph.Layer("between", Operators.Get("mul"), OperatorAttributes.None, x, x);
                weights["out.weight"] = [0, 0, 0, 0, 1, 0, 0, 0];
                break;
            default:
                // Each of the two is as wrong as the other: neither alone accounts for it.
                string square = graph.Layer("between", Operators.Get("mul"), OperatorAttributes.None, x, x);
                string bent = graph.Relu("bent", Mixed("mix", x, [4, 0, 0, 0], [-4]));
                x = graph.Apply(Operators.Concatenate, OperatorAttributes.None, square, bent);
                wide = 5;
                weights["out.weight"] = [0, 0, 0, 0, 0, 1, 0, 0, 0, 0.9f];
                break;
        }
        x = graph.Linear("out", x, wide, 2);
        NetworkGraph built = graph.Build("built", x);
        if (fixedBatch is { } batch)
            built = new NetworkGraph(built.Name, built.Input, built.Output, built.Nodes, built.Weights, built.Layers) { FixedBatch = batch };
        var model = new ImageModel(built, new Preprocessing(null, 8, [0, 0, 0], [1, 1, 1]));
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        foreach (var (name, values) in weights) model.State[name].copy_(tensor(values, model.State[name].shape));
        return model;

        string Mixed(string name, string input, float[] rows, float[] bias)
        {
            weights[$"{name}.weight"] = rows;
            weights[$"{name}.bias"] = bias;
            return graph.Linear(name, input, 4, bias.Length);
        }
    }

    /// <summary>Pictures of one red each, all of class 1.</summary>
    private sealed class Shades(byte[] reds) : IImageSource
    {
        public string Description => "shades";

        public ClassList Classes { get; } = new([new ClassInfo("0", "0"), new ClassInfo("1", "1")]);

        public int Count => reds.Length;

        public string Fingerprint => "shades";

        public string Id(int index) => $"shades/{index}";

        public int Label(int index) => 1;

        public RgbImage Read(int index) => new(8, 8, [.. Enumerable.Range(0, 192).Select(i => i % 3 == 0 ? reds[index] : (byte)0)]);

        public void Dispose()
        {
        }
    }
}
