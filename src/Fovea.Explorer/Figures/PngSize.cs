using System.Buffers.Binary;

namespace Fovea.Explorer.Figures;

/// <summary>The size of a PNG from its first bytes, so that a page can reserve the room before the picture is there.</summary>
internal static class PngSize
{
    /// <summary>Width and height in pixels; null where the bytes are no PNG's, or cannot be had.</summary>
    public static (int Width, int Height)? Read(Stream stream)
    {
        Span<byte> head = stackalloc byte[24];
        try
        {
            if (stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length) return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        ReadOnlySpan<byte> signature = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];
        return head[..8].SequenceEqual(signature)
            ? (BinaryPrimitives.ReadInt32BigEndian(head[16..]), BinaryPrimitives.ReadInt32BigEndian(head[20..]))
            : null;
    }
}
