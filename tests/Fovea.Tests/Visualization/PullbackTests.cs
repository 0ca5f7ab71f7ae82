using Fovea.Imaging;
using Fovea.Numerics;
using Fovea.Visualization;
using Fovea.Visualization.Parameterizations;
using Fovea.Visualization.Pullbacks;
using Fovea.Visualization.Regularizers;
using Fovea.Visualization.Transforms;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Visualization;

/// <summary>
/// The kernels of a rendering step against libtorch's operations and their recorded derivatives, on sizes that no vector divides.
/// </summary>
[Collection(TensorCounts.Name)]
public sealed class PullbackTests
{
    private static readonly Preprocessing Input = Preprocessing.ImageNet(null, 32);

    public static TheoryData<int, int, int> Sizes =>
        new() { { 1, 1, 1 }, { 2, 3, 5 }, { 3, 17, 9 }, { 2, 64, 64 }, { 1, 91, 70 }, { 5, 33, 1 } };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Colours_and_their_gradient_are_libtorchs(int count, int height, int width)
    {
        using var scope = NewDisposeScope();
        manual_seed(count + height);
        foreach (IImageParameterization pixels in (IImageParameterization[])[new Pixels(), new DecorrelatedPixels(),
            new DecorrelatedPixels(root: ColourRoot.PrincipalAxes) { Scale = 0.7 }])
        {
            Tensor free = randn([count, 3, height, width]) * 20, gradient = randn([count, 3, height, width]);
            var traced = new TracedPullback(free, numbers => pixels.ToRgb(numbers, height, width));
            var kernel = new ColourPullback(free, ((ILogisticPixels)pixels).Matrix);
            Near(traced.Value, kernel.Value, 1e-6);
            Near(traced.Pull(gradient), kernel.Pull(gradient), 1e-6);
        }
    }

