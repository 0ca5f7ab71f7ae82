using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Fovea.IO;

namespace Fovea.Cli.Terminal;

/// <summary>An error as the command reports it: a kind, a message for people, an exit code.</summary>
internal sealed partial record Failure(string Kind, string Message, int ExitCode)
{
    /// <summary>The one place where an exception becomes an exit code.</summary>
    public static Failure Of(Exception exception)
    {
        exception = Unwrap(exception);
        return exception switch
        {
            FoveaException { Kind: FailureKind.Data, InnerException: { } inner } e when DiskFailure.IsFull(inner) => Resource(e.Message),
            UsageException e => new("usage", e.Message, Terminal.ExitCode.Usage),
            FoveaException e => new(Name(e.Kind), e.Message, (int)e.Kind),
            OutOfMemoryException or InsufficientMemoryException =>
                Resource("Memory ran out. Take smaller batches (--set train.batch_size=…) or fewer images, or end other programs."),
            IOException e when DiskFailure.IsFull(e) => Resource(
                $"The disk is full: {e.Message.TrimEnd('.')}. Free some space, then give the same command again."),
            IOException e when DiskFailure.IsReadOnly(e) => Resource(
                $"The disk can only be read: {e.Message.TrimEnd('.')}. Have it mounted for writing, then give the same command again."),
            DllNotFoundException or BadImageFormatException => Resource(
                $"A native library cannot be loaded: {exception.Message} Run: fovea doctor"),
            // TorchSharp says at length which packages are missing; where it was built with them, it is memory.
            TypeInitializationException { TypeName: "TorchSharp.torch" } => Resource(
                "libtorch cannot be loaded: memory ran out (ulimit -v?), or a part of the program is missing. Run: fovea doctor"),
            TypeInitializationException { InnerException: { } inner } => Of(inner),
            FileNotFoundException { FileName: { } name } when IsAssembly(name) => NotLoaded(name),
            FileLoadException { FileName: { } name } when IsAssembly(name) => NotLoaded(name),
            _ when Shortage.Is(exception) => Resource(
                $"Memory ran out: {Asked(exception.Message)} Take smaller images (--input-size, [data] crop) or batches "
                    + "(--set train.batch_size=…), or end other programs."),
            UnauthorizedAccessException => new(
                Name(FailureKind.Data), $"{exception.Message} The user who runs the command needs the right to it.", Terminal.ExitCode.Data),
            FileNotFoundException or DirectoryNotFoundException or EndOfStreamException or InvalidDataException or IOException =>
                new(Name(FailureKind.Data), exception.Message, Terminal.ExitCode.Data),
            _ => new("bug", $"This is a bug of Fovea: {exception.GetType().Name}: {FirstLine(exception.Message)} "
                + $"Please report it with the output of the same command and --verbose.", Terminal.ExitCode.Bug),
        };
    }

    private static Failure Resource(string message) => new(Name(FailureKind.Resource), message, Terminal.ExitCode.Resource);

    private static Failure NotLoaded(string assembly) => Resource(
        $"A part of the program cannot be loaded ({assembly.Split(',')[0]}): memory ran out (ulimit -v?), or it is missing. Give the same command with more memory.");

    /// <summary>Whether a file that was not found is one that the runtime looked for: data have no versions in their names.</summary>
    private static bool IsAssembly(string name) => name.Contains(", Version=", StringComparison.Ordinal);

    /// <summary>The kind's name in JSON: <c>configuration</c>, <c>data</c> …</summary>
    public static string Name(FailureKind kind) => kind.ToString().ToLowerInvariant();

    private static Exception Unwrap(Exception exception)
    {
        while (exception is AggregateException or TargetInvocationException && exception.InnerException is { } inner) exception = inner;
        return exception;
    }

    /// <summary>How much libtorch asked for, where it says it; else its first line.</summary>
    private static string Asked(string message) =>
        Bytes().Match(message) is { Success: true } match
            && double.TryParse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out double bytes)
            ? $"{Humane.Bytes((long)Math.Min(bytes, 1e18))} were asked for at once." : FirstLine(message);

    [GeneratedRegex(@"tried to allocate (\d+) bytes")]
    private static partial Regex Bytes();

    private static string FirstLine(string message)
    {
        string line = message.Split('\n', 2)[0].Trim();
        return line.EndsWith('.') ? line : line + ".";
    }
}
