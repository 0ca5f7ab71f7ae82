namespace Fovea.Cli.Terminal;

/// <summary>A command line that is wrong in a way that only its command can tell (exit 1).</summary>
internal sealed class UsageException(string message) : Exception(message);
