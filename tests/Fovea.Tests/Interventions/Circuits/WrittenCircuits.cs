using Fovea.Datasets;
using Fovea.Dictionaries.Sparse;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Interventions.Circuits;
using Fovea.Models;
using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Tests.Interventions.Circuits;

/// <summary>
/// A network written by hand: a = max(W x, 0) at each pixel ("first"), b = σ(U a) ("second"), logits V b̄, and the same in plain numbers.
/// Units 0, 1 and 2 of the first layer tell red, green and blue; unit 3 is twice unit 0, and nobody reads it.
/// </summary>
internal sealed class WrittenCircuit
{
    public static readonly double[][] First = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [2, 0, 0]];
    public static readonly double[][] Head = [[0.3, -0.2, 0.1], [1.5, -1, 0]];

    private readonly double[][] _second;
    private readonly string _activation;

    /// <param name="activation">σ: relu, relu6 or sigmoid.</param>
    /// <param name="second">U, three rows.</param>
    public WrittenCircuit(string activation, double[][]? second = null) =>
        (_activation, _second) = (activation, second ?? [[1, 0.5, 0, 0], [0, -0.4, 1.2, 0], [0.3, 0.3, 0.3, 0]]);

    public ImageModel Model()
    {
        var graph = new GraphBuilder();
        string x = graph.Conv("raw", graph.Input, 3, 4, 1);
        x = graph.Relu("first", x);
        x = graph.Conv("mixed", x, 4, 3, 1);
        x = graph.Layer("second", Operators.Get(_activation), OperatorAttributes.None, x);
        x = graph.AveragePositions("pool", x);
        x = graph.Apply(Operators.Flatten, OperatorAttributes.None, x);
        x = graph.Linear("fc", x, 3, 2);
        var classes = new ClassList([new ClassInfo("0", "none"), new ClassInfo("1", "red")]);
        var model = new ImageModel(graph.Build("written", x), new Preprocessing(null, 8, [0, 0, 0], [1, 1, 1]), classes);
        Fill(model.State["raw.weight"], First);
        Fill(model.State["mixed.weight"], _second);
        Fill(model.State["fc.weight"], Head);
        Fill(model.State["fc.bias"], [[0, 0]]);
        return model;
    }

    public static double[] A((int R, int G, int B) colour) =>
        [.. First.Select(row => Math.Max(0, (row[0] * colour.R + row[1] * colour.G + row[2] * colour.B) / 255.0))];

    public double[] B(double[] a) => [.. Enumerable.Range(0, 3).Select(j => Sigma(Enumerable.Range(0, 4).Sum(i => _second[j][i] * a[i])))];

    public static double Logit(double[] b) => Enumerable.Range(0, 3).Sum(j => Head[1][j] * b[j]);

    /// <summary>The rows with some numbers put to 0.</summary>
    public static double[] Without(double[] values, params int[] units) => [.. values.Select((value, i) => units.Contains(i) ? 0 : value)];

    private double Sigma(double z) => _activation switch
    {
        "sigmoid" => 1 / (1 + Math.Exp(-z)),
        "relu6" => Math.Clamp(z, 0, 6),
        _ => Math.Max(0, z),
    };

    public static void Fill(Tensor weight, double[][] rows)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        weight.copy_(tensor([.. rows.SelectMany(row => row).Select(value => (float)value)], weight.shape));
    }

    /// <summary>A dictionary whose codes are max(x E, 0) and whose atoms are the rows of D.</summary>
    public static TopKAutoencoder Dictionary(double[][] encoder, double[][] atoms)
    {
        var dictionary = new TopKAutoencoder(atoms[0].Length, atoms.Length, atoms.Length);
        Fill(dictionary.EncoderWeight, encoder);
        Fill(dictionary.DecoderWeight, atoms);
        return dictionary;
    }

    public static CircuitLayer Neurons(string layer) => new(UnitGroup.Neurons(layer));

    public static CircuitTargetRecord Words { get; } = new("class", "red", 1, null, null, null);
}

/// <summary>Pictures of one colour each, all of class 1.</summary>
internal sealed class ColourPictures((int R, int G, int B)[] colours) : IImageSource
{
    public static (int R, int G, int B)[] Some { get; } =
        [(200, 30, 60), (120, 80, 10), (255, 10, 40), (90, 140, 200), (180, 20, 20), (60, 220, 90), (240, 70, 30), (150, 150, 60)];

    public string Description => "colours";

    public ClassList Classes { get; } = new([new ClassInfo("0", "none"), new ClassInfo("1", "red")]);

    public int Count => colours.Length;

    public string Fingerprint => "colours";

    public string Id(int index) => $"colours/{index}";

    public int Label(int index) => 1;

    public RgbImage Read(int index)
    {
        var pixels = new byte[3 * 64];
        for (int i = 0; i < 64; i++)
            (pixels[3 * i], pixels[3 * i + 1], pixels[3 * i + 2]) = ((byte)colours[index].R, (byte)colours[index].G, (byte)colours[index].B);
        return new RgbImage(8, 8, pixels);
    }

    public void Dispose()
    {
    }
}
