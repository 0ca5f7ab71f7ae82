namespace Fovea.Cli.Terminal;

/// <summary>stderr. Progress and notes that cannot be written (a log on a full disk) are no reason to end what is being computed.</summary>
internal sealed class NoteWriter(TextWriter inner) : GuardedWriter(inner)
{
    protected override void Failed(Exception exception)
    {
    }
}
