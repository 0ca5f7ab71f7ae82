using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Fovea.Models.Graph;

/// <summary>
/// The catalogue of operations: a new one is a line here. Names and arguments are those of PyTorch's functions; where PyTorch has a form
/// that works in place (<c>relu_</c>), it is the same entry, which does not.
/// </summary>
public static partial class Operators
{
    private static readonly Dictionary<string, Operator> Catalogue = new(StringComparer.Ordinal);

    /// <summary>Input, weight, bias or absent; stride, padding, dilation, kernel (for what needs no weights to be known), groups.</summary>
    public static Operator Conv2d { get; } = Add("conv2d", Convolution, Window);

    /// <summary>Input, weight, bias, running mean, running variance, batch counter or absent; eps.</summary>
    public static Operator BatchNorm { get; } = Add("batch_norm", Normalisation, Same);

    /// <summary>Input, weight <c>[outputs, inputs]</c>, bias or absent.</summary>
    public static Operator Linear { get; } = Add("linear", _ => x => F.linear(x[0], x[1], x.Optional(2)), Everything);

    /// <summary>max(x, 0).</summary>
    public static Operator Relu { get; } = Add("relu", _ => x => x[0].relu(), Same);

    /// <summary>min(max(x, 0), 6).</summary>
    public static Operator Relu6 { get; } = Add("relu6", _ => x => x[0].relu6(), Same);

    /// <summary>max(x, slope · x).</summary>
    public static Operator LeakyRelu { get; } = Add("leaky_relu", Leaky, Same);

    /// <summary>The largest value of each window; kernel, stride, padding, dilation, ceil.</summary>
    public static Operator MaxPool2d { get; } = Add("max_pool2d", MaximumPooling, Window);

    /// <summary>The mean of each window; kernel, stride, padding, ceil, count_include_pad.</summary>
    public static Operator AvgPool2d { get; } = Add("avg_pool2d", AveragePooling, Window);

    /// <summary>The mean over a grid of size × size parts, <c>size</c> 1 when not given; or of <c>grid</c>, height × width.</summary>
    public static Operator AdaptiveAvgPool2d { get; } = Add("adaptive_avg_pool2d",
        a =>
        {
            long[] grid = a.Ints("grid", a.Int("size", 1), a.Int("size", 1));
            return x => F.adaptive_avg_pool2d(x[0], (grid[0], grid[1]));
        },
        a => !a.Has("grid") && a.Int("size", 1) == 1 ? SpatialReach.Everything : SpatialReach.Unknown);

    /// <summary>The mean over dims; keepdim.</summary>
    public static Operator Mean { get; } = Add("mean",
        a =>
        {
            // None given: over everything.
            long[] dims = a.Has("dims") ? a.Ints("dims") : [];
            bool keep = a.Flag("keepdim", false);
            return x => x[0].mean(dims, keep);
        }, Pooled);

    /// <summary>Dimensions from start (1 when not given) to end (the last one) become one.</summary>
    public static Operator Flatten { get; } = Add("flatten",
        a => { (long start, long end) = (a.Int("start", 1), a.Int("end", -1)); return x => x[0].flatten(start, end); },
        a => a.Int("start", 1) == 1 && a.Int("end", -1) is -1 or 3 ? SpatialReach.Everything : SpatialReach.Unknown);

    /// <summary>
    /// Dropout with probability p (Srivastava et al. 2014), in evaluation the identity. Masks follow from a seed and a counter: libtorch's
    /// own draws from a generator that the whole process shares, so a training could not be continued exactly.
    /// </summary>
    public static Operator Dropout { get; } = Add("dropout", Dropping, Same);

    /// <summary>The sum of two values, or of one and <c>scalar</c>.</summary>
    public static Operator Sum { get; } = Add("add", Two((a, b) => a + b, (a, number) => a.add(number)), Same);

    /// <summary>Any number of values one after the other along dim, channels when not given.</summary>
    public static Operator Concatenate { get; } = Add("cat",
        a => { long dim = a.Int("dim", 1); return x => cat(x.All(), dim); }, a => a.Int("dim", 1) == 1
            ? SpatialReach.Same : SpatialReach.Unknown);

    /// <summary>Layer normalisation over the last dimensions: input, weight, bias; shape, eps.</summary>
    public static Operator LayerNorm { get; } = Add("layer_norm",
        a =>
        {
            long[] shape = a.Ints("shape"); double eps = a.Number("eps", 1e-5); return x =>
            F.layer_norm(x[0], shape, x.Optional(1), x.Optional(2), eps);
        });

