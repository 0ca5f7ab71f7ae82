using BitMiracle.LibTiff.Classic;

namespace Fovea.Imaging;

/// <summary>
/// Reads the first picture of a TIFF through LibTiff.NET, with the pixels that Pillow's <c>convert("RGB")</c> gives: grey, palette, RGB and
/// CMYK of 1 to 16 bits, strips or tiles, every compression that LibTiff.NET knows. Alpha is dropped, grey of 16 bits is cut at 255 and
/// colours of 16 bits keep their high byte, and the picture is turned as its orientation says, as there (of other formats it turns none).
/// Real numbers and other colour spaces are refused with their names.
/// </summary>
internal static class TiffDecoder
{
    // What one byte can unfold to at most: deflate 1032, LZW about 2731 (codes of 12 bits for 4096 bytes), run lengths 64, fax rows far
    // more.
    private const long MostUnfolded = 4096;

    private const int LongestFaxRow = 1 << 16;

    static TiffDecoder() => Tiff.SetErrorHandler(new Silent());

    /// <summary>Whether the file begins like one (also the 64-bit form).</summary>
    public static bool Matches(ReadOnlySpan<byte> file) =>
        file.StartsWith("II*\0"u8) || file.StartsWith("MM\0*"u8) || file.StartsWith("II+\0"u8) || file.StartsWith("MM\0+"u8);

    /// <summary>Width and height.</summary>
    /// <exception cref="DamagedImageException">The header is damaged, or claims more pixels than the file can hold.</exception>
    public static (int Width, int Height) ReadSize(ReadOnlySpan<byte> file, string id)
    {
        using Tiff tiff = Open(file, id);
        var form = new Form(tiff, file.Length, id);
        return form.Orientation >= 5 ? (form.Height, form.Width) : (form.Width, form.Height);
    }

    /// <summary>Decodes a picture.</summary>
    /// <exception cref="DamagedImageException">The file is damaged, cut short, or of a form that is not read.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> file, string id)
    {
        try
        {
            using Tiff tiff = Open(file, id);
            var form = new Form(tiff, file.Length, id);
            byte[] samples = Samples(tiff, form, id);
            return Turned(new RgbImage(form.Width, form.Height, Colours(tiff, form, samples)), form.Orientation);
        }
        catch (Exception e) when (e is not (FoveaException or OutOfMemoryException))
        {
            // The library trusts offsets of damaged files now and then.
            throw new DamagedImageException(id, "the data are damaged", e);
        }
    }

    private static Tiff Open(ReadOnlySpan<byte> file, string id)
    {
        TiffStructure.Require(file, id);
        try
        {
            return Tiff.ClientOpen(id, "r", new MemoryStream(file.ToArray()), new TiffStream())
                ?? throw new DamagedImageException(id, "its header is damaged");
        }
        catch (Exception e) when (e is not (FoveaException or OutOfMemoryException))
        {
            throw new DamagedImageException(id, "its header is damaged", e);
        }
    }

    /// <summary>
    /// The samples as bytes, [height, width, channels]: samples of fewer than 8 bits as their numbers; of 16 bits two bytes in this
    /// machine's order.
    /// </summary>
    private static byte[] Samples(Tiff tiff, Form form, string id)
    {
        int bytes = form.Bits == 16 ? 2 : 1;
        var samples = new byte[checked((long)form.Width * form.Height * form.Channels * bytes)];
        int planes = form.Separate ? form.Channels : 1, channels = form.Separate ? 1 : form.Channels;
        bool tiled = tiff.IsTiled();
        int tileWidth = tiled ? form.TileWidth : form.Width, tileHeight = tiled ? form.TileHeight : form.RowsPerStrip;
        int rowBytes = tiled ? tiff.TileRowSize() : tiff.ScanlineSize();
        // A strip may claim more rows than the picture has.
        var block = new byte[tiled ? tiff.TileSize() : checked(tileHeight * rowBytes)];
        for (int plane = 0; plane < planes; plane++)
        {
            for (int top = 0; top < form.Height; top += tileHeight)
            {
                for (int left = 0; left < form.Width; left += tileWidth)
                {
                    int rows = Math.Min(tileHeight, form.Height - top), columns = Math.Min(tileWidth, form.Width - left);
                    int read = tiled
                        ? tiff.ReadEncodedTile(tiff.ComputeTile(left, top, 0, (short)plane), block, 0, block.Length)
                        : tiff.ReadEncodedStrip(tiff.ComputeStrip(top, (short)plane), block, 0, Math.Min(block.Length, rows * rowBytes));
                    if (read < (tiled ? block.Length : rows * rowBytes))
                        throw new DamagedImageException(id, "the file is cut short or its data are damaged");
                    for (int y = 0; y < rows; y++)
                        Row(block.AsSpan(y * rowBytes, rowBytes), form, samples, ((long)(top + y) * form.Width + left) * form.Channels
                            + plane, columns, channels);
                }
            }
        }
        return samples;
    }