    [Fact]
    public void Colours_stay_finite_far_out()
    {
        using var scope = NewDisposeScope();
        Tensor free = tensor(new[] { -1e30f, -200f, 0f, 200f, 1e30f, float.MinValue, float.MaxValue, -88f, 88f, 1f, 2f, 3f }, [1, 3, 1, 4]);
        var kernel = new ColourPullback(free, ((ILogisticPixels)new Pixels { Scale = 1 }).Matrix);
        Near(free.sigmoid(), kernel.Value, 1e-6);
        Assert.True(kernel.Pull(ones_like(free)).isfinite().all().item<bool>());
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Views_and_their_gradient_are_libtorchs(int count, int height, int width)
    {
        using var scope = NewDisposeScope();
        manual_seed(count + width);
        Tensor rgb = rand([count, 3, height, width]), gradient = randn([count, 3, height, width]);
        AffineDraw[][] sets =
        [
            [.. Enumerable.Range(0, count).Select(i => new RandomAffine().Draw(new CounterRandom(3, "test", i)))],
            [.. Enumerable.Repeat(new AffineDraw(1, 0, 0, 0, false), count)],
            [.. Enumerable.Repeat(new AffineDraw(0.5, 90, 0.3, -0.2, true), count)],
            [.. Enumerable.Repeat(new AffineDraw(3, -37, -0.4, 0.9, false), count)],
            [.. Enumerable.Repeat(new AffineDraw(1, 0, 5, 5, false), count)], // nothing of the picture is left in sight
        ];
        var chain = new ViewChain(RenderPresets.Paper, Input, 32);
        foreach (AffineDraw[] draws in sets)
        {
            var traced = new TracedPullback(rgb, colours => AffineSampling.Apply(chain.Normalise(colours), draws, Outside.Zero));
            var kernel = new AffinePullback(rgb, Input, draws);
            // A place computed in another order lies a little elsewhere: a few millionths of a pixel times the contrast there.
            Near(traced.Value, kernel.Value, 3e-4);
            Near(traced.Pull(gradient), kernel.Pull(gradient), 3e-3);
        }
        // Where the view is the picture itself the two agree to rounding.
        Near(chain.Normalise(rgb), new AffinePullback(rgb, Input, sets[1]).Value, 2e-5);
        Assert.Equal(0, new AffinePullback(rgb, Input, sets[4]).Value.abs().max().item<float>());
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Total_variations_gradient_is_libtorchs_also_where_neighbours_are_equal(int count, int height, int width)
    {
        using var scope = NewDisposeScope();
        manual_seed(count * height);
        Tensor images = (rand([count, 3, height, width]) * 4).floor(), before = randn([count, 3, height, width]), leaf = images.clone()
            .requires_grad_(true);
        Tensor expected = before + autograd.grad([0.25 * TotalVariation.PerImage(leaf).sum()], [leaf])[0], made = before.clone();
        TotalVariationGradient.Add(images, made, 0.25);
        Near(expected, made, 1e-6);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_blur_in_place_is_the_blur(int count, int height, int width)
    {
        using var scope = NewDisposeScope();
        manual_seed(count + 3 * width);
        Tensor images = randn([count, 3, height, width]);
        foreach (double sigma in (double[])[0.3, 1, 2.5])
        {
            Tensor made = images.clone();
            GaussianBlur.ApplyInPlace(made, sigma);
            Near(GaussianBlur.Apply(images, sigma), made, 2e-6);
        }
    }

    [Fact]
    public void A_whole_step_goes_the_way_of_libtorchs_operations()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        Tensor free = randn([2, 3, 24, 24]), target = randn([2, 3, 24, 24]);
        var options = RenderPresets.Paper with { L2 = 0.01, Boundary = 0.02 };
        AffineDraw[] draws = [new(1.1, 12, 0.1, 0, true), new(0.9, -8, 0, -0.1, false)];
        // By the book: one loss, one derivative.
        Tensor leaf = free.clone().requires_grad_(true), rgb = options.Parameterization.ToRgb(leaf, 24, 24);
        var chain = new ViewChain(options, Input, 24);
        Tensor loss = -(AffineSampling.Apply(chain.Normalise(rgb), draws, Outside.Zero) * target).sum() + Penalties.Of(options, rgb, null)!;
        Tensor expected = autograd.grad([loss], [leaf])[0];
        IPullback colours = new ColourPullback(free, ((ILogisticPixels)options.Parameterization).Matrix), view = new AffinePullback(
            colours.Value, Input, draws);
        Tensor slope = view.Pull(-target);
        Penalties.AddGradient(options, colours.Value, null, slope);
        Near(expected, colours.Pull(slope), 1e-3);
    }

    [Fact]
    public void A_picture_is_the_same_whatever_the_number_of_threads_and_its_neighbours()
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        Tensor free = randn([3, 3, 91, 70]), gradient = randn([3, 3, 91, 70]);
        AffineDraw[] draws = [.. Enumerable.Range(0, 3).Select(i => new RandomAffine().Draw(new CounterRandom(7, "test", i)))];
        float[] all = Step(free, gradient, draws), alone = Step(
            free.narrow(0, 1, 1).contiguous(), gradient.narrow(0, 1, 1).contiguous(), draws[1..2]);
        Assert.Equal(alone, all[(3 * 91 * 70)..(2 * 3 * 91 * 70)]);
        int threads = get_num_threads();
        try
        {
            set_num_threads(1);
            Assert.Equal(all, Step(free, gradient, draws));
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    private static float[] Step(Tensor free, Tensor gradient, AffineDraw[] draws)
    {
        using var scope = NewDisposeScope();
        Tensor moved = free.clone();
        var colours = new ColourPullback(moved, ((ILogisticPixels)new DecorrelatedPixels()).Matrix);
        Tensor slope = new AffinePullback(colours.Value, Input, draws).Pull(gradient);
        TotalVariationGradient.Add(colours.Value, slope, 1e-3);
        new PictureAdam(moved).Step(colours.Pull(slope), 1);
        GaussianBlur.ApplyInPlace(moved, 0.3);
        return moved.data<float>().ToArray();
    }

    private static void Near(Tensor expected, Tensor actual, double tolerance)
    {
        Assert.Equal(expected.shape, actual.shape);
        Tensor apart = (expected - actual).abs() / expected.abs().clamp(min: 1);
        Assert.InRange(apart.max().item<float>(), 0, tolerance);
    }
}
