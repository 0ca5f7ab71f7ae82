using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Fovea.IO;
using SkiaSharp;

namespace Fovea.Imaging;

/// <summary>
/// Pictures from and to files (JPEG, PNG, WebP, GIF, BMP, TIFF, PBM, PGM, PPM; the format is told by the content, not the name). Decoding
/// gives what Pillow's <c>Image.open(f).convert("RGB")</c> gives, and so what torchvision reads: grey, palette and CMYK become RGB, alpha
/// is dropped without blending, 16-bit grey is cut at 255, EXIF orientation and colour profiles are ignored, of an animation the first
/// frame is taken. CMYK in a JPEG may differ by 2 of 255 (docs/reference/data.md). Thread-safe.
/// </summary>
public static class ImageCodec
{
    /// <summary>Pictures of more pixels are refused: a few bytes can claim gigabytes.</summary>
    public const int MaximumPixels = 178_956_970;

    private const int KeptBytes = 1 << 24;

    [ThreadStatic]
    private static byte[]? OwnRgba;

    /// <summary>Decodes a picture.</summary>
    /// <param name="file">The file's content.</param>
    /// <param name="id">The picture's name for error messages.</param>
    /// <exception cref="DamagedImageException">The data are no picture, are cut short or damaged, or claim too many pixels.</exception>
    public static unsafe RgbImage Decode(ReadOnlySpan<byte> file, string id)
    {
        if (file.IsEmpty) throw new DamagedImageException(id, "the file is empty");
        if (PnmDecoder.Matches(file)) return PnmDecoder.Decode(file, id);
        if (TiffDecoder.Matches(file)) return TiffDecoder.Decode(file, id);
        if (GifDecoder.Matches(file)) return GifDecoder.Decode(file, id);
        if (Grey16Png.Matches(file)) return Grey16Png.Decode(file, id);
        fixed (byte* start = file)
        {
            using var data = SKData.Create((nint)start, file.Length);
            using var codec = SKCodec.Create(data)
                ?? throw Unknown(file, id);
            SKImageInfo source = codec.Info;
            RequireSize(source.Width, source.Height, id);
            ClaimedPixels.Require(file, codec.EncodedFormat, source.Width, source.Height, id);

            // Unpremultiplied: the colours of transparent pixels are kept, as convert("RGB") keeps them. No colour space: no conversion.
            var wanted = new SKImageInfo(source.Width, source.Height, SKColorType.Rgba8888,
                source.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul, null);
            byte[] rgba = Scratch(wanted.BytesSize);
            SKCodecResult result;
            fixed (byte* pixels = rgba) result = codec.GetPixels(wanted, (nint)pixels);
            if (result != SKCodecResult.Success) throw new DamagedImageException(id, Explain(result));
            if (codec.EncodedFormat == SKEncodedImageFormat.Jpeg && JpegStructure.LacksEnd(file))
                throw new DamagedImageException(id, Explain(SKCodecResult.IncompleteInput));

            var rgb = GC.AllocateUninitializedArray<byte>(source.Width * source.Height * 3);
            DropAlpha(rgba.AsSpan(0, wanted.BytesSize), rgb);
            return new RgbImage(source.Width, source.Height, rgb);
        }
    }

    /// <summary>Reads only a picture's header.</summary>
    /// <param name="file">The file's content.</param>
    /// <param name="id">The picture's name for error messages.</param>
    /// <exception cref="DamagedImageException">The data are no picture, or claim too many pixels.</exception>
    public static unsafe ImageHeader ReadHeader(ReadOnlySpan<byte> file, string id)
    {
        if (file.IsEmpty) throw new DamagedImageException(id, "the file is empty");
        if (PnmDecoder.Matches(file)) return Header("PNM", PnmDecoder.ReadSize(file, id));
        if (TiffDecoder.Matches(file)) return Header("TIFF", TiffDecoder.ReadSize(file, id));
        fixed (byte* start = file)
        {
            using var data = SKData.Create((nint)start, file.Length);
            using var codec = SKCodec.Create(data) ?? throw Unknown(file, id);
            RequireSize(codec.Info.Width, codec.Info.Height, id);
            ClaimedPixels.Require(file, codec.EncodedFormat, codec.Info.Width, codec.Info.Height, id);
            return new ImageHeader(FormatName(codec.EncodedFormat), codec.Info.Width, codec.Info.Height);
        }
    }

