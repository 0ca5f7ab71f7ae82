using System.Collections.Concurrent;
using Fovea.Explorer.Figures;

namespace Fovea.Explorer.Contents;

/// <summary>Which pictures a run has, and how large they are. Files are named relative to the run, with forward slashes.</summary>
/// <param name="run">The run.</param>
public sealed class RunPictures(IRunReader run)
{
    private readonly ConcurrentDictionary<string, (int Width, int Height)?> _sizes = new(StringComparer.Ordinal);

    /// <summary>Whether there is something to look at.</summary>
    public bool Has(StoredPicture? picture) => picture is not null && SizeOf(picture.File) is not null;

    /// <summary>The picture that is the whole of a file; null where there is no such file, or no name.</summary>
    public StoredPicture? Whole(string? file) => file is not null && SizeOf(file) is var (width, height) ? new StoredPicture(file, 0, 0, width, height) : null;

    /// <summary>Width and height of a file in pixels; null where it is absent or no PNG.</summary>
    public (int Width, int Height)? SizeOf(string file) => _sizes.GetOrAdd(file, Read);

    private (int Width, int Height)? Read(string file)
    {
        try
        {
            using Stream? stream = run.Picture(file);
            return stream is null ? null : PngSize.Read(stream);
        }
        catch (FoveaException e) when (e.Kind == FailureKind.Data)
        {
            return null;
        }
    }
}
