using System.Buffers.Binary;

namespace Fovea.Imaging;

/// <summary>
/// Cuts pictures out of sheets. What a document says of a sheet is checked against the file: a rectangle that does not lie in it, and a
/// sheet that is missing or damaged, are told in a sentence. Sizes of files are remembered, and the last few sheets are kept decoded: ask
/// for pictures in their order. Not thread-safe.
/// </summary>
/// <param name="open">The bytes of a file, given as documents name it, and disposed of here; null where there is none.</param>
/// <param name="name">What to call the place in messages: a folder, a run.</param>
public sealed class SheetReader(Func<string, Stream?> open, string name)
{
    private const int KeptSheets = 4;

    private readonly Dictionary<string, (int Width, int Height, string? Problem)> _heads = new(StringComparer.Ordinal);
    private readonly List<(string File, RgbImage Picture)> _decoded = [];

    /// <summary>A reader of the sheets of a run; pictures are named relative to it.</summary>
    public SheetReader(IRunReader run)
        : this((run ?? throw new ArgumentNullException(nameof(run))).Picture, run.Name)
    {
    }

    /// <summary>
    /// What keeps a picture from being shown, as a sentence that names the file; null: nothing, as far as the first and the last bytes of
    /// its file tell.
    /// </summary>
    public string? Problem(StoredPicture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        if (!picture.IsSafe()) return $"{Name(picture.File)}: {Rectangle(picture)} is no part of a picture.";
        var (width, height, problem) = Head(picture.File);
        if (problem is not null) return problem;
        return (long)picture.Left + picture.Width <= width && (long)picture.Top + picture.Height <= height ? null
            : $"{Name(picture.File)} has {width} × {height} pixels: {Rectangle(picture)} does not lie in it.";
    }

    /// <summary>Width and height of the file that a picture is a part of.</summary>
    /// <exception cref="FoveaException">Data: as <see cref="Problem"/>.</exception>
    public (int Width, int Height) SizeOfFile(StoredPicture picture)
    {
        if (Problem(picture) is { } problem) throw FoveaException.BadData(problem);
        var (width, height, _) = Head(picture.File);
        return (width, height);
    }

    /// <summary>The picture's pixels.</summary>
    /// <exception cref="FoveaException">Data: the sheet is missing or damaged, or the rectangle does not lie in it.</exception>
    public RgbImage Cut(StoredPicture picture)
    {
        if (Problem(picture) is { } problem) throw FoveaException.BadData(problem);
        RgbImage sheet = Decoded(picture.File);
        if (sheet.Width == picture.Width && sheet.Height == picture.Height) return sheet;
        var pixels = new byte[picture.Width * picture.Height * 3];
        for (int y = 0; y < picture.Height; y++)
            sheet.Pixels.AsSpan(((picture.Top + y) * sheet.Width + picture.Left) * 3, picture.Width * 3)
                .CopyTo(pixels.AsSpan(y * picture.Width * 3));
        return new RgbImage(picture.Width, picture.Height, pixels);
    }

    private RgbImage Decoded(string file)
    {
        int at = _decoded.FindIndex(one => one.File == file);
        if (at >= 0) return _decoded[at].Picture;
        RgbImage sheet;
        try
        {
            using Stream? stream = open(file);
            if (stream is null) throw FoveaException.BadData(Missing(file));
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            sheet = ImageCodec.Decode(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), Name(file));
        }
        catch (DamagedImageException e)
        {
            throw FoveaException.BadData($"{Name(file)} is damaged: {e.Why}.", e);
        }
        if (_decoded.Count == KeptSheets) _decoded.RemoveAt(0);
        _decoded.Add((file, sheet));
        return sheet;
    }

    private (int Width, int Height, string? Problem) Head(string file)
    {
        if (!_heads.TryGetValue(file, out var known)) _heads[file] = known = ReadHead(file);
        return known;
    }

    /// <summary>Size and wholeness by the first and the last chunk of the PNG.</summary>
    private (int Width, int Height, string? Problem) ReadHead(string file)
    {
        try
        {
            using Stream? stream = open(file);
            if (stream is null) return (0, 0, Missing(file));
            Span<byte> head = stackalloc byte[24], tail = stackalloc byte[12];
            ReadOnlySpan<byte> signature = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];
            if (stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length || !head[..8].SequenceEqual(signature)
                || !head[12..16].SequenceEqual("IHDR"u8))
                return (0, 0, $"{Name(file)} is damaged: it is no PNG.");
            int width = BinaryPrimitives.ReadInt32BigEndian(head[16..]), height = BinaryPrimitives.ReadInt32BigEndian(head[20..]);
            if (width <= 0 || height <= 0) return (0, 0, $"{Name(file)} is damaged: its header says {width} × {height} pixels.");
            if (stream.CanSeek)
            {
                stream.Seek(-Math.Min(stream.Length, tail.Length), SeekOrigin.End);
                if (stream.ReadAtLeast(tail, tail.Length, throwOnEndOfStream: false) < tail.Length || !tail[4..8].SequenceEqual("IEND"u8))
                    return (0, 0, $"{Name(file)} is damaged: it is cut short.");
            }
            return (width, height, null);
        }
        catch (IOException e)
        {
            return (0, 0, $"{Name(file)} cannot be read: {e.Message}");
        }
        catch (FoveaException e)
        {
            return (0, 0, e.Message);
        }
    }

    private string Missing(string file) => $"{Name(file)} is missing.";

    private string Name(string file) => name.Length == 0 ? file : $"{name}/{file}";

    private static string Rectangle(StoredPicture picture) =>
        $"{picture.Width} × {picture.Height} pixels from ({picture.Left}, {picture.Top})";
}
