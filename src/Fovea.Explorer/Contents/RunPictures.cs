using Fovea.Explorer.Components;
using Fovea.Imaging;

namespace Fovea.Explorer.Contents;

/// <summary>
/// The pictures of a run for its pages: whether each can be shown, how large the sheet is that it lies in, and its own bytes where a page
/// carries it inside.
/// </summary>
/// <param name="run">The run.</param>
public sealed class RunPictures(IRunReader run)
{
    private readonly SheetReader _sheets = new(run ?? throw new ArgumentNullException(nameof(run)));
    private readonly Lock _lock = new();

    /// <summary>
    /// What keeps a picture from being shown, as a sentence that names the file without its place on this machine; null: nothing.
    /// </summary>
    /// <param name="place">Where it is, as the run names it.</param>
    public string? Problem(StoredPicture place)
    {
        lock (_lock) return _sheets.Problem(place) is { } problem ? CarefulReader.Anywhere(run, problem) : null;
    }

    /// <summary>Width and height of the file that a picture is a part of.</summary>
    /// <exception cref="FoveaException">Data: the picture cannot be shown.</exception>
    public (int Width, int Height) SizeOfFile(StoredPicture place)
    {
        lock (_lock) return _sheets.SizeOfFile(place);
    }

    /// <summary>A file that is one picture; null, told of, where it cannot be shown.</summary>
    /// <param name="reader">Keeps the sentence.</param>
    /// <param name="file">The file, as the run names it.</param>
    internal StoredPicture? Whole(CarefulReader reader, string file)
    {
        var corner = new StoredPicture(file, 0, 0, 1, 1);
        if (Problem(corner) is { } problem)
        {
            reader.Tell(problem);
            return null;
        }
        var (width, height) = SizeOfFile(corner);
        return corner with { Width = width, Height = height };
    }

    /// <summary>A file that is one picture; null where it is not there, or cannot be shown.</summary>
    /// <param name="file">The file, as the run names it.</param>
    internal StoredPicture? Find(string file)
    {
        var corner = new StoredPicture(file, 0, 0, 1, 1);
        if (run.Stamp(file).Length == 0 || Problem(corner) is not null) return null;
        var (width, height) = SizeOfFile(corner);
        return corner with { Width = width, Height = height };
    }

    /// <summary>The picture alone, as an address that holds its bytes.</summary>
    /// <exception cref="FoveaException">Data: the picture cannot be shown, or its file is damaged.</exception>
    public string DataAddress(StoredPicture place)
    {
        lock (_lock) return $"data:image/png;base64,{Convert.ToBase64String(ImageCodec.EncodePng(_sheets.Cut(place)))}";
    }

    /// <summary>Tells, once for each file, of pictures that cannot be shown.</summary>
    /// <param name="reader">Keeps the sentences.</param>
    /// <param name="places">Where they are, as the run names them.</param>
    internal void Check(CarefulReader reader, IEnumerable<StoredPicture?> places)
    {
        var wrong = places.OfType<StoredPicture>().Select(place => (place.File, Problem: Problem(place)))
            .Where(one => one.Problem is not null);
        foreach (var file in wrong.GroupBy(one => one.File))
            reader.Tell($"{file.First().Problem} {Format.Counted(file.Count(), "picture")} cannot be shown.");
    }
}
