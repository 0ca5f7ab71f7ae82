using Fovea.IO;

namespace Fovea.Cli.Terminal;

/// <summary>stdout. A result that cannot be written there is said in a sentence.</summary>
internal sealed class ResultWriter(TextWriter inner) : GuardedWriter(inner)
{
    protected override void Failed(Exception exception) => throw (DiskFailure.IsFull(exception)
        ? DiskFailure.Of("Cannot write the result to stdout", exception)
        : FoveaException.OutOfResource($"Cannot write the result to stdout: {exception.Message} It is closed, or leads to what cannot be written.", exception));
}
