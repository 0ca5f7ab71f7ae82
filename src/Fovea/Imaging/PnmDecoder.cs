namespace Fovea.Imaging;

/// <summary>
/// Reads Netpbm's PBM, PGM and PPM, binary and as text, 8 and 16 bit, with the pixels that Pillow's <c>convert("RGB")</c> gives: samples
/// are scaled to 255; grey of more than 8 bits is scaled to 65535 and then cut at 255. Format: netpbm, "PPM format specification".
/// </summary>
internal static class PnmDecoder
{
    /// <summary>Whether the file begins like one.</summary>
    public static bool Matches(ReadOnlySpan<byte> file) =>
        file.Length > 2 && file[0] == 'P' && file[1] is >= (byte)'1' and <= (byte)'6' && IsSpace(file[2]);

    /// <summary>Width and height.</summary>
    /// <exception cref="DamagedImageException">The header is damaged, or claims more pixels than the file can hold.</exception>
    public static (int Width, int Height) ReadSize(ReadOnlySpan<byte> file, string id)
    {
        Header header = Header.Read(file, id);
        return (header.Width, header.Height);
    }

    /// <summary>Decodes a picture.</summary>
    /// <exception cref="DamagedImageException">The file is damaged or cut short.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> file, string id)
    {
        Header header = Header.Read(file, id);
        var rgb = GC.AllocateUninitializedArray<byte>(checked(header.Width * header.Height * 3));
        byte[] scaled = header.Table();
        var reader = new Reader(file, header.Start, id);
        int target = 0;
        for (int y = 0; y < header.Height; y++)
        {
            if (header.Kind == 4) reader.StartRow();
            for (int x = 0; x < header.Width; x++)
            {
                for (int channel = 0; channel < header.Channels; channel++)
                {
                    int value = header.Kind switch
                    {
                        1 => reader.Digit(),
                        4 => reader.Bit(),
                        2 or 3 => reader.Number(),
                        _ => header.Maximum > 255 ? reader.Two() : reader.One(),
                    };
                    if (value > header.Maximum)
                    {
                        if (header.Kind is 2 or 3)
                            throw new DamagedImageException(id, $"the sample {value} is larger than {header.Maximum}");
                        value = header.Maximum;
                    }
                    rgb[target++] = scaled[value];
                }
                if (header.Channels == 3) continue;
                rgb[target] = rgb[target + 1] = rgb[target - 1];
                target += 2;
            }
        }
        return new RgbImage(header.Width, header.Height, rgb);
    }

    private static bool IsSpace(byte value) => value is 9 or 10 or 11 or 12 or 13 or 32;

    private readonly record struct Header(int Kind, int Width, int Height, int Maximum, int Start)
    {
        public int Channels => Kind is 3 or 6 ? 3 : 1;

        public static Header Read(ReadOnlySpan<byte> file, string id)
        {
            int kind = file[1] - '0';
            var reader = new Reader(file, 2, id);
            int width = reader.Number(), height = reader.Number(), maximum = kind is 1 or 4 ? 1 : reader.Number();
            ImageCodec.RequireSize(width, height, id);
            if (maximum is < 1 or > 65535) throw new DamagedImageException(id, $"its largest sample is given as {maximum}");
            int start = reader.Position + (kind >= 4 ? 1 : 0); // one blank before binary samples
            long samples = (long)width * height * (kind is 3 or 6 ? 3 : 1);
            long least = kind switch
            {
                1 => samples,
                4 => (width + 7L) / 8 * height,
                2 or 3 => 2 * samples - 1,
                _ => maximum > 255 ? 2 * samples : samples,
            };
            if (file.Length - start < least)
                throw new DamagedImageException(
                    id, $"it is cut short: {width}×{height} pixels need {least} bytes, it has {Math.Max(0, file.Length - start)}");
            return new Header(kind, width, height, maximum, start);
        }

        /// <summary>What each sample becomes.</summary>
        public byte[] Table()
        {
            var table = new byte[Maximum + 1];
            bool wideGrey = Channels == 1 && Maximum > 255;
            for (int value = 0; value <= Maximum; value++)
            {
                table[value] = Kind is 1 or 4 ? (byte)(value == 0 ? 255 : 0)
                    : wideGrey ? (byte)Math.Min(255, Math.Round((double)value / Maximum * 65535))
                    : (byte)Math.Round((double)value / Maximum * 255);
            }
            return table;
        }
    }

    private ref struct Reader(ReadOnlySpan<byte> file, int position, string id)
    {
        private readonly ReadOnlySpan<byte> _file = file;
        private int _bit;

        public int Position { get; private set; } = position;

        public int One() => Position < _file.Length ? _file[Position++] : throw CutShort();

        public int Two() => (One() << 8) | One();

        public void StartRow()
        {
            if (_bit > 0) Position++;
            _bit = 0;
        }

        public int Bit()
        {
            if (Position >= _file.Length) throw CutShort();
            int bit = (_file[Position] >> (7 - _bit)) & 1;
            if (++_bit == 8) (_bit, Position) = (0, Position + 1);
            return bit;
        }

        public int Digit()
        {
            SkipBlanks();
            int digit = One() - '0';
            return digit is 0 or 1 ? digit : throw new DamagedImageException(id, "a bit is neither 0 nor 1");
        }

        public int Number()
        {
            SkipBlanks();
            int start = Position, value = 0;
            for (; Position < _file.Length && _file[Position] is >= (byte)'0' and <= (byte)'9'; Position++)
            {
                value = value * 10 + (_file[Position] - '0');
                if (value > ImageCodec.MaximumPixels) throw new DamagedImageException(id, "a number in it is too large");
            }
            if (Position == start)
                throw new DamagedImageException(
                    id, Position >= _file.Length ? "the file is cut short" : "a number is expected where there is none");
            return value;
        }

        private void SkipBlanks()
        {
            while (Position < _file.Length)
            {
                if (IsSpace(_file[Position])) Position++;
                else if (_file[Position] == '#')
                {
                    while (Position < _file.Length && _file[Position] is not ((byte)'\n' or (byte)'\r')) Position++;
                }
                else return;
            }
        }

        private readonly DamagedImageException CutShort() => new(id, "the file is cut short");
    }
}
