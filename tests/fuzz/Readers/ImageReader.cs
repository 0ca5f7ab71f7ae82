using System.Text;
using BitMiracle.LibTiff.Classic;
using Fovea.Fuzz.Changes;
using Fovea.Imaging;
using Fovea.Numerics;
using SkiaSharp;

namespace Fovea.Fuzz.Readers;

/// <summary>Pictures of every format.</summary>
internal sealed class ImageReader : FuzzReader
{
    private const int Width = 20, Height = 12, BytesOfPixel = 24;

    public override string Name => "images";

    public override string About => "JPEG, PNG, WebP, GIF, BMP, TIFF, PNM (ImageCodec)";

    public override IReadOnlyList<string> Types => ["Fovea.Imaging.ImageCodec", "Fovea.Imaging.GifDecoder", "Fovea.Imaging.TiffDecoder",
        "Fovea.Imaging.PnmDecoder", "Fovea.Imaging.Grey16Png", "Fovea.Imaging.ClaimedPixels", "Fovea.Imaging.JpegStructure",
        "Fovea.Imaging.ColourTable"];

    public override bool Native => true;

    public override IReadOnlyList<byte[]> Seeds()
    {
        byte[] pixels = [.. Enumerable.Range(0, Width * Height * 3).Select(i => (byte)(i * 7 % 251))];
        var picture = new RgbImage(Width, Height, pixels);
        using var bitmap = SKBitmap.Decode(ImageCodec.EncodePng(picture));
        using SKData webp = bitmap.Encode(SKEncodedImageFormat.Webp, 80), lossless = bitmap.Encode(SKEncodedImageFormat.Webp, 100);
        return
        [
            ImageCodec.EncodePng(picture), ImageCodec.EncodeJpeg(picture, 80), webp.ToArray(), lossless.ToArray(), Bmp(pixels), Gif(),
            [.. "P6\n20 12\n255\n"u8, .. pixels], [.. "P5 # grey\n20 12\n65535\n"u8, .. pixels[..480]],
            Encoding.ASCII.GetBytes("P3\n2 1\n255\n1 2 3 4 5 6\n"), [.. "P4\n20 12\n"u8, .. pixels[..36]], "P1\n2 2\n1 0 0 1\n"u8.ToArray(),
            .. ((Compression[])[Compression.NONE, Compression.LZW, Compression.PACKBITS, Compression.ADOBE_DEFLATE, Compression.CCITTFAX4, Compression.JPEG])
                .Select(compression => TiffOf(pixels, compression)),
        ];
    }

    public override byte[] Change(byte[] input, CounterRandom random) => PictureChanges.Any(input, random);

    public override void Read(byte[] input) => ImageCodec.Decode(input, "picture");

    public override long Output(byte[] input)
    {
        try
        {
            ImageHeader header = ImageCodec.ReadHeader(input, "picture");
            return (long)header.Width * header.Height * BytesOfPixel;
        }
        catch (Exception)
        {
            // What it ends in shows when it is read.
            return 0;
        }
    }

    private static byte[] Bmp(byte[] pixels) =>
    [
        .. "BM"u8, .. ByteChanges.Whole(54 + pixels.Length, 4, true), 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, Width, 0, 0, 0, Height, 0, 0, 0, 1, 0, 24, 0,
        .. new byte[24], .. pixels,
    ];

    // Two colours, two pixels: a clear code, both, the end.
    private static byte[] Gif() =>
        [.. "GIF89a"u8, 2, 0, 1, 0, 0x80, 0, 0, 255, 0, 0, 0, 0, 255, (byte)',', 0, 0, 0, 0, 2, 0, 1, 0, 0, 2, 2, 0x44, 0x0A, 0, (byte)';'];

    private static byte[] TiffOf(byte[] pixels, Compression compression) => Fuzz.Seeds.Written("a.tif", path =>
    {
        bool fax = compression == Compression.CCITTFAX4;
        using Tiff tiff = Tiff.Open(path, "w");
        tiff.SetField(TiffTag.IMAGEWIDTH, Width);
        tiff.SetField(TiffTag.IMAGELENGTH, Height);
        tiff.SetField(TiffTag.BITSPERSAMPLE, fax ? 1 : 8);
        tiff.SetField(TiffTag.SAMPLESPERPIXEL, fax ? 1 : 3);
        tiff.SetField(TiffTag.ROWSPERSTRIP, Height);
        tiff.SetField(TiffTag.COMPRESSION, compression);
        tiff.SetField(TiffTag.PHOTOMETRIC, fax ? Photometric.MINISWHITE : Photometric.RGB);
        tiff.SetField(TiffTag.PLANARCONFIG, PlanarConfig.CONTIG);
        byte[] row = new byte[Width * 3];
        for (int y = 0; y < Height; y++)
        {
            pixels.AsSpan(y * Width * 3, Width * 3).CopyTo(row);
            tiff.WriteScanline(row, y);
        }
    });
}
