namespace Fovea.Documents;

/// <summary>A picture in a file that may hold several: a rectangle of a sheet, or the whole of a file of its own.</summary>
/// <param name="File">The PNG, relative to the folder of the document or table, with forward slashes.</param>
/// <param name="Left">Pixels from the sheet's left edge.</param>
/// <param name="Top">Pixels from its upper edge.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
public sealed record StoredPicture(string File, int Left, int Top, int Width, int Height)
{
    /// <summary>The same picture as a document of a folder above would name it.</summary>
    /// <param name="folder">From there to the folder that this name is relative to, with forward slashes.</param>
    public StoredPicture Below(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return this with { File = $"{folder}/{File}" };
    }

    /// <summary>The picture of a table's columns; null where a column is: a table has one for each member.</summary>
    internal static StoredPicture? Of(string? file, int? left, int? top, int? width, int? height) =>
        file is null ? null : new StoredPicture(file, left ?? -1, top ?? -1, width ?? 0, height ?? 0);

    /// <summary>Whether the name stays in the document's folder and the rectangle is one: a report copies what it is told to.</summary>
    internal bool IsSafe() =>
        IsInside(File) && Left >= 0 && Top >= 0 && Width > 0 && Height > 0 && (long)Left + Width <= int.MaxValue
            && (long)Top + Height <= int.MaxValue;

    /// <summary>Whether a name that a document gives leads to a file below its own folder.</summary>
    internal static bool IsInside(string name) =>
        name.Length > 0 && !Path.IsPathRooted(name) && !name.Contains('\\') && !name.Contains(':') && !name.Contains('\0')
        && name.Split('/').All(part => part is not ("" or "." or ".."));

    /// <summary>
    /// The clause of <see cref="ICheckedDocument.Inconsistency"/> for the first picture that is not safe; null where all are.
    /// </summary>
    internal static string? Inconsistency(IEnumerable<StoredPicture?> pictures) =>
        pictures.FirstOrDefault(picture => picture is not null && !picture.IsSafe()) is { } wrong
            ? $"picture '{wrong.File}' is not a part of a file below the document's folder" : null;
}