    /// <summary>The picture as a PNG file.</summary>
    public static byte[] EncodePng(RgbImage image) => Encode(image, SKEncodedImageFormat.Png, 100);

    /// <summary>The picture as a JPEG file.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="quality">1 (smallest) to 100 (best).</param>
    public static byte[] EncodeJpeg(RgbImage image, int quality)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        return Encode(image, SKEncodedImageFormat.Jpeg, quality);
    }

    private static unsafe byte[] Encode(RgbImage image, SKEncodedImageFormat format, int quality)
    {
        ArgumentNullException.ThrowIfNull(image);
        var info = new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque, null);
        byte[] rgba = Scratch(info.BytesSize);
        AddAlpha(image.Pixels, rgba);
        fixed (byte* pixels = rgba)
        {
            using var map = new SKPixmap(info, (nint)pixels);
            using SKData encoded = map.Encode(format, quality)
                ?? throw new InvalidOperationException($"The {format} encoder refused a picture of {image.Width}×{image.Height}.");
            return encoded.ToArray();
        }
    }

    // Decoders write four bytes a pixel; one buffer a thread is kept so that the large-object heap is spared.
    private static byte[] Scratch(int bytes)
    {
        if (OwnRgba is { } kept && kept.Length >= bytes) return kept;
        var fresh = GC.AllocateUninitializedArray<byte>(bytes);
        if (bytes <= KeptBytes) OwnRgba = fresh;
        return fresh;
    }

    private static void DropAlpha(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        ref byte from = ref MemoryMarshal.GetReference(rgba);
        ref byte to = ref MemoryMarshal.GetReference(rgb);
        var order = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 255, 255, 255, 255);
        int source = 0, target = 0;
        // Sixteen bytes are stored for twelve: the four too many are overwritten by the next step.
        for (; target + 16 <= rgb.Length; source += 16, target += 12)
            Vector128.Shuffle(Vector128.LoadUnsafe(ref from, (nuint)source), order).StoreUnsafe(ref to, (nuint)target);
        for (; target < rgb.Length; source += 4, target += 3)
            rgba.Slice(source, 3).CopyTo(rgb[target..]);
    }

    private static void AddAlpha(ReadOnlySpan<byte> rgb, Span<byte> rgba)
    {
        for (int source = 0, target = 0; source < rgb.Length; source += 3, target += 4)
        {
            rgb.Slice(source, 3).CopyTo(rgba[target..]);
            rgba[target + 3] = 255;
        }
    }

    /// <summary>Throws unless a picture has pixels, and not more than can be meant.</summary>
    internal static void RequireSize(long width, long height, string id)
    {
        if (width <= 0 || height <= 0) throw new DamagedImageException(id, $"its header says {width}×{height} pixels");
        if (width > MaximumPixels || height > MaximumPixels || width * height > MaximumPixels)
            throw new DamagedImageException(id, $"{width}×{height} pixels, more than {MaximumPixels}");
    }

    private static DamagedImageException Unknown(ReadOnlySpan<byte> file, string id) => new(id, LfsPointer.IsOne(file)
        ? $"it is a pointer of Git LFS in the place of the picture: {LfsPointer.Advice}"
        : "it is cut short or no picture of a known format (JPEG, PNG, WebP, GIF, BMP, TIFF, PPM, PGM)");

    private static ImageHeader Header(string format, (int Width, int Height) size) => new(format, size.Width, size.Height);

    private static string FormatName(SKEncodedImageFormat format) => format switch
    {
        SKEncodedImageFormat.Webp => "WebP",
        var other => other.ToString().ToUpperInvariant(),
    };

    private static string Explain(SKCodecResult result) => result switch
    {
        SKCodecResult.IncompleteInput => "the file is cut short",
        SKCodecResult.ErrorInInput or SKCodecResult.InvalidInput => "the data are damaged",
        _ => $"the decoder says {result}",
    };
}
