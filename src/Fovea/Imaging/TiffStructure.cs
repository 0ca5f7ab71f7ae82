using System.Buffers.Binary;

namespace Fovea.Imaging;

/// <summary>
/// Whether what the first directory of a TIFF says can lie in its file. LibTiff.NET takes memory for strips, tiles and lists by their numbers
/// before it looks for them: two hundred bytes had it take gigabytes. Format: TIFF 6.0, section 2; BigTIFF's longer numbers.
/// </summary>
internal static class TiffStructure
{
    private const int Width = 256, Height = 257, StripOffsets = 273, Channels = 277, RowsOfStrip = 278, StripBytes = 279, TileWidth = 322, TileHeight = 323,
        TileOffsets = 324, TileBytes = 325, MostChannels = 64, LargestTile = 1 << 20;

    // Bytes of the types of values by their numbers.
    private static ReadOnlySpan<byte> Sizes => [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];

    /// <summary>Throws unless it can.</summary>
    /// <exception cref="DamagedImageException">It cannot.</exception>
    public static void Require(ReadOnlySpan<byte> file, string id)
    {
        var reader = new Reader(file, id);
        bool big = reader.Whole(2, 2) == 43;
        int word = big ? 8 : 4, entry = big ? 20 : 12;
        long at = reader.Whole(big ? 8 : 4, word), count = reader.Whole(at, big ? 8 : 2);
        at += big ? 8 : 2;
        if (count > file.Length / entry) throw Damaged(id);
        long width = 0, height = 0, rows = long.MaxValue, tileWidth = 0, tileHeight = 0;
        for (; count > 0; count--, at += entry)
        {
            long tag = reader.Whole(at, 2), type = reader.Whole(at + 2, 2), values = reader.Whole(at + 4, word);
            int size = type < Sizes.Length ? Sizes[(int)type] : (byte)0;
            if (values > file.Length / Math.Max(1, size)) throw Damaged(id);
            // Values that do not fit into the entry lie where it says.
            long place = values * size <= word ? at + 4 + word : reader.Whole(at + 4 + word, word);
            if (values == 0 || size is not (2 or 4 or 8)) continue;
            switch (tag)
            {
                case Width: width = reader.Whole(place, size); break;
                case Height: height = reader.Whole(place, size); break;
                case Channels when reader.Whole(place, size) is < 0 or > MostChannels: throw Damaged(id);
                case RowsOfStrip: rows = reader.Whole(place, size); break;
                case TileWidth: tileWidth = reader.Whole(place, size); break;
                case TileHeight: tileHeight = reader.Whole(place, size); break;
                case StripBytes or TileBytes or StripOffsets or TileOffsets:
                    for (long i = 0; i < values; i++)
                    {
                        long number = reader.Whole(place + i * size, size);
                        if (number < 0 || number > file.Length) throw new DamagedImageException(id, "the file is cut short");
                    }
                    break;
            }
        }
        ImageCodec.RequireSize(width, height, id);
        bool tiled = tileWidth > 0 && tileHeight > 0;
        if (rows <= 0 || (tileWidth | tileHeight) < 0) throw Damaged(id);
        // A tile may be larger than a small picture, and is made room for whole.
        if (tiled && (Math.Max(tileWidth, tileHeight) > ImageCodec.MaximumPixels || tileWidth * tileHeight > Math.Max(LargestTile, 4 * width * height)))
            throw Damaged(id);
        // Of each strip or tile the place stands in the file.
        long pieces = tiled ? Parts(width, tileWidth) * Parts(height, tileHeight) : Parts(height, rows);
        if (pieces > file.Length) throw Damaged(id);
    }

    private static long Parts(long length, long part) => (length - 1) / part + 1;

    private static DamagedImageException Damaged(string id) => new(id, "its header is damaged");

    private readonly ref struct Reader(ReadOnlySpan<byte> file, string id)
    {
        private readonly ReadOnlySpan<byte> _file = file;
        private readonly bool _little = file[0] == 'I';

        public long Whole(long at, int size)
        {
            if (at < 0 || at > _file.Length - size) throw Damaged(id);
            ReadOnlySpan<byte> bytes = _file.Slice((int)at, size);
            return size switch
            {
                2 => _little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes),
                4 => _little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes),
                _ => _little ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : BinaryPrimitives.ReadInt64BigEndian(bytes),
            };
        }
    }
}
