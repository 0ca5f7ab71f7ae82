namespace Fovea;

/// <summary>What kind of failure an error is; the command turns it into an exit code (docs/reference/commands.md).</summary>
public enum FailureKind
{
    /// <summary>A recipe or option value is wrong (exit 2).</summary>
    Configuration = 2,

    /// <summary>Data or a file is missing, damaged or of the wrong shape (exit 3).</summary>
    Data = 3,

    /// <summary>The numbers went wrong: NaN, or every latent dead (exit 4).</summary>
    Numerical = 4,

    /// <summary>Memory, disk or device ran out (exit 5).</summary>
    Resource = 5,

    /// <summary>A check that was asked for failed (exit 6).</summary>
    Check = 6,
}

/// <summary>
/// An error that its reader can act on: the message says what happened, where, and what to do about it.
/// Everything the library throws on purpose, argument errors apart, is one of these.
/// </summary>
public class FoveaException(FailureKind kind, string message, Exception? inner = null) : Exception(Shown(message), inner)
{
    // Messages quote files, and a name in a file may be a megabyte long.
    private const int LongestMessage = 3000, KeptEnd = 500;

    /// <summary>The kind of failure.</summary>
    public FailureKind Kind { get; } = kind;

    /// <summary>A file or dataset is missing, damaged or of the wrong shape.</summary>
    public static FoveaException BadData(string message, Exception? inner = null) => new(FailureKind.Data, message, inner);

    /// <summary>A setting has a value that cannot be used.</summary>
    public static FoveaException BadConfiguration(string message, Exception? inner = null) =>
        new(FailureKind.Configuration, message, inner);

    /// <summary>A computation gave NaN or infinity, or nothing usable is left.</summary>
    public static FoveaException NumericalFailure(string message) => new(FailureKind.Numerical, message);

    /// <summary>Memory, disk or a device ran out.</summary>
    public static FoveaException OutOfResource(string message, Exception? inner = null) => new(FailureKind.Resource, message, inner);

    /// <summary>Its beginning and its end, where the advice stands, of one that is too long to be read.</summary>
    private static string Shown(string message) => message is not { Length: > LongestMessage } ? message
        : $"{message[..(LongestMessage - KeptEnd)]} … ({message.Length - LongestMessage} characters are left out) … {message[^KeptEnd..]}";
}
