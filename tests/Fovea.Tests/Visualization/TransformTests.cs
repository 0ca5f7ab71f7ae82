using Fovea.Imaging;
using Fovea.Numerics;
using Fovea.Visualization;
using Fovea.Visualization.Transforms;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Visualization;

public sealed class TransformTests
{
    private static readonly Preprocessing Colours = Preprocessing.ImageNet(null, 16);

    private const int Height = 9, Width = 12;

    public static TheoryData<string> Names => [.. All.Keys];

    internal static IReadOnlyDictionary<string, ITransform> All { get; } = new Dictionary<string, ITransform>
    {
        ["affine"] = new RandomAffine(),
        ["jitter"] = new Jitter(3),
        ["pad"] = new Pad(2),
        ["pad grey"] = Pad.Grey(2, Preprocessing.ImageNet(null, 32)),
        ["pad reflection"] = new Pad(2, Outside.Reflection),
        ["pad border"] = new Pad(2, Outside.Border),
        ["scale"] = new RandomScale(0.7, 1.3),
        ["rotation"] = new RandomRotation(20),
        ["flip"] = new RandomFlip(),
        ["blur"] = new RandomBlur(0.4, 1.2),
        ["noise"] = new Noise(0.1),
        ["crop"] = new RandomCrop(0.4, 0.9),
        ["crop to a size"] = new RandomCrop(0.4, 0.9) { Size = 7 },
    };

    [Theory, MemberData(nameof(Names))]
    public void A_view_depends_on_its_picture_and_stream_alone(string name)
    {
        using var scope = NewDisposeScope();
        Tensor images = rand([4, 3, Height, Width], float64);
        Tensor together = All[name].Apply(images, Streams(0, 1, 2, 3)), alone = All[name].Apply(images.narrow(0, 2, 1), Streams(2));
        Assert.True((together.narrow(0, 2, 1) - alone).abs().max().ToDouble() < 1e-12);
        Assert.Equal(together.shape, All[name].Apply(images, Streams(9, 8, 7, 6)).shape);
        Assert.NotSame(images, together);
    }

    [Theory, MemberData(nameof(Names))]
    public void Gradients_equal_finite_differences(string name)
    {
        using var scope = NewDisposeScope();
        Tensor images = rand([2, 3, Height, Width], float64).requires_grad_(true);
        Tensor weights = randn(All[name].Apply(images.detach(), Streams(0, 1)).shape, float64);
        double[] gradient = autograd.grad([(All[name].Apply(images, Streams(0, 1)) * weights).sum()], [images])[0].contiguous()
            .data<double>().ToArray();
        double[] at = images.detach().data<double>().ToArray();
        for (int k = 0; k < at.Length; k += 7) Assert.Equal((Value(k, 1e-3) - Value(k, -1e-3)) / 2e-3, gradient[k], 1e-8);
        Assert.Contains(gradient, slope => Math.Abs(slope) > 0.1);
        double Value(int k, double shift)
        {
            double[] moved = [.. at];
            moved[k] += shift;
            using var inner = NewDisposeScope();
            return (All[name].Apply(tensor(moved, images.shape), Streams(0, 1)) * weights).sum().ToDouble();
        }
    }

    [Fact]
    public void The_papers_views_draw_as_they_always_did()
    {
        using var scope = NewDisposeScope();
        var affine = new RandomAffine();
        Tensor images = rand([3, 3, 16, 16]);
        CounterRandom[] one = Streams(0, 1, 2), two = Streams(0, 1, 2);
        var chain = new ViewChain(RenderPresets.Paper, Colours, 16);
        for (int step = 0; step < 3; step++)
            Assert.Equal(
                affine.Apply(images, Array.ConvertAll(one, affine.Draw)).data<float>().ToArray(), chain.Apply(images, two).data<float>()
                    .ToArray());
        // Five numbers of the stream in this order.
        CounterRandom numbers = Streams(5)[0];
        double[] five = [.. Enumerable.Range(0, 5).Select(_ => numbers.NextDouble())];
        AffineDraw draw = affine.Draw(Streams(5)[0]);
        double[] expected = [0.8 + 0.4 * five[0], 30 * five[1] - 15, 0.4 * five[2] - 0.2, 0.4 * five[3] - 0.2], drawn =
            [draw.Scale, draw.Degrees, draw.ShiftX, draw.ShiftY];
        for (int k = 0; k < 4; k++) Assert.Equal(expected[k], drawn[k], 1e-12);
        Assert.Equal(five[4] < 0.5, draw.Flip);
    }

    [Fact]
    public void A_scale_equals_a_slow_reference() => Compare(All["scale"], (picture, random) =>
    {
        double scale = random.NextDouble(0.7, 1.3);
        return Sampled(picture, Height, Width, (y, x) => (y / scale, x / scale), clamp: false);
    });