    static Operators()
    {
        AddPointwise();
        AddComparisons();
        AddReductions();
        AddShapes();
        AddMatrices();
        (Grid, Ungrid) = (Add("grid", AsGrid), Add("ungrid", FromGrid));
        AddFunctions();
        AddWindows();
        AddNormalisations();
        AddIndexing();
        AddResampling();
        AddStatistics();
        AddSpecial();
    }

    /// <summary>All of them.</summary>
    public static IReadOnlyCollection<Operator> All => Catalogue.Values;

    /// <summary>The operation of this name; an ending <c>_</c>, PyTorch's mark of what works in place, is dropped.</summary>
    /// <exception cref="FoveaException">There is none.</exception>
    public static Operator Get(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Catalogue.TryGetValue(name.TrimEnd('_'), out Operator? found) ? found : throw FoveaException.BadData(
            $"There is no operator '{name}'. Nearest: {string.Join(", ", Nearest.To(name, Catalogue.Keys))}.");
    }

    private static Operator Add(
        string name, Func<OperatorAttributes, Func<OperatorCall, Tensor>> bind, Func<OperatorAttributes, SpatialReach>? reach = null) =>
        Catalogue[name] = new Operator(name, bind, reach);

    private static Operator Add(
        string name, Func<OperatorAttributes, OperatorFunction> bind, Func<OperatorAttributes, SpatialReach>? reach = null) =>
        Catalogue[name] = new Operator(name, bind, reach);

    private static SpatialReach Same(OperatorAttributes attributes) => SpatialReach.Same;

    private static SpatialReach Everything(OperatorAttributes attributes) => SpatialReach.Everything;

    private static SpatialReach Window(OperatorAttributes attributes)
    {
        long[] kernel = attributes.Ints("kernel");
        return SpatialReach.Window(kernel, attributes.Ints("stride", kernel), attributes.Ints("padding", 0), attributes.Ints("dilation", 1),
            attributes.Flag("ceil", false));
    }

    private static Func<OperatorCall, Tensor> Convolution(OperatorAttributes attributes)
    {
        (long[] stride, long[] padding, long[] dilation) =
            (attributes.Ints("stride", 1, 1), attributes.Ints("padding", 0, 0), attributes.Ints("dilation", 1, 1));
        long groups = attributes.Int("groups", 1);
        return x =>
        {
            RequireNumbers(x);
            return F.conv2d(x[0], x[1], x.Optional(2), stride, padding, dilation, groups);
        };
    }

    private static Func<OperatorCall, Tensor> Normalisation(OperatorAttributes attributes)
    {
        double epsilon = attributes.Number("eps", 1e-5);
        return x =>
        {
            if (x.Mode.BatchStatistics && x.Optional(5) is { } counter)
            {
                using var quiet = no_grad();
                counter.add_(x.Mode.One);
            }
            return F.batch_norm(x[0], x[3], x[4], x.Optional(1), x.Optional(2), x.Mode.BatchStatistics, x.Mode.Momentum, epsilon);
        };
    }

    private static Func<OperatorCall, Tensor> Leaky(OperatorAttributes attributes)
    {
        // One scalar for all calls: the collector may free a temporary one while libtorch reads it
        // (docs/decisions/0009-scalars-and-the-collector.md).
        Scalar slope = attributes.Number("slope", 0.01);
        return x => x[0].leaky_relu(slope);
    }

    private static Func<OperatorCall, Tensor> MaximumPooling(OperatorAttributes attributes)
    {
        long[] kernel = attributes.Ints("kernel"), stride = attributes.Ints("stride", kernel), padding = attributes.Ints(
            "padding", 0, 0), dilation = attributes.Ints("dilation", 1, 1);
        bool ceil = attributes.Flag("ceil", false);
        return x => F.max_pool2d(x[0], kernel, stride, padding, dilation, ceil);
    }

    private static Func<OperatorCall, Tensor> AveragePooling(OperatorAttributes attributes)
    {
        long[] kernel = attributes.Ints("kernel"), stride = attributes.Ints("stride", kernel), padding = attributes.Ints("padding", 0, 0);
        (bool ceil, bool padded) = (attributes.Flag("ceil", false), attributes.Flag("count_include_pad", true));
        return x => F.avg_pool2d(x[0], kernel, stride, padding, ceil, padded);
    }

    private static Func<OperatorCall, Tensor> Dropping(OperatorAttributes attributes)
    {
        double keep = 1 - attributes.Number("p", 0.5);
        return x =>
        {
            if (!x.Mode.Dropout) return x[0].alias();
            using var scope = NewDisposeScope();
            using var generator = new Generator(x.Mode.NextMask(x.Node), x[0].device);
            var mask = empty_like(x[0]).bernoulli_(keep, generator).div_(keep);
            return scope.MoveToOuter(x[0] * mask);
        };
    }
}
