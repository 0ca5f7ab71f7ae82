using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Fovea.Imaging;

/// <summary>
/// Resizing, bit for bit as Pillow does it (<c>Image.resize(size, Image.BILINEAR)</c> and its other filters), widened when shrinking,
/// columns first, then rows, each pass in 22-bit fixed point and rounded to 8 bits; a pass that would change nothing is left out.
/// torchvision's <c>Resize</c> on PIL images is this.
/// </summary>
public static class Resampling
{
    /// <summary>Bytes kept between the two passes: more than any picture of usual shape needs.</summary>
    private const long MostBetween = 1 << 25;

    /// <summary>The whole picture at another size, by one of the filters.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    public static RgbImage Resize(RgbImage image, int width, int height, Interpolation filter)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        var pixels = GC.AllocateUninitializedArray<byte>(checked(width * height * 3));
        Resize(image, PixelBox.Whole(image.Width, image.Height), width, height, PixelBox.Whole(width, height), pixels, filter);
        return new RgbImage(width, height, pixels);
    }

    /// <summary>The whole picture at another size.</summary>
    public static RgbImage Bilinear(RgbImage image, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Bilinear(image, PixelBox.Whole(image.Width, image.Height), width, height);
    }

    /// <summary>
    /// A part of the picture at another size: <c>image.crop(box).resize((width, height))</c>; nothing outside the box is used.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The box does not lie inside the picture or a size is not positive.</exception>
    public static RgbImage Bilinear(RgbImage image, PixelBox crop, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        var pixels = GC.AllocateUninitializedArray<byte>(checked(width * height * 3));
        Bilinear(image, crop, width, height, PixelBox.Whole(width, height), pixels);
        return new RgbImage(width, height, pixels);
    }

    /// <summary>Only the part <paramref name="window"/> of the resized picture: what a centre crop will not show is not computed.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="crop">The part of it that is resized.</param>
    /// <param name="width">Width of the resized picture.</param>
    /// <param name="height">Height of the resized picture.</param>
    /// <param name="window">The part of the resized picture that is wanted.</param>
    /// <param name="destination">Window height × window width × 3 bytes.</param>
    /// <param name="mostBetween">Bytes kept between the two passes; changes no pixel.</param>
    internal static void Bilinear(
        RgbImage image, PixelBox crop, int width, int height, PixelBox window, Span<byte> destination, long mostBetween = MostBetween) =>
        Resize(image, crop, width, height, window, destination, Interpolation.Bilinear, mostBetween);

    /// <summary>The same by one of the filters.</summary>
    internal static void Resize(
        RgbImage image, PixelBox crop, int width, int height, PixelBox window, Span<byte> destination, Interpolation filter,
        long mostBetween = MostBetween)
    {
        ArgumentNullException.ThrowIfNull(image);
        crop.RequireInside(image.Width, image.Height);
        window.RequireInside(width, height);
        int rowBytes = window.Width * 3;
        if (destination.Length < window.Height * rowBytes)
            throw new ArgumentException("The destination is too small.", nameof(destination));
        // Weights below zero overshoot.
        bool clip = filter is Interpolation.Bicubic or Interpolation.Lanczos;
        bool horizontal = width != crop.Width, vertical = height != crop.Height;
        ResampleWeights? rows = vertical ? new ResampleWeights(crop.Height, height, window.Top, window.Height, filter) : null;

        // Rows of the crop that the second pass will read.
        int lastRow = window.Height - 1;
        int firstInput = rows is null ? window.Top : rows.Starts[0];
        int inputRows = rows is null ? window.Height : rows.Starts[lastRow] + rows.Counts[lastRow] - firstInput;

        if (!horizontal)
        {
            ReadOnlySpan<byte> start = image.Pixels.AsSpan(Offset(image, crop.Left + window.Left, crop.Top + firstInput));
            if (rows is null)
            {
                for (int y = 0; y < window.Height; y++) start.Slice(y * image.Width * 3, rowBytes).CopyTo(destination[(y * rowBytes)..]);
            }
            else
            {
                ResizeRows(start, image.Width * 3, firstInput, rows, 0, window.Height, rowBytes, destination, clip);
            }
            return;
        }

        var columns = new ResampleWeights(crop.Width, width, window.Left, window.Width, filter);
        if (rows is null)
        {
            ResizeColumns(image, crop, firstInput, inputRows, columns, window, destination, clip);
            return;
        }
        // What lies between the passes is as high as the crop and as wide as the result: of a very high picture it is made in pieces.
        for (int top = 0, end; top < window.Height; top = end)
        {
            int first = rows.Starts[top];
            for (end = top + 1; end < window.Height
                && (long)(rows.Starts[end] + rows.Counts[end] - first) * rowBytes <= mostBetween; end++) { }
            int count = rows.Starts[end - 1] + rows.Counts[end - 1] - first, piece = (int)Math.Clamp(mostBetween / rowBytes, 1, count);
            byte[] between = ArrayPool<byte>.Shared.Rent(piece * rowBytes);
            if (piece == count)
            {
                ResizeColumns(image, crop, first, count, columns, window, between, clip);
                ResizeRows(between, rowBytes, first, rows, top, end, rowBytes, destination, clip);
            }
            else
            {
                ResizeOneRow(
                    image, crop, first, columns, rows.Weights.AsSpan(top * rows.Taps, count), window, between, piece,
                        destination.Slice(top * rowBytes, rowBytes), clip);
            }
            ArrayPool<byte>.Shared.Return(between);
        }
    }

    /// <summary>
    /// One row of the result from more rows than are to be kept at once: sums are whole numbers, so that pieces change nothing.
    /// </summary>
    private static void ResizeOneRow(
        RgbImage image, PixelBox crop, int first, ResampleWeights columns, ReadOnlySpan<int> weights, PixelBox window, byte[] between,
            int piece, Span<byte> to, bool clip)
    {
        var sums = new int[to.Length];
        Array.Fill(sums, ResampleWeights.Half);
        for (int start = 0; start < weights.Length; start += piece)
        {
            int count = Math.Min(piece, weights.Length - start);
            ResizeColumns(image, crop, first + start, count, columns, window, between, clip);
            for (int k = 0; k < count; k++)
                for (int b = 0; b < sums.Length; b++) sums[b] += between[k * sums.Length + b] * weights[start + k];
        }
        for (int b = 0; b < sums.Length; b++) to[b] = Sample(sums[b], clip);
    }

    private static byte Sample(int sum, bool clip)
    {
        sum >>= ResampleWeights.PrecisionBits;
        return (byte)(clip ? Math.Clamp(sum, 0, 255) : sum);
    }

    private static int Offset(RgbImage image, int x, int y) => (y * image.Width + x) * 3;

    private static void ResizeColumns(
        RgbImage image, PixelBox crop, int firstInput, int inputRows, ResampleWeights columns, PixelBox window, Span<byte> destination,
        bool clip)
    {
        ref int weights = ref MemoryMarshal.GetArrayDataReference(columns.Weights);
        int target = 0;
        byte[]? padded = null;
        for (int y = 0; y < inputRows; y++)
        {
            int start = Offset(image, crop.Left, crop.Top + firstInput + y), length = crop.Width * 3;
            ref byte row = ref image.Pixels[start];
            if (start + length == image.Pixels.Length)
            {
                // Four bytes are read a pixel: the very last one would reach past the array.
                padded = ArrayPool<byte>.Shared.Rent(length + 1);
                image.Pixels.AsSpan(start, length).CopyTo(padded);
                row = ref padded[0];
            }
            for (int x = 0; x < window.Width; x++, target += 3)
            {
                ref byte input = ref Unsafe.Add(ref row, columns.Starts[x] * 3);
                ref int weight = ref Unsafe.Add(ref weights, x * columns.Taps);
                int count = columns.Counts[x];
                Vector128<int> sum = Vector128.Create(ResampleWeights.Half);
                for (int k = 0; k < count; k++)
                {
                    uint pixel = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref input, k * 3));
                    Vector128<ushort> wide = Vector128.WidenLower(Vector128.CreateScalarUnsafe(pixel).AsByte());
                    sum += Vector128.WidenLower(wide).AsInt32() * Vector128.Create(Unsafe.Add(ref weight, k));
                }
                sum >>= ResampleWeights.PrecisionBits;
                if (clip) sum = Vector128.Min(Vector128.Max(sum, Vector128<int>.Zero), Vector128.Create(255));
                destination[target + 2] = (byte)sum[2];
                destination[target + 1] = (byte)sum[1];
                destination[target] = (byte)sum[0];
            }
        }
        if (padded is not null) ArrayPool<byte>.Shared.Return(padded);
    }

    private static void ResizeRows(
        ReadOnlySpan<byte> input, int stride, int firstInput, ResampleWeights rows, int top, int end, int rowBytes,
        Span<byte> destination, bool clip)
    {
        for (int y = top; y < end; y++)
        {
            int o = y, count = rows.Counts[o];
            ReadOnlySpan<byte> from = input[((rows.Starts[o] - firstInput) * stride)..];
            ReadOnlySpan<int> weights = rows.Weights.AsSpan(o * rows.Taps, count);
            Span<byte> to = destination.Slice(y * rowBytes, rowBytes);
            // The bounds the loop below relies on: its last read ends inside the last row used.
            _ = from.Slice((count - 1) * stride, rowBytes);
            ref byte first = ref MemoryMarshal.GetReference(from);
            int b = 0;
            for (; b + 16 <= rowBytes; b += 16)
            {
                Vector256<int> low = Vector256.Create(ResampleWeights.Half), high = low;
                for (int k = 0; k < weights.Length; k++)
                {
                    Vector256<ushort> wide = Widen(Vector128.LoadUnsafe(ref first, (nuint)(k * stride + b)));
                    Vector256<int> weight = Vector256.Create(weights[k]);
                    low += Vector256.WidenLower(wide).AsInt32() * weight;
                    high += Vector256.WidenUpper(wide).AsInt32() * weight;
                }
                low >>= ResampleWeights.PrecisionBits;
                high >>= ResampleWeights.PrecisionBits;
                if (clip)
                {
                    Vector256<int> most = Vector256.Create(255);
                    low = Vector256.Min(Vector256.Max(low, Vector256<int>.Zero), most);
                    high = Vector256.Min(Vector256.Max(high, Vector256<int>.Zero), most);
                }
                Vector256<ushort> both = Vector256.Narrow(low.AsUInt32(), high.AsUInt32());
                Vector128.Narrow(both.GetLower(), both.GetUpper()).StoreUnsafe(ref MemoryMarshal.GetReference(to), (nuint)b);
            }
            for (; b < rowBytes; b++)
            {
                int sum = ResampleWeights.Half;
                for (int k = 0; k < weights.Length; k++) sum += from[k * stride + b] * weights[k];
                to[b] = Sample(sum, clip);
            }
        }
    }

    private static Vector256<ushort> Widen(Vector128<byte> bytes) => Vector256.WidenLower(bytes.ToVector256Unsafe());
}