    [Fact]
    public void A_rotation_equals_a_slow_reference() => Compare(All["rotation"], (picture, random) =>
    {
        (double sin, double cos) = Math.SinCos(random.NextDouble(-20, 20) * Math.PI / 180);
        return Sampled(picture, Height, Width, (y, x) => (cos * y - sin * x, sin * y + cos * x), clamp: false);
    });

    [Theory]
    [InlineData("crop", Height, Width)]
    [InlineData("crop to a size", 7, 9)]
    public void A_crop_equals_a_slow_reference(string name, int rows, int columns) => Compare(All[name], (picture, random) =>
    {
        double side = random.NextDouble(0.4, 0.9), free = (1 - side) / 2;
        double x0 = Math.Clamp(0.15 * random.NextGaussian(), -free, free), y0 = Math.Clamp(0.15 * random.NextGaussian(), -free, free);
        return Sampled(
            picture, rows, columns, (y, x) => (y * side * Height / rows + y0 * Height, x * side * Width / columns + x0 * Width),
                clamp: true);
    });

    [Fact]
    public void A_jitter_is_a_crop_at_the_place_drawn() => Compare(All["jitter"], (picture, random) =>
    {
        int top = random.NextInt(4), left = random.NextInt(4);
        return Pixels(Height - 3, Width - 3, (y, x) => picture[(y + top) * Width + x + left]);
    });

    [Fact]
    public void Jitters_reach_every_place()
    {
        using var scope = NewDisposeScope();
        Tensor image = arange(16, float64).reshape(1, 1, 4, 4);
        var random = new CounterRandom(1, "jitter", 0);
        double[] corners =
            [.. Enumerable.Range(0, 200).Select(_ => new Jitter(2).Apply(image, [random])[0, 0, 0, 0].ToDouble()).Distinct().Order()];
        Assert.Equal([0, 1, 2, 4, 5, 6, 8, 9, 10], corners);
    }

    [Fact]
    public void A_flip_swaps_left_and_right_of_some() => Compare(All["flip"], (picture, random) =>
        random.NextDouble() < 0.5 ? Pixels(Height, Width, (y, x) => picture[y * Width + Width - 1 - x]) : picture);

    [Theory]
    [InlineData("pad")]
    [InlineData("pad grey")]
    [InlineData("pad border")]
    [InlineData("pad reflection")]
    public void A_frame_holds_what_it_should(string name) =>
        Compare(All[name], (picture, channel) => Pixels(Height + 4, Width + 4, (y, x) =>
    {
        (int row, int column) = (y - 2, x - 2);
        if (row >= 0 && row < Height && column >= 0 && column < Width) return picture[row * Width + column];
        float[] mean = [0.485f, 0.456f, 0.406f], std = [0.229f, 0.224f, 0.225f];
        return name switch
        {
            "pad" => 0,
            "pad grey" => (0.5 - mean[channel]) / std[channel],
            "pad border" => picture[Math.Clamp(row, 0, Height - 1) * Width + Math.Clamp(column, 0, Width - 1)],
            _ => picture[Mirror(row, Height) * Width + Mirror(column, Width)],
        };
        static int Mirror(int i, int n) => i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i;
    }));

    [Fact]
    public void A_blur_equals_a_slow_sum_with_each_pictures_own_width() => Compare(All["blur"], (picture, random) =>
    {
        double sigma = random.NextDouble(0.4, 1.2);
        int radius = (int)Math.Ceiling(3 * sigma);
        return Pixels(Height, Width, (y, x) =>
        {
            double sum = 0, weights = 0;
            for (int dy = -radius; dy <= radius; dy++)
            {
                for (int dx = -radius; dx <= radius; dx++)
                {
                    double weight = Math.Exp(-(dy * dy + dx * dx) / (2 * sigma * sigma));
                    sum += weight * picture[Math.Clamp(y + dy, 0, Height - 1) * Width + Math.Clamp(x + dx, 0, Width - 1)];
                    weights += weight;
                }
            }
            return sum / weights;
        });
    });

    [Fact]
    public void Noise_is_added_from_the_pictures_own_stream()
    {
        using var scope = NewDisposeScope();
        Tensor images = rand([2, 3, 5, 4], float64);
        double[] added = (All["noise"].Apply(images, Streams(3, 4)) - images).data<double>().ToArray();
        foreach (int i in (int[])[0, 1])
        {
            var random = Streams(3 + i)[0];
            for (int k = 0; k < 60; k++) Assert.Equal(0.1 * random.NextGaussian(), added[i * 60 + k], 1e-7);
        }
    }

