using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Fovea.Models.Graph;

/// <summary>
/// Operations over windows beside those of images with the same padding on both sides: other numbers of dimensions, transposed
/// convolution, pooling with unlike padding. Lists of attributes have one number for each spatial dimension.
/// </summary>
public static partial class Operators
{
    private static void AddWindows()
    {
        Add("conv1d", a => Convolved(a, 1));
        Add("conv3d", a => Convolved(a, 3));
        // Input, weight [inputs, outputs / groups, …], bias or absent; stride, padding, output_padding, dilation, groups.
        Add("conv_transpose1d", a => Transposed(a, 1));
        Add("conv_transpose2d", a => Transposed(a, 2));
        Add("conv_transpose3d", a => Transposed(a, 3));
        Add("max_pool1d", a =>
        {
            Windows w = new(a, 1);
            return x => F.max_pool1d(x[0], w.Kernel[0], w.Stride[0], w.Padding[0], w.Dilation[0], w.Ceil);
        });
        Add("max_pool3d", a =>
        {
            Windows w = new(a, 3);
            return x => F.max_pool3d(x[0], w.Kernel, w.Stride, w.Padding, w.Dilation, w.Ceil);
        });
        // The largest values, and where they stand among all numbers of the input, images and channels included.
        Add("max_pool2d_with_indices", a =>
        {
            Windows w = new(a, 2);
            return (OperatorFunction)(x =>
            {
                var (values, places) = F.max_pool2d_with_indices(x[0], w.Kernel, w.Stride, w.Padding, w.Dilation, w.Ceil);
                using Tensor within = places;
                using Tensor planes = arange(x[0].shape[0] * x[0].shape[1], int64, x[0].device);
                using Tensor first = planes.mul(x[0].shape[2] * x[0].shape[3]).view(x[0].shape[0], x[0].shape[1], 1, 1);
                return [values, within + first];
            });
        }, Window);
        Add("avg_pool1d", a =>
        {
            Windows w = new(a, 1);
            bool padded = a.Flag("count_include_pad", true);
            return x => F.avg_pool1d(x[0], w.Kernel[0], w.Stride[0], w.Padding[0], w.Ceil, padded);
        });
        Add("avg_pool3d", a =>
        {
            Windows w = new(a, 3);
            bool padded = a.Flag("count_include_pad", true);
            return x => F.avg_pool3d(x[0], w.Kernel, w.Stride, w.Padding, w.Ceil, padded);
        });
        Add("avg_pool_uneven", Uneven, UnevenWindow);
        Add("lp_pool", Norms, UnevenWindow);
    }

    private static Func<OperatorCall, Tensor> Convolved(OperatorAttributes attributes, int rank)
    {
        Windows w = new(attributes, rank);
        long groups = attributes.Int("groups", 1);
        return x =>
        {
            RequireNumbers(x);
            return rank == 1 ? F.conv1d(x[0], x[1], x.Optional(2), w.Stride[0], w.Padding[0], w.Dilation[0], groups)
                : F.conv3d(x[0], x[1], x.Optional(2), w.Stride, w.Padding, w.Dilation, groups);
        };
    }

    private static Func<OperatorCall, Tensor> Transposed(OperatorAttributes attributes, int rank)
    {
        Windows w = new(attributes, rank);
        long[] more = Windows.Of(attributes, "output_padding", rank, 0);
        long groups = attributes.Int("groups", 1);
        return x =>
        {
            RequireNumbers(x);
            return rank switch
            {
                1 => F.conv_transpose1d(x[0], x[1], x.Optional(2), w.Stride[0], w.Padding[0], more[0], w.Dilation[0], groups),
                2 => F.conv_transpose2d(x[0], x[1], x.Optional(2), w.Stride, w.Padding, more, w.Dilation, groups),
                _ => F.conv_transpose3d(x[0], x[1], x.Optional(2), w.Stride, w.Padding, more, w.Dilation, groups),
            };
        };
    }

    /// <summary>oneDNN throws what TorchSharp does not catch, which ends the process.</summary>
    private static void RequireNumbers(OperatorCall x)
    {
        if (x[0].numel() == 0)
            throw FoveaException.BadData($"An operation over windows is given nothing: [{string.Join(", ", x[0].shape)}].");
    }

