using System.Buffers.Binary;

namespace Fovea.Imaging;

/// <summary>
/// Reads the first frame of a GIF with the pixels that Pillow's <c>convert("RGB")</c> gives: transparent pixels keep the colour of their
/// place in the palette, and what a smaller frame leaves free has the transparent colour, or the first. Format: CompuServe, GIF 89a.
/// </summary>
internal static class GifDecoder
{
    private const int MostCodes = 4096;

    /// <summary>Whether the file begins like one.</summary>
    public static bool Matches(ReadOnlySpan<byte> file) => file.StartsWith("GIF87a"u8) || file.StartsWith("GIF89a"u8);

    /// <summary>Decodes the first frame.</summary>
    /// <exception cref="DamagedImageException">The file is damaged or cut short.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> file, string id)
    {
        if (file.Length < 13) throw CutShort(id);
        int width = Two(file, 6), height = Two(file, 8), at = 13;
        ImageCodec.RequireSize(width, height, id);
        ReadOnlySpan<byte> palette = Palette(file, ref at, file[10], id);
        int transparent = 0;
        while (true)
        {
            if (at >= file.Length) throw CutShort(id);
            byte block = file[at++];
            if (block == 0x3B) throw new DamagedImageException(id, "it holds no picture");
            if (block == 0x21)
            {
                if (at + 6 < file.Length && file[at] == 0xF9 && file[at + 1] >= 4 && (file[at + 2] & 1) != 0) transparent = file[at + 5];
                at++;
                Skip(file, ref at, id);
            }
            else if (block == 0x2C) break;
        }
        if (at + 9 > file.Length) throw CutShort(id);
        int left = Two(file, at), top = Two(file, at + 2), frameWidth = Two(file, at + 4), frameHeight = Two(file, at + 6);
        byte flags = file[at + 8];
        at += 9;
        // A frame that reaches over the screen makes it larger, as other readers do.
        (width, height) = (Math.Max(width, left + frameWidth), Math.Max(height, top + frameHeight));
        ImageCodec.RequireSize(width, height, id);
        ReadOnlySpan<byte> own = Palette(file, ref at, flags, id);
        byte[] colours = Colours(own.IsEmpty ? palette : own);

        // A few bytes can claim gigabytes: a code of 12 bits stands for 4096 pixels at most, and a screen is there for its frame.
        if ((long)width * height > (long)MostCodes * (file.Length - at))
            throw new DamagedImageException(id, $"it is cut short: {width}×{height} pixels cannot lie in {file.Length} bytes");
        var frame = new byte[frameWidth * frameHeight];
        Unpack(file, at, frame, id);
        var rgb = GC.AllocateUninitializedArray<byte>(checked(width * height * 3));
        for (int i = 0; i < width * height; i++) colours.AsSpan(transparent * 3, 3).CopyTo(rgb.AsSpan(i * 3));
        for (int y = 0; y < frameHeight; y++)
        {
            int target = ((top + ((flags & 0x40) != 0 ? Interlaced(y, frameHeight) : y)) * width + left) * 3;
            for (int x = 0; x < frameWidth; x++, target += 3) colours.AsSpan(frame[y * frameWidth + x] * 3, 3).CopyTo(rgb.AsSpan(target));
        }
        return new RgbImage(width, height, rgb);
    }

    // Rows come in four passes: every 8th, every 8th from 4, every 4th from 2, every 2nd from 1.
    private static int Interlaced(int row, int height)
    {
        foreach ((int first, int step) in ((int, int)[])[(0, 8), (4, 8), (2, 4), (1, 2)])
        {
            int rows = height > first ? (height - first + step - 1) / step : 0;
            if (row < rows) return first + row * step;
            row -= rows;
        }
        throw new ArgumentOutOfRangeException(nameof(row));
    }

    // Places that the palette does not fill are grey, as in Pillow.
    private static byte[] Colours(ReadOnlySpan<byte> palette)
    {
        var colours = new byte[768];
        for (int i = 0; i < 256; i++) colours.AsSpan(i * 3, 3).Fill((byte)i);
        palette.CopyTo(colours);
        return colours;
    }

    private static ReadOnlySpan<byte> Palette(ReadOnlySpan<byte> file, ref int at, byte flags, string id)
    {
        if ((flags & 0x80) == 0) return [];
        int length = 3 * (2 << (flags & 7));
        if (at + length > file.Length) throw CutShort(id);
        ReadOnlySpan<byte> palette = file.Slice(at, length);
        at += length;
        return palette;
    }

    private static void Skip(ReadOnlySpan<byte> file, ref int at, string id)
    {
        while (true)
        {
            if (at >= file.Length) throw CutShort(id);
            int length = file[at++];
            if (length == 0) return;
            at += length;
        }
    }

    /// <summary>LZW with codes of growing length, least significant bit first, in blocks of up to 255 bytes.</summary>
    private static void Unpack(ReadOnlySpan<byte> file, int at, Span<byte> pixels, string id)
    {
        if (at >= file.Length) throw CutShort(id);
        int least = file[at++];
        if (least is < 1 or > 8) throw new DamagedImageException(id, "the data are damaged");
        int clear = 1 << least, end = clear + 1, next = end + 1, bits = least + 1, previous = -1, written = 0;
        var prefixes = new short[MostCodes];
        var suffixes = new byte[MostCodes];
        var firsts = new byte[MostCodes];
        var stack = new byte[MostCodes + 1];
        for (int i = 0; i < clear; i++) suffixes[i] = firsts[i] = (byte)i;
        int block = 0, buffer = 0, held = 0;
        while (written < pixels.Length)
        {
            while (held < bits)
            {
                if (block == 0)
                {
                    if (at >= file.Length || file[at] == 0) throw CutShort(id);
                    block = file[at++];
                }
                if (at >= file.Length) throw CutShort(id);
                buffer |= file[at++] << held;
                (held, block) = (held + 8, block - 1);
            }
            int code = buffer & ((1 << bits) - 1);
            (buffer, held) = (buffer >> bits, held - bits);
            if (code == clear)
            {
                (next, bits, previous) = (end + 1, least + 1, -1);
                continue;
            }
            if (code == end) throw CutShort(id);
            if (code > next || (code == next && previous < 0) || (previous < 0 && code > clear))
                throw new DamagedImageException(id, "the data are damaged");
            int depth = 0, walk = code;
            if (code == next)
            {
                stack[depth++] = firsts[previous];
                walk = previous;
            }
            byte first = firsts[walk];
            while (walk > end)
            {
                stack[depth++] = suffixes[walk];
                walk = prefixes[walk];
            }
            stack[depth++] = suffixes[walk];
            while (depth > 0 && written < pixels.Length) pixels[written++] = stack[--depth];
            if (previous >= 0 && next < MostCodes)
            {
                (prefixes[next], suffixes[next], firsts[next]) = ((short)previous, first, firsts[previous]);
                next++;
                if (next == 1 << bits && bits < 12) bits++;
            }
            previous = code;
        }
    }

    private static int Two(ReadOnlySpan<byte> file, int at) => BinaryPrimitives.ReadUInt16LittleEndian(file[at..]);

    private static DamagedImageException CutShort(string id) => new(id, "the file is cut short");
}
