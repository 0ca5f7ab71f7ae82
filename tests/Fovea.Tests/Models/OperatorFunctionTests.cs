using Fovea.Imaging;
using Fovea.Models;
using Fovea.Models.Graph;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models;

/// <summary>Operations of the catalogue against their formulas, number by number, in double precision.</summary>
public sealed class OperatorFunctionTests
{
    private static readonly double[] Values = [-7, -3, -1.5, -1, -0.25, 0, 0.25, 0.75, 1, 2.5, 3, 5.5, 6, 8];

    public static TheoryData<string> Names => [.. Formulas.Keys.Order(StringComparer.Ordinal)];

    private static Dictionary<string, (OperatorAttributes Attributes, Func<double, double> Formula)> Formulas { get; } = new()
    {
        ["relu"] = (OperatorAttributes.None, x => Math.Max(x, 0)),
        ["relu6"] = (OperatorAttributes.None, x => Math.Clamp(x, 0, 6)),
        ["hardtanh"] = (new() { ["min"] = -2.0, ["max"] = 2.0 }, x => Math.Clamp(x, -2, 2)),
        ["hardtanh (0, 6)"] = (new() { ["min"] = 0.0, ["max"] = 6.0 }, x => Math.Clamp(x, 0, 6)),
        ["hardsigmoid"] = (OperatorAttributes.None, x => Math.Clamp(x / 6 + 0.5, 0, 1)),
        ["hardswish"] = (OperatorAttributes.None, x => x * Math.Clamp(x / 6 + 0.5, 0, 1)),
        ["sigmoid"] = (OperatorAttributes.None, Sigmoid),
        ["silu"] = (OperatorAttributes.None, x => x * Sigmoid(x)),
        ["tanh"] = (OperatorAttributes.None, Math.Tanh),
        ["mish"] = (OperatorAttributes.None, x => x * Math.Tanh(Math.Log(1 + Math.Exp(x)))),
        ["softplus"] = (OperatorAttributes.None, x => Math.Log(1 + Math.Exp(x))),
        ["gelu"] = (new() { ["tanh"] = true }, x => x / 2 * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)))),
        ["elu"] = (new() { ["alpha"] = 0.5 }, x => x > 0 ? x : 0.5 * (Math.Exp(x) - 1)),
        ["leaky_relu"] = (new() { ["slope"] = 0.2 }, x => x > 0 ? x : 0.2 * x),
        ["clamp"] = (new() { ["min"] = -1.0 }, x => Math.Max(x, -1)),
        ["neg"] = (OperatorAttributes.None, x => -x),
        ["abs"] = (OperatorAttributes.None, Math.Abs),
        ["exp"] = (OperatorAttributes.None, Math.Exp),
        ["add"] = (new() { ["scalar"] = 1.5 }, x => x + 1.5),
        ["sub"] = (new() { ["scalar"] = 1.5 }, x => x - 1.5),
        ["rsub"] = (new() { ["scalar"] = 1.5 }, x => 1.5 - x),
        ["mul"] = (new() { ["scalar"] = 1.5 }, x => x * 1.5),
        ["div"] = (new() { ["scalar"] = 1.5 }, x => x / 1.5),
        ["pow"] = (new() { ["scalar"] = 2L }, x => x * x),
        ["fill"] = (new() { ["scalar"] = 3.0 }, _ => 3),
        ["identity"] = (OperatorAttributes.None, x => x),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void A_function_of_one_number_is_its_formula(string name)
    {
        using var scope = NewDisposeScope();
        var (attributes, formula) = Formulas[name];
        var g = new GraphBuilder();
        string value = g.Apply(Operators.Get(name.Split(' ')[0]), attributes, g.Input);
        using var model = new ImageModel(
            g.Build(name, g.Layer("mean", Operators.Mean, new() { ["dims"] = new long[] { 2, 3 } }, value)),
                Preprocessing.ImageNet(null, 8));
        Tensor input = tensor(Values, [1, 1, 1, Values.Length]), kept = input.clone();
        Tensor all = cat([input, input, input], 1);
        double[] actual = model.Forward(all, new Probe(value))[value].narrow(1, 0, 1).flatten().data<double>().ToArray();
        for (int i = 0; i < Values.Length; i++)
            Assert.True(Math.Abs(formula(Values[i]) - actual[i]) < 1e-6 * Math.Max(1, Math.Abs(formula(Values[i]))),
                $"{name}({Values[i]}) = {actual[i]}");
        Assert.True(input.equal(kept).all().item<bool>());
        // A sum with a number has nothing else to write into, also where its input's memory is free.
        Assert.Equal(Values.Average(formula), model.Forward(all).narrow(1, 0, 1).item<double>(), 1e-6);
    }

    [Fact]
    public void A_last_window_that_only_partly_lies_on_the_input_has_its_pixels()
    {
        var g = new GraphBuilder();
        string pooled = g.Layer(
            "pool", Operators.MaxPool2d, new() { ["kernel"] = new long[] { 3, 3 }, ["stride"] = new long[] { 2, 2 }, ["ceil"] = true },
                g.Input);
        using var model = new ImageModel(
            g.Build("ceil", g.Layer("mean", Operators.Mean, new() { ["dims"] = new long[] { 2, 3 } }, pooled)),
                Preprocessing.ImageNet(null, 12));
        foreach (int size in (int[])[10, 11, 12, 13])
        {
            using var scope = NewDisposeScope();
            long[] shape = model.Forward(zeros(1, 3, size, size), new Probe("pool"))["pool"].shape;
            var field = ReceptiveField.Of(model, "pool", size, size);
            Assert.Equal((shape[2], shape[3]), (field.GridHeight, field.GridWidth));
            int last = field.GridWidth - 1;
            Assert.Equal(new PixelBox(last * 2, 0, Math.Min(3, size - last * 2), 3), field.Box(0, last));
        }
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
