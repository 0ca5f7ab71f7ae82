namespace Fovea.IO;

/// <summary>
/// Pointers of Git LFS: a few lines of text that stand in a checkout, or in a download of one, where the large file itself was not fetched
/// (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md). Networks, weights and data ask here.
/// </summary>
internal static class LfsPointer
{
    private const int Largest = 1024;

    /// <summary>What is to be done about one.</summary>
    public const string Advice = "fetch the file itself (git lfs pull), or download it anew";

    /// <summary>Whether a file's content is one.</summary>
    public static bool IsOne(ReadOnlySpan<byte> content) =>
        content.Length <= Largest && content.StartsWith("version https://git-lfs.github.com/spec/"u8);

    /// <summary>Refuses a pointer where a file is expected; a file that is missing or cannot be read is for its reader to say.</summary>
    /// <exception cref="FoveaException">Data: it is one.</exception>
    public static void Refuse(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists || file.Length is 0 or > Largest) return;
        try
        {
            if (!IsOne(PlainFile.ReadAllBytes(path))) return;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return;
        }
        throw FoveaException.BadData(
            $"{path} is a pointer of Git LFS, {file.Length} bytes of text in the place of the file: {Advice}.");
    }
}