    [Fact]
    public void Small_pictures_get_distances_in_proportion_and_views_end_at_the_size_asked_for()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([new Pad(6), new Jitter(4), new RandomScale(0.9, 1.1), new RandomBlur(0.5, 1)],
            ((ITransform[])[new Pad(12), new Jitter(8), new RandomScale(0.9, 1.1), new RandomBlur(1, 2)]).Select(
                transform => transform.ScaledBy(0.5)),
            (a, b) => a is Pad p ? p.Pixels == ((Pad)b).Pixels : a.Equals(b));
        Tensor image = arange(1, 17, float64).reshape(1, 1, 4, 4);
        var framed = new RenderOptions { Transforms = [new Pad(2)], TransformsSide = 8 };
        // Half the frame, then the middle of it: the picture again. A larger picture keeps lucid's distances.
        Assert.Equal(image.data<double>().ToArray(), new ViewChain(framed, Colours, 4).Apply(image, Streams(0)).data<double>().ToArray());
        Assert.Equal(
            image.data<double>()
                .ToArray(), new ViewChain(framed with { ViewSize = 6 }, Colours, 4).Apply(image, Streams(0))[0, 0].narrow(0, 1, 4)
                    .narrow(1, 1, 4).contiguous().data<double>().ToArray());
        double[] seen = new ViewChain(new RenderOptions { Transforms = [new Jitter(1)], ViewSize = 4 }, Colours, 4).Apply(image, Streams(0))
            .data<double>().ToArray();
        Assert.Equal(9, seen.Count(value => value != 0));
        Assert.All(Enumerable.Range(0, 4), i => Assert.Equal((0, 0), (seen[12 + i], seen[4 * i + 3])));
        Assert.Same(image, new ViewChain(new RenderOptions { Transforms = [] }, Colours, 4).Apply(image, []));
    }

    [Fact]
    public void Values_that_cannot_be_used_are_refused()
    {
        using var scope = NewDisposeScope();
        Tensor image = zeros(1, 3, 8, 8);
        foreach (ITransform bad in (ITransform[])[new Jitter(8), new Jitter(-1), new Pad(-1), new Pad(8, Outside.Reflection),
            new RandomScale(0, 1), new RandomCrop(0.5, 1.1), new RandomBlur(1, 0.5)])
            Assert.Equal(FailureKind.Configuration, Assert.Throws<FoveaException>(() => bad.Apply(image, Streams(0))).Kind);
        Assert.All(All.Values, transform => Assert.NotEmpty(transform.Description));
    }

    private static CounterRandom[] Streams(params int[] items) => [.. items.Select(item => new CounterRandom(7, "transform", item))];

    private static void Compare(ITransform transform, Func<double[], CounterRandom, double[]> reference) =>
        Compare(transform, (picture, item, _) => reference(picture, Streams(item)[0]));

    private static void Compare(ITransform transform, Func<double[], int, double[]> reference) =>
        Compare(transform, (picture, _, channel) => reference(picture, channel));

    private static void Compare(ITransform transform, Func<double[], int, int, double[]> reference)
    {
        using var scope = NewDisposeScope();
        Tensor images = rand([5, 3, Height, Width], float64) + 0.5, views = transform.Apply(images, Streams(0, 1, 2, 3, 4));
        for (int i = 0; i < 5; i++)
        {
            for (int c = 0; c < 3; c++)
            {
                double[] expected = reference(images[i, c].contiguous().data<double>().ToArray(), i, c), actual = views[i, c].contiguous()
                    .data<double>().ToArray();
                Assert.Equal(expected.Length, actual.Length);
                for (int k = 0; k < expected.Length; k++) Assert.Equal(expected[k], actual[k], 1e-9);
            }
        }
    }

    private static double[] Pixels(int rows, int columns, Func<int, int, double> at) =>
        [.. Enumerable.Range(0, rows * columns).Select(k => at(k / columns, k % columns))];

    /// <summary>A view whose pixel at an offset from its centre comes from another offset from the picture's centre, bilinearly.</summary>
    private static double[] Sampled(double[] picture, int rows, int columns, Func<double, double, (double Y, double X)> from, bool clamp) =>
        Pixels(rows, columns, (row, column) =>
    {
        (double y, double x) = from(row + 0.5 - rows / 2.0, column + 0.5 - columns / 2.0);
        (y, x) = (y + Height / 2.0 - 0.5, x + Width / 2.0 - 0.5);
        if (clamp) (y, x) = (Math.Clamp(y, 0, Height - 1), Math.Clamp(x, 0, Width - 1));
        (int y0, int x0) = ((int)Math.Floor(y), (int)Math.Floor(x));
        (double fy, double fx) = (y - y0, x - x0);
        return (1 - fy) * ((1 - fx) * At(y0, x0) + fx * At(y0, x0 + 1)) + fy * ((1 - fx) * At(y0 + 1, x0) + fx * At(y0 + 1, x0 + 1));
        double At(int r, int c) => r < 0 || c < 0 || r >= Height || c >= Width ? 0 : picture[r * Width + c];
    });
}