    private static void Row(ReadOnlySpan<byte> row, Form form, byte[] samples, long target, int columns, int channels)
    {
        int step = form.Separate ? form.Channels : 1;
        for (int i = 0; i < columns * channels; i++, target += step)
        {
            switch (form.Bits)
            {
                case 8:
                    samples[target] = row[i];
                    break;
                case 16:
                    (samples[2 * target], samples[2 * target + 1]) = (row[2 * i], row[2 * i + 1]);
                    break;
                default:
                    int bit = i * form.Bits;
                    samples[target] = (byte)((row[bit >> 3] >> (8 - form.Bits - (bit & 7))) & ((1 << form.Bits) - 1));
                    break;
            }
        }
    }

    private static byte[] Colours(Tiff tiff, Form form, byte[] samples)
    {
        int count = form.Width * form.Height, channels = form.Channels;
        var rgb = new byte[checked(count * 3)];
        byte[][]? map = form.Photometric == Photometric.PALETTE ? Palette(tiff, form.Bits) : null;
        int top = (1 << Math.Min(form.Bits, 8)) - 1;
        for (int i = 0; i < count; i++)
        {
            int at = i * channels, to = i * 3;
            switch (form.Photometric)
            {
                case Photometric.PALETTE:
                    for (int c = 0; c < 3; c++) rgb[to + c] = map![c][samples[at]];
                    break;
                case Photometric.SEPARATED:
                    int light = 255 - samples[at + 3];
                    for (int c = 0; c < 3; c++) rgb[to + c] = (byte)Math.Max(0, light - Divided(samples[at + c] * light));
                    break;
                case Photometric.MINISWHITE or Photometric.MINISBLACK:
                    int grey = form.Bits == 16 ? Math.Min(255, (int)BitConverter.ToUInt16(samples, 2 * at)) : samples[at] * 255 / top;
                    if (form.Photometric == Photometric.MINISWHITE && form.Bits < 16) grey = 255 - grey;
                    rgb[to] = rgb[to + 1] = rgb[to + 2] = (byte)grey;
                    break;
                default:
                    for (int c = 0; c < 3; c++)
                        rgb[to + c] = form.Bits == 16 ? (byte)(BitConverter.ToUInt16(samples, 2 * (at + c)) >> 8) : samples[at + c];
                    break;
            }
        }
        return rgb;
    }

