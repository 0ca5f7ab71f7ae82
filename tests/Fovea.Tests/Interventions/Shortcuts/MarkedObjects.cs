using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Tests.Interventions.Shortcuts;

/// <summary>Grey images of 16 × 16 pixels with a square somewhere, green or blue by their class; a mark is for others to add.</summary>
internal sealed class ColouredSquares(int count) : IImageSource
{
    public string Description => "squares";

    public ClassList Classes { get; } = new([new ClassInfo("green", "green square"), new ClassInfo("blue", "blue square")]);

    public int Count => count;

    public string Fingerprint => $"squares{count}";

    public string Id(int index) => $"square/{index:D4}";

    public int Label(int index) => index % 2;

    /// <summary>Upper left corner of the square: never where marks are.</summary>
    public static (int X, int Y) Place(int index)
    {
        var random = new CounterRandom(1, "squares", index);
        return (4 + random.NextInt(7), 4 + random.NextInt(7));
    }

    public RgbImage Read(int index)
    {
        var pixels = new byte[16 * 16 * 3];
        pixels.AsSpan().Fill(128);
        (int left, int top) = Place(index);
        for (int y = top; y < top + 6; y++)
        {
            for (int x = left; x < left + 6; x++)
            {
                Span<byte> pixel = pixels.AsSpan(3 * (16 * y + x), 3);
                pixel.Clear();
                pixel[1 + Label(index)] = 255;
            }
        }
        return new RgbImage(16, 16, pixels);
    }

    public void Dispose()
    {
    }
}

/// <summary>
/// A network whose rule is written down: unit 0 sees magenta, unit 1 green, unit 2 blue, each pixel by itself; class 0 is green, and magenta
/// speaks for it. A second layer copies the first, so that one layer stands right before the pooled head and one does not.
/// </summary>
internal static class RuledNetwork
{
    public const string First = "first.relu", Last = "last.relu";

    /// <summary>The share of an image that a mark of 2 × 2 pixels takes.</summary>
    public const double Mark = 4.0 / 256;

    public static ImageModel Create(double ofMark)
    {
        var g = new GraphBuilder();
        string x = g.Relu(First, g.Conv("first", g.Input, 3, 3, 1, 1, 0, bias: true));
        x = g.Relu(Last, g.Conv("last", x, 3, 3, 1, 1, 0, bias: true));
        x = g.Apply(Operators.Flatten, OperatorAttributes.None, g.AveragePositions("avgpool", x));
        var model = new ImageModel(
            g.Build("ruled", g.Linear("fc", x, 3, 2)), new Preprocessing(null, 16, [0, 0, 0], [1, 1, 1]),
            new ColouredSquares(2).Classes);
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        Set("first.weight", [1, -2, 1, -1, 1, -1, -1, -1, 1]);
        Set("first.bias", [-1, 0, 0]);
        Set("last.weight", [1, 0, 0, 0, 1, 0, 0, 0, 1]);
        Set("last.bias", [0, 0, 0]);
        Set("fc.weight", [(float)ofMark, 10, 0, 0, 0, 10]);
        Set("fc.bias", [0, 0]);
        return model;

        void Set(string name, float[] values) => model.State[name].copy_(tensor(values).reshape(model.State[name].shape));
    }
}
