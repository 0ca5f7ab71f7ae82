using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Interventions.Circuits;
using Fovea.Models;
using Fovea.Models.Graph;

namespace Fovea.Tests.Interventions.Circuits;

/// <summary>One layer of a <see cref="WrittenChain"/>: σ(weights · what comes before).</summary>
internal sealed record WrittenStage(string Layer, double[][] Weights, string Activation = "relu");

/// <summary>
/// A network written by hand as a chain of mixtures of channels at each pixel, then the mean over positions and one logit that says
/// something (class 1), and the same in plain numbers. Pictures are of one colour each, so that all positions are alike.
/// </summary>
internal sealed class WrittenChain(double[] head, params WrittenStage[] stages)
{
    public ImageModel Model()
    {
        var graph = new GraphBuilder();
        string x = graph.Input;
        foreach (WrittenStage stage in stages)
        {
            x = graph.Conv(stage.Layer + "_mix", x, stage.Weights[0].Length, stage.Weights.Length, 1);
            x = graph.Layer(stage.Layer, Operators.Get(stage.Activation), OperatorAttributes.None, x);
        }
        x = graph.AveragePositions("pool", x);
        x = graph.Apply(Operators.Flatten, OperatorAttributes.None, x);
        x = graph.Linear("fc", x, head.Length, 2);
        var classes = new ClassList([new ClassInfo("0", "none"), new ClassInfo("1", "red")]);
        var model = new ImageModel(graph.Build("chain", x), new Preprocessing(null, 8, [0, 0, 0], [1, 1, 1]), classes);
        foreach (WrittenStage stage in stages) WrittenCircuit.Fill(model.State[stage.Layer + "_mix.weight"], stage.Weights);
        WrittenCircuit.Fill(model.State["fc.weight"], [new double[head.Length], head]);
        WrittenCircuit.Fill(model.State["fc.bias"], [[0, 0]]);
        return model;
    }

    /// <summary>What a layer makes of a picture.</summary>
    public double[] At(string layer, (int R, int G, int B) colour) =>
        Between([colour.R / 255.0, colour.G / 255.0, colour.B / 255.0], null, layer);

    /// <summary>What a layer makes of an earlier one's values.</summary>
    public double[] Between(double[] values, string? from, string to)
    {
        int first = Place(from) + 1, last = Place(to);
        for (int i = first; i <= last; i++) values = Mixed(stages[i], values);
        return values;
    }

    /// <summary>The logit of class 1 where a layer has some values.</summary>
    public double Logit(double[] values, string from) =>
        Between(values, from, stages[^1].Layer).Zip(head, (value, weight) => value * weight).Sum();

    /// <summary>The logit where of both layers these units alone are left, everything else being 0.</summary>
    public double Kept((int, int, int) colour, IReadOnlyCollection<int> first, IReadOnlyCollection<int> second) =>
        Logit(Only(Between(Only(At("first", colour), first), "first", "second"), second), "second");

    /// <summary>The logit where of both layers these units are 0.</summary>
    public double Removed((int, int, int) colour, IReadOnlyCollection<int> first, IReadOnlyCollection<int> second) => Logit(
        WrittenCircuit.Without(Between(WrittenCircuit.Without(At("first", colour), [.. first]), "first", "second"), [.. second]), "second");

    /// <summary>The values with all but some put to 0.</summary>
    public static double[] Only(double[] values, IReadOnlyCollection<int> units) =>
        [.. values.Select((value, i) => units.Contains(i) ? value : 0)];

    /// <summary>The circuit of class 1 from "first" to "second", ablated nodes being 0 unless layers are given.</summary>
    public CircuitDocument Find(
        (int, int, int)[] colours, CircuitOptions options, CancellationToken cancellation, CircuitLayer? from = null, CircuitLayer? to = null)
    {
        using ImageModel model = Model();
        using var source = new ColourPictures(colours);
        return CircuitStudy.Find(
            model, from ?? WrittenCircuit.Neurons("first"), to ?? WrittenCircuit.Neurons("second"), CircuitTarget.OfClass(1),
            WrittenCircuit.Words, source, options, null, cancellation);
    }

    private int Place(string? layer) => layer is null ? -1 : Array.FindIndex(stages, stage => stage.Layer == layer);

    private static double[] Mixed(WrittenStage stage, double[] values) => [.. stage.Weights.Select(row =>
    {
        double z = row.Zip(values, (weight, value) => weight * value).Sum();
        return stage.Activation == "relu6" ? Math.Clamp(z, 0, 6) : Math.Max(0, z);
    })];
}
