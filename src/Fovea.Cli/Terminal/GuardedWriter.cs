using System.Text;

namespace Fovea.Cli.Terminal;

/// <summary>A stream of the process, which may lead to a full disk or nowhere: what is done then is said by whoever derives from it.</summary>
/// <param name="inner">Where it writes.</param>
internal abstract class GuardedWriter(TextWriter inner) : TextWriter
{
    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Guarded(() => inner.Write(value));

    public override void Write(char[] buffer, int index, int count) => Guarded(() => inner.Write(buffer, index, count));

    public override void Write(string? value) => Guarded(() => inner.Write(value));

    public override void WriteLine(string? value) => Guarded(() => inner.WriteLine(value));

    public override void Flush() => Guarded(inner.Flush);

    /// <summary>It could not be written.</summary>
    /// <param name="exception">Why.</param>
    protected abstract void Failed(Exception exception);

    private void Guarded(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            Failed(e);
        }
    }
}
