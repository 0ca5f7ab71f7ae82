using Fovea.IO;

namespace Fovea.Imaging;

/// <summary>
/// Writes the files of a <see cref="SheetLayout"/>: PNG, without loss, each made once and one at a time, so that memory holds one sheet
/// however many pictures there are.
/// </summary>
public static class SheetFiles
{
    /// <summary>Writes the files; the same pictures give the same bytes.</summary>
    /// <param name="folder">Where they go.</param>
    /// <param name="layout">Where each picture lies.</param>
    /// <param name="read">A picture by its place in the order; asked once for each, ascending.</param>
    /// <param name="cancellationToken">Looked at before each file; those written stay.</param>
    /// <exception cref="ArgumentException">A picture has another size than the layout was made for.</exception>
    /// <exception cref="FoveaException">Resource: the folder cannot be written.</exception>
    public static void Write(string folder, SheetLayout layout, Func<int, RgbImage> read, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(read);
        foreach (Sheet sheet in layout.Sheets)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var pixels = new byte[checked(sheet.Width * sheet.Height * 3)];
            for (int i = sheet.First; i < sheet.First + sheet.Count; i++) Draw(pixels, sheet, layout.Pictures[i], read(i));
            AtomicFile.WriteBytes(Path.Combine(folder, sheet.File), ImageCodec.EncodePng(new RgbImage(sheet.Width, sheet.Height, pixels)));
        }
    }

    /// <summary>Lays out and writes pictures that are at hand.</summary>
    /// <param name="folder">Where the files go.</param>
    /// <param name="prefix">What their names begin with.</param>
    /// <param name="pictures">The pictures.</param>
    /// <param name="cancellationToken">Looked at before each file.</param>
    /// <returns>Where each lies, relative to the folder.</returns>
    /// <exception cref="FoveaException">Resource: the folder cannot be written.</exception>
    public static IReadOnlyList<StoredPicture> Write(
        string folder, string prefix, IReadOnlyList<RgbImage> pictures, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        var layout = new SheetLayout(prefix, pictures.Select(picture => (picture.Width, picture.Height)));
        Write(folder, layout, i => pictures[i], cancellationToken);
        return layout.Pictures;
    }

    /// <summary>A picture and its margin: the sheet's only picture may have none.</summary>
    private static void Draw(byte[] pixels, Sheet sheet, StoredPicture place, RgbImage picture)
    {
        if (picture.Width != place.Width || picture.Height != place.Height)
            throw new ArgumentException(
                $"A picture of {picture.Width}×{picture.Height} pixels for a place of {place.Width}×{place.Height} in {sheet.File}.",
                    nameof(picture));
        int left = Math.Max(0, place.Left - SheetLayout.Margin), right = Math.Min(
            sheet.Width, place.Left + place.Width + SheetLayout.Margin);
        int top = Math.Max(0, place.Top - SheetLayout.Margin), bottom = Math.Min(
            sheet.Height, place.Top + place.Height + SheetLayout.Margin);
        for (int y = top; y < bottom; y++)
        {
            ReadOnlySpan<byte> row = picture.Pixels.AsSpan(
                Math.Clamp(y - place.Top, 0, picture.Height - 1) * picture.Width * 3, picture.Width * 3);
            Span<byte> target = pixels.AsSpan((y * sheet.Width + left) * 3, (right - left) * 3);
            int before = place.Left - left, after = right - place.Left - place.Width;
            for (int x = 0; x < before; x++) row[..3].CopyTo(target[(x * 3)..]);
            row.CopyTo(target[(before * 3)..]);
            for (int x = 0; x < after; x++) row[^3..].CopyTo(target[((before + place.Width + x) * 3)..]);
        }
    }
}
