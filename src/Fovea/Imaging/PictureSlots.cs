using Fovea.IO;

namespace Fovea.Imaging;

/// <summary>
/// Pictures of one size, uncompressed in a temporary file that goes with this object: for pictures that come in another order than they are
/// stored in, and are too many for memory. Thread-safe where no two threads write the same picture.
/// </summary>
internal sealed class PictureSlots : IDisposable
{
    private readonly string _path;
    private readonly FileStream _file;
    private readonly int _width, _height;

    /// <summary>Room for pictures.</summary>
    /// <param name="path">The file; one of that name is replaced.</param>
    /// <param name="width">Width of each picture.</param>
    /// <param name="height">Its height.</param>
    /// <exception cref="FoveaException">Resource: the file cannot be made.</exception>
    public PictureSlots(string path, int width, int height)
    {
        (_path, _width, _height) = (AtomicFile.TemporaryOf(path), width, height);
        _file = Guarded(() =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(_path))!);
            return new FileStream(_path, FileMode.Create, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        });
    }

    private int Bytes => _width * _height * 3;

    /// <summary>Stores a picture.</summary>
    /// <exception cref="FoveaException">Resource: the disk is full.</exception>
    public void Write(int place, RgbImage picture)
    {
        if (picture.Width != _width || picture.Height != _height)
            throw new ArgumentException(
                $"A picture of {picture.Width}×{picture.Height} pixels among those of {_width}×{_height}.", nameof(picture));
        Guarded(() =>
        {
            RandomAccess.Write(_file.SafeFileHandle, picture.Pixels, (long)place * Bytes);
            return true;
        });
    }

    /// <summary>A picture that was stored.</summary>
    /// <exception cref="FoveaException">Resource: it cannot be read back.</exception>
    public RgbImage Read(int place)
    {
        var pixels = new byte[Bytes];
        int read = 0;
        Guarded(() =>
        {
            for (int more; read < pixels.Length; read += more)
            {
                more = RandomAccess.Read(_file.SafeFileHandle, pixels.AsSpan(read), (long)place * Bytes + read);
                if (more == 0) throw new EndOfStreamException($"picture {place} was not stored.");
            }
            return true;
        });
        return new RgbImage(_width, _height, pixels);
    }

    public void Dispose()
    {
        _file.Dispose();
        try { File.Delete(_path); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { /* its name says that it is temporary */ }
    }

    private T Guarded<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiskFailure.Of($"Cannot use {_path}", e);
        }
    }
}