    /// <summary>
    /// The picture as its orientation says (TIFF 6.0, tag 274): 2 to 4 mirrored and upside down, 5 to 8 with rows for columns.
    /// </summary>
    private static RgbImage Turned(RgbImage image, int orientation)
    {
        if (orientation is < 2 or > 8) return image;
        bool swaps = orientation >= 5, mirrorsX = orientation is 2 or 3 or 7 or 8, mirrorsY = orientation is 3 or 4 or 6 or 7;
        (int width, int height) = swaps ? (image.Height, image.Width) : (image.Width, image.Height);
        var pixels = GC.AllocateUninitializedArray<byte>(image.Pixels.Length);
        for (int y = 0, to = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++, to += 3)
            {
                (int fromX, int fromY) = swaps ? (y, x) : (x, y);
                if (mirrorsX) fromX = image.Width - 1 - fromX;
                if (mirrorsY) fromY = image.Height - 1 - fromY;
                image.Pixels.AsSpan((fromY * image.Width + fromX) * 3, 3).CopyTo(pixels.AsSpan(to));
            }
        }
        return new RgbImage(width, height, pixels);
    }

    // Pillow's division by 255 of a product of two bytes.
    private static int Divided(int product) => ((product + 128) + ((product + 128) >> 8)) >> 8;

    private static byte[][] Palette(Tiff tiff, int bits)
    {
        FieldValue[] field = tiff.GetField(TiffTag.COLORMAP);
        return [.. field.Take(3)
            .Select(colours => colours.ToShortArray().Take(1 << bits).Select(value => (byte)((ushort)value >> 8)).ToArray())];
    }

    /// <summary>What the header says, checked.</summary>
    private sealed class Form
    {
        public Form(Tiff tiff, long fileLength, string id)
        {
            (Width, Height) = (Number(tiff, TiffTag.IMAGEWIDTH, 0), Number(tiff, TiffTag.IMAGELENGTH, 0));
            ImageCodec.RequireSize(Width, Height, id);
            (Bits, Channels) = (Number(tiff, TiffTag.BITSPERSAMPLE, 1), Number(tiff, TiffTag.SAMPLESPERPIXEL, 1));
            Separate = Number(tiff, TiffTag.PLANARCONFIG, 1) == (int)PlanarConfig.SEPARATE && Channels > 1;
            Photometric = (Photometric)Number(tiff, TiffTag.PHOTOMETRIC, (int)Photometric.MINISBLACK);
            var compression = (Compression)Number(tiff, TiffTag.COMPRESSION, (int)Compression.NONE);
            int format = Number(tiff, TiffTag.SAMPLEFORMAT, (int)SampleFormat.UINT);
            if (compression == Compression.JPEG && Photometric == Photometric.YCBCR)
            {
                tiff.SetField(TiffTag.JPEGCOLORMODE, JpegColorMode.RGB);
                Photometric = Photometric.RGB;
            }
            int least = Photometric switch
            {
                Photometric.MINISWHITE or Photometric.MINISBLACK or Photometric.PALETTE => 1,
                Photometric.RGB => 3,
                Photometric.SEPARATED => 4,
                _ => 0,
            };
            bool known = least > 0 && Channels >= least && Channels <= 8 && format == (int)SampleFormat.UINT
                && (Bits is 8 || (Bits is 16 && least is 1 or 3 && Photometric != Photometric.PALETTE)
                    || (Bits is 1 or 2 or 4 && least == 1 && Channels == 1))
                && (Photometric != Photometric.PALETTE || tiff.GetField(TiffTag.COLORMAP) is not null);
            if (!known)
            {
                throw new DamagedImageException(id, $"TIFF pixels of {Channels} × {Bits} bits, {Photometric}"
                    + $"{(format == (int)SampleFormat.UINT ? "" : $", {(SampleFormat)format}")}, are not read; save it as 8-bit RGB");
            }
            Orientation = Number(tiff, TiffTag.ORIENTATION, 1);
            RowsPerStrip = Math.Clamp(Number(tiff, TiffTag.ROWSPERSTRIP, Height), 1, Height);
            if (tiff.IsTiled())
            {
                (TileWidth, TileHeight) = (Number(tiff, TiffTag.TILEWIDTH, 0), Number(tiff, TiffTag.TILELENGTH, 0));
                ImageCodec.RequireSize(TileWidth, TileHeight, id);
            }
            // A few bytes can claim gigabytes: the pixels must be able to come out of the file.
            bool fax = compression is Compression.CCITTFAX3 or Compression.CCITTFAX4 or Compression.CCITTRLE;
            long needed = Math.Max(((long)Width * Channels * Bits + 7) / 8 * Height,
                ((long)TileWidth * (Separate ? 1 : Channels) * Bits + 7) / 8 * TileHeight);
            long possible = fileLength * (compression == Compression.NONE ? 1 : fax ? LongestFaxRow : MostUnfolded);
            if (needed > possible)
                throw new DamagedImageException(id, $"it is cut short: {Width}×{Height} pixels cannot lie in {fileLength} bytes");
        }

        public int Width { get; }

        public int Height { get; }

        public int Bits { get; }

        public int Channels { get; }

        public bool Separate { get; }

        public Photometric Photometric { get; }

        public int Orientation { get; }

        public int RowsPerStrip { get; }

        public int TileWidth { get; }

        public int TileHeight { get; }

        private static int Number(Tiff tiff, TiffTag tag, int otherwise) =>
            tiff.GetField(tag) is [var value, ..] ? value.ToInt() : otherwise;
    }

    /// <summary>Nothing is printed: what is wrong becomes an exception.</summary>
    private sealed class Silent : TiffErrorHandler
    {
        public override void ErrorHandler(Tiff tif, string method, string format, params object[] args)
        {
        }

        public override void ErrorHandlerExt(Tiff tif, object clientData, string method, string format, params object[] args)
        {
        }

        public override void WarningHandler(Tiff tif, string method, string format, params object[] args)
        {
        }

        public override void WarningHandlerExt(Tiff tif, object clientData, string method, string format, params object[] args)
        {
        }
    }
}