    /// <summary>
    /// Means of windows whose padding differs on the two sides (<c>padding</c> before, <c>end</c> behind) or whose positions lie apart
    /// (dilation), in one to three dimensions: the sum over each window by the number of its positions that count.
    /// </summary>
    private static Func<OperatorCall, Tensor> Uneven(OperatorAttributes attributes)
    {
        Windows w = new(attributes, attributes.Ints("kernel").Length);
        bool padded = attributes.Flag("count_include_pad", true);
        return x =>
        {
            RequireNumbers(x);
            using var scope = NewDisposeScope();
            long[] one = [.. x[0].shape];
            one[0] = one[1] = 1;
            using Tensor inside = ones(one, dtype: x[0].dtype, device: x[0].device);
            Tensor counted = padded ? w.Padded(inside, 1) : inside;
            Tensor number = padded ? w.Sum(counted, x[0], false) : w.Sum(counted, x[0], true);
            return (w.Sum(x[0], x[0], true) / number).MoveToOuterDisposeScope();
        };
    }

    /// <summary>(Σ |x|^p)^(1/p) over each window, padding counts as zeros.</summary>
    private static Func<OperatorCall, Tensor> Norms(OperatorAttributes attributes)
    {
        Windows w = new(attributes, attributes.Ints("kernel").Length);
        Scalar p = attributes.Number("p", 2), root = 1 / attributes.Number("p", 2);
        return x =>
        {
            RequireNumbers(x);
            using var scope = NewDisposeScope();
            return w.Sum(x[0].abs().pow(p), x[0], true).pow(root).MoveToOuterDisposeScope();
        };
    }

    private static SpatialReach UnevenWindow(OperatorAttributes attributes) => attributes.Ints("kernel").Length == 2
        ? SpatialReach.Window(attributes.Ints("kernel"), attributes.Ints("stride", 1), attributes.Ints("padding", 0),
            attributes.Ints("dilation", 1), attributes.Flag("ceil", false), attributes.Ints("end", attributes.Ints("padding", 0)))
        : SpatialReach.Unknown;

    /// <summary>What operations over windows have in common.</summary>
    private sealed class Windows
    {
        public Windows(OperatorAttributes attributes, int rank)
        {
            Kernel = Of(attributes, "kernel", rank, 1);
            Stride = attributes.Has("stride") || !attributes.Has("kernel") ? Of(attributes, "stride", rank, 1) : Kernel;
            Padding = Of(attributes, "padding", rank, 0);
            End = attributes.Has("end") ? Of(attributes, "end", rank, 0) : Padding;
            Dilation = Of(attributes, "dilation", rank, 1);
            Ceil = attributes.Flag("ceil", false);
        }

        public long[] Kernel { get; }

        public long[] Stride { get; }

        public long[] Padding { get; }

        public long[] End { get; }

        public long[] Dilation { get; }

        public bool Ceil { get; }

        public static long[] Of(OperatorAttributes attributes, string name, int rank, long fallback)
        {
            long[] given = attributes.Has(name) ? attributes.Ints(name) : [.. Enumerable.Repeat(fallback, rank)];
            return given.Length == rank ? given
                : throw FoveaException.BadData($"An operation over {rank} dimensions has {given.Length} numbers for '{name}'.");
        }

        public Tensor Padded(Tensor x, double value)
        {
            var pads = new long[2 * Kernel.Length];
            for (int i = 0; i < Kernel.Length; i++) (pads[^(2 * i + 2)], pads[^(2 * i + 1)]) = (Padding[i], End[i]);
            return F.pad(x, pads, PaddingModes.Constant, value);
        }

        /// <summary>The sum over each window; a last window that only partly lies on its input sums what there is.</summary>
        /// <param name="x">What is summed, padded with zeros first if asked.</param>
        /// <param name="input">The operation's input, whose size says how many windows there are.</param>
        /// <param name="pad">Whether <paramref name="x"/> is still to be padded.</param>
        public Tensor Sum(Tensor x, Tensor input, bool pad)
        {
            if (pad) x = Padded(x, 0);
            var more = new long[2 * Kernel.Length];
            for (int i = 0; i < Kernel.Length; i++)
            {
                long size = input.shape[i + 2], windows = SpatialReach.AxisWindow.Count(
                    size, Kernel[i], Stride[i], Padding[i], End[i], Dilation[i], Ceil);
                long needed = (windows - 1) * Stride[i] + (Kernel[i] - 1) * Dilation[i] + 1;
                more[^(2 * i + 1)] = Math.Max(0, needed - (size + Padding[i] + End[i]));
            }
            if (more.Any(one => one > 0)) x = F.pad(x, more, PaddingModes.Constant, 0);
            long channels = x.shape[1];
            using Tensor ones_ = ones([channels, 1, .. Kernel], dtype: x.dtype, device: x.device);
            return Kernel.Length switch
            {
                1 => F.conv1d(x, ones_, null, Stride[0], 0, Dilation[0], channels),
                2 => F.conv2d(x, ones_, null, Stride, [0, 0], Dilation, channels),
                _ => F.conv3d(x, ones_, null, Stride, [0, 0, 0], Dilation, channels),
            };
        }
    }
}
