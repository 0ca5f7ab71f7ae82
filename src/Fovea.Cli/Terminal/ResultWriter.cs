using System.Text;
using Fovea.IO;

namespace Fovea.Cli.Terminal;

/// <summary>stdout, which may lead to a file on a full disk, or nowhere: what cannot be written there is said in a sentence.</summary>
internal sealed class ResultWriter(TextWriter inner) : TextWriter
{
    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Guarded(() => inner.Write(value));

    public override void Write(char[] buffer, int index, int count) => Guarded(() => inner.Write(buffer, index, count));

    public override void Write(string? value) => Guarded(() => inner.Write(value));

    public override void WriteLine(string? value) => Guarded(() => inner.WriteLine(value));

    public override void Flush() => Guarded(inner.Flush);

    private static void Guarded(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            throw e is IOException && DiskFailure.IsFull(e)
                ? DiskFailure.Of("Cannot write the result to stdout", e)
                : FoveaException.OutOfResource($"Cannot write the result to stdout: {e.Message} It is closed, or leads to what cannot be written.", e);
        }
    }
}
